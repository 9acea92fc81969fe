#include "index/formats/office/rtf_tokens.h"

#include <algorithm>
#include <charconv>

namespace callslip {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void RtfTokens::skip(std::size_t bytes) { pos_ += std::min(bytes, rtf_.size() - pos_); }

RtfToken RtfTokens::next() {
  while (pos_ < rtf_.size() && (rtf_[pos_] == '\r' || rtf_[pos_] == '\n' || rtf_[pos_] == '\0')) {
    ++pos_;
  }
  if (pos_ >= rtf_.size()) return {};
  const char c = rtf_[pos_];
  if (c == '{' || c == '}') {
    ++pos_;
    return {c == '{' ? RtfToken::Kind::open : RtfToken::Kind::close, {}, 0, false};
  }
  if (c == '\\') return control();
  constexpr std::string_view special("\\{}\r\n\0", 6);
  const std::size_t end = std::min(rtf_.find_first_of(special, pos_), rtf_.size());
  const RtfToken token{RtfToken::Kind::bytes, rtf_.substr(pos_, end - pos_), 0, false};
  pos_ = end;
  return token;
}

RtfToken RtfTokens::control() {
  ++pos_;
  if (pos_ >= rtf_.size()) return {};
  const std::size_t start = pos_;
  if (rtf_[pos_] == '\'') {
    int value = 0;
    const char* first = rtf_.data() + std::min(pos_ + 1, rtf_.size());
    const char* last = rtf_.data() + std::min(pos_ + 3, rtf_.size());
    const auto [end, error] = std::from_chars(first, last, value, 16);
    pos_ = error == std::errc() ? static_cast<std::size_t>(end - rtf_.data()) : pos_ + 1;
    return {RtfToken::Kind::hex, {}, error == std::errc() ? value : '?', true};
  }
  if (!is_letter(rtf_[pos_])) {
    ++pos_;
    return {RtfToken::Kind::symbol, rtf_.substr(start, 1), 0, false};
  }
  while (pos_ < rtf_.size() && pos_ - start < 32 && is_letter(rtf_[pos_])) ++pos_;
  RtfToken token{RtfToken::Kind::word, rtf_.substr(start, pos_ - start), 0, false};
  const bool negative = pos_ + 1 < rtf_.size() && rtf_[pos_] == '-' && is_digit(rtf_[pos_ + 1]);
  if (negative || (pos_ < rtf_.size() && is_digit(rtf_[pos_]))) {
    const auto [end, error] =
        std::from_chars(rtf_.data() + pos_, rtf_.data() + rtf_.size(), token.value);
    pos_ = static_cast<std::size_t>(end - rtf_.data());
    token.has_value = error == std::errc();
  }
  if (pos_ < rtf_.size() && rtf_[pos_] == ' ') ++pos_;
  return token;
}

}  // namespace callslip
