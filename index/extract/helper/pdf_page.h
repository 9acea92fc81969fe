// PdfPage: the text of a PDF's page, and whether it is a picture of a text. One thread.
#pragma once

#include <poppler-page.h>

#include <string>
#include <vector>

#include "index/extract/page_layout.h"

namespace callslip {

/// The words in poppler's reading order, as page_layout.h wants them.
std::vector<PageWord> words_of(const poppler::page& page);

/// The page's text as it is kept: valid UTF-8 without NUL and without characters that only direct
/// the layout; ligatures of Latin letters are letters.
std::string text_of(const poppler::page& page);

/// Whether the page shows something, and so much of it that a text may be in it.
bool shows_picture(const poppler::page& page);

}  // namespace callslip
