#include "index/formats/parser.h"

#include "index/formats/format_list.h"
#include "index/formats/isolated_format.h"
#include "index/formats/recognition.h"
#include "index/formats/text_document.h"

namespace callslip {

#define CALLSLIP_DECLARE(name) const Parser& name##_parser();
CALLSLIP_FORMATS(CALLSLIP_DECLARE, CALLSLIP_NO_FORMAT)

const Parser& parser_for(std::string_view name, std::string_view head) {
#define CALLSLIP_OWN(format) &format##_parser(),
#define CALLSLIP_ISOLATED(format) &isolated_format(IsolatedFormat::format),
  static const Parser* const parsers[] = {CALLSLIP_FORMATS(CALLSLIP_OWN, CALLSLIP_ISOLATED)};
  for (const Parser* parser : parsers) {
    if (parser->accepts(name, head)) return *parser;
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
