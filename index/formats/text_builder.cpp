#include "index/formats/text_builder.h"

#include <algorithm>
#include <utility>

namespace callslip {

void TextBuilder::trim_line_end() {
  while (!text_.empty() && (text_.back() == ' ' || text_.back() == '\t')) text_.pop_back();
}

std::size_t TextBuilder::settle() {
  if (breaks_ > 0 && !text_.empty()) {
    trim_line_end();
    std::size_t have = 0;
    while (have < breaks_ && have < text_.size() && text_[text_.size() - 1 - have] == '\n') ++have;
    text_.append(breaks_ - have, '\n');
    space_ = false;
  }
  breaks_ = 0;
  if (space_ && !at_line_start() && text_.back() != ' ') text_ += ' ';
  space_ = false;
  item_ = false;
  return text_.size();
}

void TextBuilder::text(std::string_view utf8) {
  constexpr std::string_view special = " \t\n\r\f\xC2\xE2";
  for (std::size_t pos = 0; pos < utf8.size();) {
    const std::size_t end = std::min(utf8.find_first_of(special, pos), utf8.size());
    if (end > pos) {
      settle();
      text_ += utf8.substr(pos, end - pos);
      pos = end;
      continue;
    }
    const std::string_view rest = utf8.substr(pos);
    if (rest.starts_with("\xC2\xA0")) {  // no-break space
      space_ = true;
      pos += 2;
    } else if (rest.starts_with("\xC2\xAD")) {  // soft hyphen
      pos += 2;
    } else if (rest.starts_with("\xE2\x80\x8B")) {  // zero-width space
      pos += 3;
    } else if (rest[0] == '\xC2' || rest[0] == '\xE2') {
      const std::size_t length = rest[0] == '\xC2' ? 2 : 3;
      settle();
      text_ += rest.substr(0, length);
      pos += length;
    } else {
      space_ = true;
      ++pos;
    }
  }
}

void TextBuilder::verbatim(std::string_view utf8) {
  if (utf8.empty()) return;
  settle();
  text_ += utf8;
}

void TextBuilder::line_break(std::size_t lines) {
  if (is_one_line()) {
    space_ = true;
  } else if (!item_) {  // an item's first block begins on the line of its prefix
    breaks_ = std::max(breaks_, lines);
  }
}

void TextBuilder::forced_break() {
  if (is_one_line()) {
    space_ = true;
  } else {
    breaks_ = std::min<std::size_t>(breaks_ + 1, 2);
  }
}

void TextBuilder::begin_item(std::string_view prefix) {
  end_item();
  line_break(1);
  item_start_ = settle();
  text_ += prefix;
  item_ = !is_one_line();
}

void TextBuilder::end_item() {
  if (item_) text_.resize(item_start_);
  item_ = false;
}

void TextBuilder::separator(std::string_view text) {
  settle();
  trim_line_end();
  text_ += text;
  space_ = false;
}

std::string TextBuilder::take() {
  while (!text_.empty() && (text_.back() == '\n' || text_.back() == ' ' || text_.back() == '\t')) {
    text_.pop_back();
  }
  if (!text_.empty()) text_ += '\n';
  breaks_ = 0;
  space_ = item_ = false;
  return std::exchange(text_, {});
}

}  // namespace callslip
