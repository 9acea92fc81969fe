#include "plugin/mcp/media_type.h"

#include <array>
#include <string_view>
#include <utility>

namespace callslip {
namespace {

/// Those with a name of their own; other code is text/x-TYPE.
constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kTypes{{
    {"text", "text/plain"},        {"log", "text/plain"},
    {"code", "text/plain"},        {"template", "text/plain"},
    {"markdown", "text/markdown"}, {"html", "text/html"},
    {"rst", "text/x-rst"},         {"asciidoc", "text/asciidoc"},
    {"latex", "text/x-tex"},       {"csv", "text/csv"},
    {"css", "text/css"},           {"javascript", "text/javascript"},
    {"cpp", "text/x-c++"},         {"shell", "text/x-shellscript"},
    {"json", "application/json"},  {"jsonl", "text/plain"},
    {"yaml", "application/yaml"},  {"toml", "application/toml"},
    {"xml", "application/xml"},    {"sql", "application/sql"},
}};

}  // namespace

std::string media_type(const Snapshot& snapshot, DocumentNumber document) {
  const DocumentRow& row = snapshot.document(document);
  if ((row.flags & DocumentRow::kExtracted) != 0) return "text/plain";
  const std::string_view type = snapshot.string(document, row.type);
  for (const auto& [known, media] : kTypes) {
    if (known == type) return std::string(media);
  }
  if ((row.flags & DocumentRow::kCode) == 0) return "text/plain";
  return "text/x-" + std::string(type);
}

}  // namespace callslip
