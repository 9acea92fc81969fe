// Formats whose parsers only callslip-extract links: the server knows how to tell them.
#pragma once

#include "index/formats/parser.h"

namespace callslip {

/// In the server their parse() is an Error: Extractor has it called elsewhere.
const Parser& pdf_parser();
const Parser& archive_parser();     // ZIP, TAR, 7z, RAR: by their names
const Parser& compressed_parser();  // .gz, .zst, .bz2, .xz of one file

/// The parsers themselves, in callslip-extract: called once, before anything is parsed.
struct HelperParsers {
  const Parser* pdf = nullptr;
  const Parser* archive = nullptr;
  const Parser* compressed = nullptr;
};
void use_helper_parsers(const HelperParsers& parsers);

/// "notes.txt" for "notes.txt.gz"; empty for what is not compressed, and for archives.
std::string_view name_inside_compressed(std::string_view name);

}  // namespace callslip
