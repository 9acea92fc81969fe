// TextBuilder: lays extracted text out in lines and paragraphs, collapsing whitespace on the way.
//
// For parsers that extract text from markup. Belongs to one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace callslip {

class TextBuilder {
 public:
  /// Running text: whitespace (no-break spaces too) becomes one space or, at the ends of lines,
  /// nothing; soft hyphens and zero-width spaces go.
  void text(std::string_view utf8);

  /// Preformatted text, as it is.
  void verbatim(std::string_view utf8);

  /// Ends the line; the next text begins `lines` lines further down (2: after a blank line), once,
  /// however many ask for it. In one-line mode it is a space.
  void line_break(std::size_t lines);

  /// Ends the line even if it is empty: <br>. At most one blank line comes of it.
  void forced_break();

  /// Begins a line with a prefix, for instance "- ", which later text follows directly.
  /// Without any text the prefix is taken back at the next item or at the end of this one.
  void begin_item(std::string_view prefix);
  void end_item();

  /// Writes " | " and the like: as it is, without the spaces that await text.
  void separator(std::string_view text);

  /// While on, breaks are spaces: headings and the cells of tables are one line each.
  void one_line(bool on) { one_line_ += on ? 1 : -1; }
  bool is_one_line() const { return one_line_ > 0; }

  /// Where the next text will begin. Writes the breaks that are due.
  std::size_t settle();

  std::size_t size() const { return text_.size(); }
  std::string_view view() const { return text_; }
  std::size_t line_start() const { return text_.rfind('\n') + 1; }  // 0 if there is no line end
  bool at_line_start() const { return text_.empty() || text_.back() == '\n'; }

  /// Removes what was written after `size`.
  void truncate(std::size_t size) { text_.resize(size); }

  /// The text, which ends with one line end unless it is empty.
  std::string take();

 private:
  void trim_line_end();

  std::string text_;
  std::size_t breaks_ = 0;  // line ends due before the next text
  bool space_ = false;      // a space is due before the next text of this line
  std::size_t item_start_ = 0;
  bool item_ = false;  // an item's prefix was written and no text yet
  int one_line_ = 0;
};

}  // namespace callslip
