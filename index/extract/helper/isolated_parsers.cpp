#include "index/extract/helper/isolated_parsers.h"

#include "index/extract/helper/hostile_parser.h"
#include "index/extract/helper_formats.h"

namespace callslip {

const Parser& isolated_parser_for(std::string_view name, std::string_view head) {
  if (const Parser* hostile = hostile_parser_for(head)) return *hostile;
  const Parser& known = parser_for(name, head);
  if (&known == &pdf_parser()) return poppler_parser();
  if (&known == &archive_parser()) return libarchive_parser();
  if (&known == &compressed_parser()) return decompressing_parser();
  return known;
}

}  // namespace callslip
