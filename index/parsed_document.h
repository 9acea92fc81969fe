// ParsedDocument: what a parser makes of a file: the canonical text and its outline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace callslip {

/// A heading of the text; it covers what follows, up to the next heading of its level or above.
struct Heading {
  std::size_t byte_start = 0;  // where its line (or its block) begins in the text
  int level = 1;               // 1 is the highest
  std::string text;            // without markup
  std::size_t byte_end = 0;    // where it ends before that, as a class does; 0: it does not
};

/// A page, slide or sheet of the text; it covers what follows, up to the next.
enum class PartKind { page, slide, sheet };
struct Part {
  std::size_t byte_start = 0;
  PartKind kind = PartKind::page;
  std::uint32_t number = 1;  // 1-based, as people count
  std::string name;          // a sheet's
};

/// How the text is to be cut: prose by headings, paragraphs and sentences; code by blank lines,
/// top-level blocks and lines.
enum class TextKind { prose, code };

struct ParsedDocument {
  std::string text;       // canonical UTF-8; the file's own bytes unless `extracted`
  std::string title;      // empty when the document names none
  std::string type;       // "markdown", "html", "text", "cpp", "python", "jsonl", ...
  std::string record_id;  // JSONL only: `_id`, so that the name is `file.jsonl#<record_id>`
  std::string member;     // of an archive: the path in it, so that the name is `file.zip/<member>`
  TextKind kind = TextKind::prose;
  bool extracted = false;         // the text is not the file's bytes: converted or extracted
  bool lossy = false;             // some bytes could not be decoded and became U+FFFD
  std::vector<Heading> headings;  // by byte_start, ascending
  std::vector<Part> parts;        // by byte_start, ascending
  /// Of a member that is no document: why ("image (PNG)"). Then only `member` is set beside it;
  /// sinks name it in their report and index nothing.
  std::string skipped;
};

}  // namespace callslip
