// PdfPage: the text of a PDF's page, and whether it is a picture of a text. One thread.
#pragma once

#include <poppler-page.h>

#include <string>
#include <vector>

#include "index/extract/page_layout.h"

namespace callslip {

/// The words in poppler's reading order, as page_layout.h wants them.
std::vector<PageWord> words_of(const poppler::page& page);

/// The page's lines as they are kept: valid UTF-8 without NUL and without characters that only
/// direct the layout; ligatures of Latin letters are letters. `gutters` is that of the document.
std::vector<PageLine> lines_of(const poppler::page& page, PageGutters& gutters);

/// How much of the page is dark, from 0 to 1; a scanned text covers 0.02 and more. 0 where that
/// cannot be told.
double ink_of(const poppler::page& page);

}  // namespace callslip
