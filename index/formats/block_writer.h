// BlockWriter: writes the canonical text of an extracted document block by block, and notes where
// headings and parts begin.
//
// For parsers of structured formats. Belongs to one thread. What is written becomes valid UTF-8;
// no-break spaces become spaces; soft hyphens, zero-width spaces and control characters go. The
// text is at most 256 MiB: what is written beyond is dropped and full() says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index/formats/markdown_table.h"
#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

class BlockWriter {
 public:
  /// A block of its own, blank lines around it. Line ends in it stay. Blank text is nothing.
  void paragraph(std::string_view text);

  /// A paragraph in one line that heads what follows.
  void heading(int level, std::string_view text);

  /// A heading that is not in the text: it covers what is written next.
  void context(int level, std::string_view text);

  /// An item of a list, "  - text"; `depth` from 0. Items follow each other without blank lines.
  void item(std::size_t depth, std::string_view marker, std::string_view text);

  /// A line of a block of lines (a sheet's row): no blank line between two of them.
  void line(std::string_view text);

  /// Text as it is (code, other formatted text), as a block.
  void verbatim(std::string_view text);

  /// A Markdown table.
  void table(const MarkdownTable& table);

  /// The next block begins a page, slide or sheet.
  void part(PartKind kind, std::uint32_t number, std::string_view name = {});

  /// The next line or item begins a block of its own.
  void gap() { last_ = Block::none; }

  /// Appends another document: its text as a block, its headings so much deeper.
  void append(const ParsedDocument& document, int deeper);

  bool empty() const { return text_.empty(); }
  bool full() const { return full_; }
  const std::vector<Heading>& headings() const { return headings_; }

  /// The document; the writer is empty then. Error: the text was more than 256 MiB.
  Result<ParsedDocument> finish(std::string_view type, std::string_view title);

  /// The first of the highest headings, for a document that names no title.
  std::string top_heading() const;

 private:
  enum class Block { none, paragraph, item, line };

  /// Begins a block and settles what awaits it. False: there is no room.
  bool begin(Block block);

  std::string text_;
  std::vector<Heading> headings_;
  std::vector<Part> parts_;
  std::vector<Heading> awaiting_;  // contexts
  std::vector<Part> next_part_;    // at most one
  Block last_ = Block::none;
  bool full_ = false;
};

/// What `write` writes to `*out`, which is another writer meanwhile, as the text of one block: a
/// cell's or a note's.
std::string written_apart(BlockWriter*& out, const std::function<void()>& write);

/// The text as BlockWriter writes it, without white space at its ends and before line ends.
std::string clean_block(std::string_view text);

/// The same, in one line.
std::string clean_line(std::string_view text);

}  // namespace callslip
