// Formats whose parsers only callslip-extract links: the server knows how to tell them.
#pragma once

#include "index/formats/parser.h"

namespace callslip {

/// Their parse() is for Extractor to call elsewhere; called here it is an Error.
const Parser& pdf_parser();
const Parser& archive_parser();     // ZIP, TAR, 7z, RAR: by their names
const Parser& compressed_parser();  // .gz, .zst, .bz2, .xz of one file

/// "notes.txt" for "notes.txt.gz"; empty for what is not compressed, and for archives.
std::string_view name_inside_compressed(std::string_view name);

}  // namespace callslip
