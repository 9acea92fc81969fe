#include "index/formats/parser.h"

#include "index/extract/helper_formats.h"
#include "index/formats/text_document.h"

namespace callslip {

// One line per format: the function that returns its parser, which its own file defines. The first
// that accepts a file gets it: formats known by name come before those known by content.
#define CALLSLIP_PARSERS(FORMAT) \
  FORMAT(pdf_parser)             \
  FORMAT(package_parser)         \
  FORMAT(compound_parser)        \
  FORMAT(rtf_parser)             \
  FORMAT(archive_parser)         \
  FORMAT(compressed_parser)      \
  FORMAT(jsonl_parser)           \
  FORMAT(markdown_parser)        \
  FORMAT(rst_parser)             \
  FORMAT(asciidoc_parser)        \
  FORMAT(csv_parser)             \
  FORMAT(json_parser)            \
  FORMAT(yaml_parser)            \
  FORMAT(notebook_parser)        \
  FORMAT(man_parser)             \
  FORMAT(code_parser)            \
  FORMAT(html_parser)            \
  FORMAT(mail_parser)            \
  FORMAT(plain_text_parser)

#define CALLSLIP_DECLARE(function) const Parser& function();  // NOLINT(bugprone-macro-parentheses)
#define CALLSLIP_LIST(function) &(function),

CALLSLIP_PARSERS(CALLSLIP_DECLARE)

const Parser& parser_for(std::string_view name, std::string_view head) {
  using Accessor = const Parser& (*)();
  static constexpr Accessor parsers[] = {CALLSLIP_PARSERS(CALLSLIP_LIST)};
  for (const Accessor parser : parsers) {
    if (parser().accepts(name, head)) return parser();
  }
  return plain_text_parser();
}

bool is_jsonl(std::string_view name) {
  const std::string extension = file_extension(name);
  return extension == "jsonl" || extension == "ndjson";
}

bool is_collection(std::string_view name) {
  if (const std::string_view inner = name_inside_compressed(name); !inner.empty()) name = inner;
  return is_jsonl(name) || file_extension(name) == "mbox";
}

}  // namespace callslip
