// Parser: the seam for document formats. One per format, listed in format_list.h.
//
// Parsers are stateless: any thread may call them. They read bytes, never the file system.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

/// What users may say about parsing. Passed on to the helper process too.
struct ParseOptions {
  std::vector<std::string> passwords;  // tried in turn on encrypted files
  bool ocr = false;                    // read scanned pages with tesseract
};

class Parser {
 public:
  /// Takes each document of the file in turn. An error stops the parse and is returned.
  using Sink = std::function<Status(ParsedDocument)>;

  virtual ~Parser() = default;

  /// Whether this parser is the one for a file, by its name (base name, any case) and its first
  /// bytes (up to 4 KiB).
  virtual bool accepts(std::string_view name, std::string_view head) const = 0;

  /// Parses the whole file. Errors: ErrorKind::unsupported with the reason in a few words
  /// ("binary file", "not a JSONL record: line 7: ...").
  virtual Status parse(std::string_view name, std::string bytes, const ParseOptions& options,
                       const Sink& sink) const = 0;

  /// Whether the bytes are for a sandboxed process to parse: every binary format.
  virtual bool isolated() const { return false; }
};

/// The parser for a file; text is the last resort. Never null.
const Parser& parser_for(std::string_view name, std::string_view head);

/// Whether the file is a JSONL file, which holds one document a line. It may be of any size.
bool is_jsonl(std::string_view name);

/// Whether the file is a collection, whose documents have names of their own: JSONL, or a mailbox.
bool is_collection(std::string_view name);

}  // namespace callslip
