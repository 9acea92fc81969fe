// Every format that is read, one line each. The first that accepts a file gets it: formats known by
// name come before those known by content.
//
// OWN(name): the server parses it itself; `const Parser& name_parser()` is its parser, which its
// own file defines. ISOLATED(name): only callslip-extract parses it; `is_name` (recognition.h)
// tells it, `parse_name` (a file in office/, mail/ or extract/helper/) reads it.
#pragma once

#include <cstdint>

namespace callslip {

/// Raised when a parser or the chunker reads files differently than before, or a format is new: an
/// index that was made before then reads all its files again, once.
inline constexpr std::uint64_t kReadersRevision = 1;

}  // namespace callslip

#define CALLSLIP_FORMATS(OWN, ISOLATED) \
  ISOLATED(pdf)                         \
  ISOLATED(package)                     \
  ISOLATED(compound)                    \
  ISOLATED(rtf)                         \
  ISOLATED(archive)                     \
  ISOLATED(compressed)                  \
  OWN(jsonl)                            \
  OWN(markdown)                         \
  OWN(rst)                              \
  OWN(asciidoc)                         \
  OWN(csv)                              \
  OWN(json)                             \
  OWN(yaml)                             \
  OWN(notebook)                         \
  OWN(man)                              \
  OWN(code)                             \
  OWN(html)                             \
  ISOLATED(mail)                        \
  OWN(plain_text)

#define CALLSLIP_NO_FORMAT(name)
