#include "index/formats/markdown_inline.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>
#include <vector>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

bool is_punctuation(char c) { return std::ispunct(static_cast<unsigned char>(c)) != 0; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

/// Walks the line once and keeps what is not markup. Delimiter runs (* _ ~) go into the output and
/// are cut out at the end, when it is known which of them have a partner.
class InlineStripper {
 public:
  explicit InlineStripper(std::string_view line) : line_(line) {}

  std::string strip() {
    while (pos_ < line_.size()) {
      if (!code() && !escape() && !tag() && !bracket() && !entity() && !emphasis()) {
        out_ += line_[pos_++];
      }
    }
    pair_delimiters();
    return std::move(out_);
  }

 private:
  struct Delimiter {
    std::size_t at;  // in out_
    std::size_t length;
    std::size_t cut;  // how many of them are markup
    bool opens;
    bool closes;
  };

  std::string_view rest() const { return line_.substr(pos_); }

  bool code() {
    if (line_[pos_] != '`') return false;
    const std::size_t ticks = leading(rest(), '`');
    for (std::size_t at = pos_ + ticks;
         failures_ < max_failures && (at = line_.find('`', at)) != line_.npos;) {
      const std::size_t run = leading(line_.substr(at), '`');
      if (run == ticks) {
        out_ += trimmed(line_.substr(pos_ + ticks, at - pos_ - ticks));
        pos_ = at + run;
        return true;
      }
      at += run;
    }
    ++failures_;
    out_.append(ticks, '`');
    pos_ += ticks;
    return true;
  }

  bool escape() {
    if (line_[pos_] != '\\' || pos_ + 1 >= line_.size() || !is_punctuation(line_[pos_ + 1])) {
      return false;
    }
    out_ += line_[pos_ + 1];
    pos_ += 2;
    return true;
  }

  /// Drops a tag that is known as inline HTML, so that "vector<int>" stays; <https://…> loses its
  /// angle brackets.
  bool tag() {
    static constexpr std::string_view known =
        " a abbr b br center cite code del div em font i img ins kbd mark p q s samp small span "
        "strike strong sub sup tt u var wbr ";
    if (line_[pos_] != '<') return false;
    const std::size_t end = line_.find('>', pos_);
    if (end == line_.npos) return false;
    const std::string_view inside = line_.substr(pos_ + 1, end - pos_ - 1);
    const bool is_link = inside.find("://") != inside.npos || inside.find('@') != inside.npos;
    if (is_link && inside.find_first_of(" <\"") == inside.npos) {
      out_ += inside;
      pos_ = end + 1;
      return true;
    }
    const std::string_view name = inside.substr(inside.starts_with('/') ? 1 : 0);
    const std::size_t length =
        std::min(name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                 name.size());
    const bool ends_there = length == name.size() || is_space(name[length]) || name[length] == '/';
    const std::string padded = " " + ascii_lower(name.substr(0, length)) + " ";
    const bool comment = inside.starts_with("!--");
    if (!comment && (length == 0 || !ends_there || known.find(padded) == known.npos)) return false;
    pos_ = end + 1;
    return true;
  }

  /// The length of a bracketed or parenthesised group at `at`, or 0.
  std::size_t group_length(std::size_t at, char open, char close) const {
    if (at >= line_.size() || line_[at] != open) return 0;
    std::size_t depth = 0;
    for (std::size_t i = at; i < line_.size(); ++i) {
      if (line_[i] == '\\') {
        ++i;
      } else if (line_[i] == open) {
        ++depth;
      } else if (line_[i] == close && --depth == 0) {
        return i + 1 - at;
      }
    }
    return 0;
  }

  /// [text](target), [text][label], [text][], ![description](target): the text is stripped in
  /// turn. A lone [text] keeps its brackets, for it may well be no link.
  bool bracket() {
    const std::size_t open = pos_ + (line_[pos_] == '!' ? 1 : 0);
    if (open >= line_.size() || line_[open] != '[') return false;
    if (nesting_ > max_nesting || failures_ >= max_failures) return false;
    const std::size_t length = group_length(open, '[', ']');
    if (length == 0) ++failures_;
    if (length == 0) return false;
    const std::size_t after = open + length;
    std::size_t target = group_length(after, '(', ')');
    if (target == 0) target = group_length(after, '[', ']');
    if (target == 0) return false;
    InlineStripper inner(line_.substr(open + 1, length - 2));
    inner.nesting_ = nesting_ + 1;
    out_ += inner.strip();
    pos_ = after + target;
    return true;
  }

  bool entity() {
    static constexpr std::pair<std::string_view, std::string_view> entities[] = {
        {"&amp;", "&"},  {"&lt;", "<"},  {"&gt;", ">"},  {"&quot;", "\""},
        {"&nbsp;", " "}, {"&#39;", "'"}, {"&apos;", "'"}};
    if (line_[pos_] != '&') return false;
    for (const auto& [name, character] : entities) {
      if (!rest().starts_with(name)) continue;
      out_ += character;
      pos_ += name.size();
      return true;
    }
    return false;
  }

  bool emphasis() {
    const char c = line_[pos_];
    if (c != '*' && c != '_' && c != '~') return false;
    const std::size_t length = leading(rest(), c);
    const char before = pos_ == 0 ? ' ' : line_[pos_ - 1];
    const char after = pos_ + length < line_.size() ? line_[pos_ + length] : ' ';
    bool opens =
        !is_space(after) && (!is_punctuation(after) || is_space(before) || is_punctuation(before));
    bool closes =
        !is_space(before) && (!is_punctuation(before) || is_space(after) || is_punctuation(after));
    if (c == '_') {  // not inside a word: snake_case_name
      const bool both = opens && closes;
      opens = opens && (!both || is_punctuation(before));
      closes = closes && (!both || is_punctuation(after));
    }
    if (c == '~' && length != 2) opens = closes = false;
    delimiters_.push_back({out_.size(), length, 0, opens, closes});
    out_.append(length, c);
    pos_ += length;
    return true;
  }

  void pair_delimiters() {
    for (std::size_t i = 0; i < delimiters_.size(); ++i) {
      Delimiter& closer = delimiters_[i];
      if (!closer.closes) continue;
      const std::size_t reach = i > max_reach ? i - max_reach : 0;
      for (std::size_t j = i; j > reach && closer.cut < closer.length; --j) {
        Delimiter& opener = delimiters_[j - 1];
        if (!opener.opens || out_[opener.at] != out_[closer.at]) continue;
        const std::size_t cut = std::min(opener.length - opener.cut, closer.length - closer.cut);
        opener.cut += cut;
        closer.cut += cut;
      }
    }
    for (std::size_t i = delimiters_.size(); i > 0; --i) {
      out_.erase(delimiters_[i - 1].at, delimiters_[i - 1].cut);
    }
  }

  static constexpr int max_nesting = 4;
  static constexpr std::size_t max_reach = 50;
  static constexpr int max_failures = 30;  // of searches for a partner; each may see the whole line

  std::string_view line_;
  std::size_t pos_ = 0;
  int nesting_ = 0;
  int failures_ = 0;
  std::string out_;
  std::vector<Delimiter> delimiters_;
};

}  // namespace

std::string strip_markdown_inline(std::string_view line) {
  // A heading is cut at 200 bytes in the end; markup beyond a few thousand cannot matter.
  return InlineStripper(line.substr(0, 4096)).strip();
}

}  // namespace callslip
