// TextBlock: the text that a tool sends, built within a budget of tokens that it never exceeds.
//
// Every part that is added is counted, headers and separators included. With the estimator a sum
// over parts never is below the whole; with an exact tokenizer each part is given a token more, for
// the place where it meets the next. Belongs to one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/parsed_document.h"
#include "index/tokens/token_counter.h"
#include "tools/found_chunk.h"

namespace callslip {

class TextBlock {
 public:
  TextBlock(const TokenCounter& counter, std::size_t max_tokens)
      : counter_(counter), max_tokens_(max_tokens) {}

  /// Tokens of the text.
  std::size_t total() const { return counter_.exact() ? counter_.count(text_) : used_; }
  std::size_t left() const { return max_tokens_ > used_ ? max_tokens_ - used_ : 0; }
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

  /// Keeps room for what must come last.
  void reserve(std::size_t tokens) { used_ += tokens; }
  void release(std::size_t tokens) { used_ -= tokens; }

  /// Adds a part when it fits. `tokens`: of the part, where they are known.
  bool add(std::string_view part);
  bool add(std::string_view part, std::size_t tokens);

  /// Takes back what was added since the block had this state.
  struct Mark {
    std::size_t bytes = 0;
    std::size_t used = 0;
  };
  Mark mark() const { return {text_.size(), used_}; }
  void rewind(Mark mark);

  /// The text of an earlier copy of this block.
  void restore(const TextBlock& copy) {
    text_ = copy.text_;
    used_ = copy.used_;
  }

  /// What adding the part would take.
  std::size_t cost(std::string_view part) const {
    return counter_.count(part) + (counter_.exact() ? 1 : 0);
  }
  /// How many tokens a part may have when so much is added around it.
  std::size_t room_beside(std::size_t around) const {
    const std::size_t taken = around + (counter_.exact() ? 1 : 0);
    return left() > taken ? left() - taken : 0;
  }

  const TokenCounter& counter() const { return counter_; }
  std::size_t count(std::string_view text) const { return counter_.count(text); }

 private:
  const TokenCounter& counter_;
  const std::size_t max_tokens_;
  std::string text_;
  std::size_t used_ = 0;
};

/// Below this there is room for a chunk and where it goes on, but for little else.
inline constexpr std::size_t tight_budget = 160;

/// "1 document", "2 documents".
std::string quantity(std::uint64_t count, std::string_view noun);

/// One line that says what was clamped or ignored; left out of a tight budget where nothing else
/// would be left of it.
void add_notes(TextBlock& block, const std::vector<std::string>& notes, bool tight);

/// A name or a title, for a line of its own kind: it comes from a file, and must neither end the
/// line nor fill the page. A long one keeps its end.
std::string on_its_line(std::string_view name);

/// ", page 3", as it follows a place's lines; empty where there are no parts.
std::string part_mark(const PartLocation& part);

/// "[3] papers/a.md:10-42 | Install > Debian | 4f2akq81v0z:9": shorter where the room is short.
std::string chunk_header(const FoundChunk& chunk, std::size_t number, std::size_t max_tokens,
                         const TokenCounter& counter);

/// The longest beginning of a text of at most `max_tokens` that ends with a sentence; else with a
/// line, a word, a character.
std::string_view cut_to_tokens(std::string_view text, TextKind kind, std::size_t max_tokens,
                               const TokenCounter& counter);

}  // namespace callslip
