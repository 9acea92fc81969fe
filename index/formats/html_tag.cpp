#include "index/formats/html_tag.h"

#include <utility>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

class TagReader {
 public:
  TagReader(std::string_view html, std::size_t start) : html_(html), pos_(start + 1) {}

  HtmlTag read() {
    tag_.is_end = html_[pos_] == '/';
    if (tag_.is_end) ++pos_;
    const std::size_t name = pos_;
    skip_until("/>");
    const std::size_t length = pos_ - name;
    if (length <= 16) {  // no known name is longer
      tag_.id = gumbo_tagn_enum(html_.data() + name, static_cast<unsigned>(length));
    }
    while (pos_ < html_.size()) {
      const char c = html_[pos_];
      if (c == '>') {
        tag_.next = pos_ + 1;
        break;
      }
      if (c == '/' || is_html_space(c)) {
        tag_.self_closing = c == '/';
        ++pos_;
      } else {
        tag_.self_closing = false;
        attribute();
      }
    }
    return tag_;
  }

 private:
  void skip_until(std::string_view stops) {
    while (pos_ < html_.size() && !is_html_space(html_[pos_]) &&
           stops.find(html_[pos_]) == stops.npos) {
      ++pos_;
    }
  }
  void skip_spaces() {
    while (pos_ < html_.size() && is_html_space(html_[pos_])) ++pos_;
  }

  void attribute() {
    const std::size_t start = pos_++;  // the first character may be '='
    skip_until("/>=");
    const std::string_view name = html_.substr(start, pos_ - start);
    skip_spaces();
    if (pos_ >= html_.size() || html_[pos_] != '=') return;
    ++pos_;
    skip_spaces();
    const std::string_view read = value();
    static constexpr std::pair<std::string_view, std::string_view HtmlTag::*> known[] = {
        {"alt", &HtmlTag::alt},     {"role", &HtmlTag::role}, {"colspan", &HtmlTag::colspan},
        {"start", &HtmlTag::start}, {"type", &HtmlTag::type}, {"value", &HtmlTag::value},
        {"href", &HtmlTag::href},   {"id", &HtmlTag::anchor}, {"epub:type", &HtmlTag::kind}};
    for (const auto& [wanted, member] : known) {
      if (name.size() == wanted.size() && ascii_lower(name) == wanted) tag_.*member = read;
    }
  }

  std::string_view value() {
    if (pos_ >= html_.size()) return {};
    const std::size_t start = pos_;
    const char quote = html_[pos_];
    if (quote == '"' || quote == '\'') {
      const std::size_t end = html_.find(quote, pos_ + 1);
      pos_ = end == html_.npos ? html_.size() : end + 1;
    } else {
      skip_until(">");
    }
    return html_.substr(start, pos_ - start);
  }

  std::string_view html_;
  std::size_t pos_;
  HtmlTag tag_;
};

}  // namespace

std::string_view unquoted(std::string_view value) {
  if (value.empty() || (value[0] != '"' && value[0] != '\'')) return value;
  const char quote = value[0];
  value.remove_prefix(1);
  if (value.ends_with(quote)) value.remove_suffix(1);
  return value;
}

HtmlTag read_html_tag(std::string_view html, std::size_t start) {
  return TagReader(html, start).read();
}

}  // namespace callslip
