#include "index/formats/html_filter.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "index/formats/html_elements.h"
#include "index/formats/html_tag.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr std::size_t max_depth = 512;  // as deep as browsers go

class HtmlFilter {
 public:
  HtmlFilter(std::string_view html, bool xhtml) : html_(html), xhtml_(xhtml) {
    result_.markup.reserve(html.size() / 2);
    result_.markup += "<!DOCTYPE html>";  // else tables would stay inside paragraphs
  }

  FilteredHtml run() {
    while (pos_ < html_.size()) {
      const std::size_t open = std::min(html_.find('<', pos_), html_.size());
      text(html_.substr(pos_, open - pos_));
      pos_ = open;
      if (pos_ < html_.size()) markup();
    }
    return std::move(result_);
  }

 private:
  void text(std::string_view text) {
    if (!note_.empty()) {
      std::string_view own = trimmed(text);
      if (!own.empty()) {
        result_.markup += "[^" + note_ + "]: ";
        // What the note begins with may be its number.
        if (own.starts_with(note_) && (own.size() == note_.size() || own[note_.size()] == '.')) {
          own.remove_prefix(std::min(note_.size() + 1, own.size()));
          text = text.substr(static_cast<std::size_t>(own.data() - text.data()));
        }
        note_.clear();
      }
    }
    result_.markup += text;
  }

  void markup() {
    const char next = pos_ + 1 < html_.size() ? html_[pos_ + 1] : ' ';
    const char second = pos_ + 2 < html_.size() ? html_[pos_ + 2] : ' ';
    if (is_html_letter(next) || (next == '/' && is_html_letter(second))) {
      tag();
    } else if (next == '!' || next == '?' || next == '/') {
      declaration();
    } else {
      result_.markup += "&lt;";  // "a < b"
      ++pos_;
    }
  }

  /// Comments, doctypes, processing instructions and CDATA. Only CDATA in XHTML has text.
  void declaration() {
    const std::string_view rest = html_.substr(pos_);
    if (rest.starts_with("<!--")) {
      // "<!-->" is a whole comment. One that never ends must not swallow the page.
      const std::size_t end = endless_comment_ ? html_.npos : html_.find("-->", pos_ + 2);
      endless_comment_ = end == html_.npos;
      if (endless_comment_) result_.markup += '\n';
      skip_to(endless_comment_ ? html_.find('>', pos_) : end + 2);
      return;
    }
    if (xhtml_ && rest.starts_with("<![CDATA[")) {
      const std::size_t end = std::min(html_.find("]]>", pos_), html_.size());
      escape(html_.substr(pos_ + 9, end - pos_ - 9));
      pos_ = std::min(end + 3, html_.size());
      return;
    }
    skip_to(html_.find('>', pos_));
  }

  void skip_to(std::size_t last) { pos_ = last == html_.npos ? html_.size() : last + 1; }

  void escape(std::string_view text) {
    for (const char c : text) {
      if (c == '<') {
        result_.markup += "&lt;";
      } else if (c == '&') {
        result_.markup += "&amp;";
      } else {
        result_.markup += c;
      }
    }
  }

  void tag() {
    const HtmlTag tag = read_html_tag(html_, pos_);
    if (tag.next == html_.npos) {
      // The page ends inside a tag, or a quote is missing: resume behind the next '>'.
      skip_to(html_.find('>', pos_));
      return;
    }
    pos_ = tag.next;
    if (tag.id == GUMBO_TAG_A && !tag.is_end && note_link(tag)) return;
    if (!tag.anchor.empty()) begin_note(tag);
    const HtmlTraits& traits = traits_of(tag.id);
    if (traits.role == HtmlRole::inline_tag) return;
    if (tag.is_end) {
      end_tag(tag, traits);
      return;
    }
    const bool has_content = !(xhtml_ && tag.self_closing);
    switch (traits.role) {
      case HtmlRole::dropped:
        if (has_content) skip_element(tag.id);
        break;
      case HtmlRole::verbatim:
        if (has_content) copy_verbatim(tag.id);
        break;
      case HtmlRole::empty:
        open_.prepare(tag.id);
        write_start(tag);
        break;
      default:
        start_tag(tag);
        break;
    }
  }

  static bool says(std::string_view attribute, std::initializer_list<std::string_view> words) {
    std::string_view rest = unquoted(attribute);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
      if (std::find(words.begin(), words.end(), rest.substr(0, end)) != words.end()) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
  }

  /// A reference to a note becomes "[^1]", and is passed by; so is a link back from a note.
  bool note_link(const HtmlTag& tag) {
    constexpr std::size_t farthest = 400;  // where the link's end is looked for
    constexpr std::size_t longest = 8;
    const bool back = says(tag.role, {"doc-backlink"}) || says(tag.kind, {"backlink"});
    if (!back && !says(tag.role, {"doc-noteref"}) && !says(tag.kind, {"noteref"})) return false;
    const std::size_t end = html_.substr(pos_, farthest).find("</a>");
    if (end == html_.npos) return false;
    std::string label;
    bool in_tag = false;
    for (const char c : html_.substr(pos_, end)) {
      in_tag = c == '<' || (in_tag && c != '>');
      const bool mark = c == '>' || c == '[' || c == ']' || c == '(' || c == ')';
      if (!in_tag && !mark && !is_html_space(c)) label += c;
    }
    if (!back && (label.empty() || label.size() > longest)) return false;
    pos_ += end + 4;
    if (back) return true;
    result_.markup += "[^" + label + "]";
    const std::string_view href = unquoted(tag.href);
    const std::size_t hash = href.find('#');
    if (hash != href.npos) labels_.emplace(href.substr(hash + 1), label);
    return true;
  }

  /// The text that follows is a note's.
  void begin_note(const HtmlTag& tag) {
    if (!says(tag.role, {"doc-footnote", "doc-endnote"}) &&
        !says(tag.kind, {"footnote", "endnote", "rearnote"})) {
      return;
    }
    const auto label = labels_.find(unquoted(tag.anchor));
    if (label != labels_.end()) note_ = label->second;
  }

  void start_tag(const HtmlTag& tag) {
    if (!open_.prepare(tag.id) || open_.depth() >= max_depth) {
      result_.markup += '\n';  // the text stays, apart from what precedes it
      return;
    }
    write_start(tag);
    if (xhtml_ && tag.self_closing) {
      write_end(tag.id);
    } else {
      open_.push(tag.id);
    }
  }

  void end_tag(const HtmlTag& tag, const HtmlTraits& traits) {
    if (traits.role == HtmlRole::structural && open_.close(tag.id)) {
      write_end(tag.id);
    } else if (tag.id == GUMBO_TAG_BR) {
      result_.markup += "<br>";  // browsers take </br> for <br>
    } else if (traits.role == HtmlRole::structural) {
      result_.markup += '\n';  // it closes nothing; at least it parts words
    }
  }

  void write_start(const HtmlTag& tag) {
    ++result_.elements;
    result_.markup += '<';
    result_.markup += gumbo_normalized_tagname(tag.id);
    if (tag.id == GUMBO_TAG_IMG) write_attribute("alt", tag.alt);
    write_attribute("role", tag.role);
    if (tag.id == GUMBO_TAG_TD || tag.id == GUMBO_TAG_TH) {
      write_attribute("colspan", tag.colspan);
    } else if (tag.id == GUMBO_TAG_OL) {
      write_attribute("start", tag.start);
      write_attribute("type", tag.type);
    } else if (tag.id == GUMBO_TAG_LI) {
      write_attribute("value", tag.value);
      if (!note_.empty()) write_attribute("data-note", "1");  // its mark is number enough
    }
    result_.markup += '>';
  }

  void write_attribute(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    result_.markup += ' ';
    result_.markup += name;
    result_.markup += '=';
    result_.markup += value;
    result_.markup += ' ';  // so that an unquoted value cannot swallow a slash or the '>'
  }

  void write_end(GumboTag tag) {
    result_.markup += "</";
    result_.markup += gumbo_normalized_tagname(tag);
    result_.markup += '>';
  }

  /// Where the next tag "<name" or "</name" begins at or after `from`, whichever is asked for.
  std::size_t find_tag(std::string_view opening, GumboTag tag, std::size_t from) const {
    const std::string_view name = gumbo_normalized_tagname(tag);
    for (std::size_t at = from; (at = html_.find(opening, at)) != html_.npos; ++at) {
      const std::size_t start = at + opening.size();
      const std::size_t end = start + name.size();
      if (end < html_.size() && is_html_letter(html_[end])) continue;
      if (ascii_lower(html_.substr(start, name.size())) == name) return at;
    }
    return html_.npos;
  }

  /// Skips to behind the element's end tag. Templates and SVG nest; scripts and styles do not.
  void skip_element(GumboTag tag) {
    const bool raw = tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE;
    if (missing_end_[tag]) return;
    const bool nests = tag == GUMBO_TAG_TEMPLATE || tag == GUMBO_TAG_SVG;
    std::size_t end = find_tag("</", tag, pos_);
    if (nests) {
      std::size_t inner = find_tag("<", tag, pos_);
      while (end != html_.npos && inner < end) {
        inner = find_tag("<", tag, inner + 1);
        const std::size_t next_end = find_tag("</", tag, end + 1);
        if (next_end == html_.npos) break;
        end = next_end;
      }
    }
    if (end == html_.npos) {
      // Without an end tag: code is dropped to the page's end, other content is kept.
      if (raw) pos_ = html_.size();
      missing_end_[tag] = true;
      return;
    }
    skip_to(html_.find('>', end));
  }

  void copy_verbatim(GumboTag tag) {
    if (missing_end_[tag]) return;
    const std::size_t end = find_tag("</", tag, pos_);
    if (end == html_.npos) {
      missing_end_[tag] = true;  // do not let it swallow the page, nor search again
      return;
    }
    open_.prepare(tag);
    HtmlTag start;
    start.id = tag;
    write_start(start);
    result_.markup += html_.substr(pos_, end - pos_);
    write_end(tag);
    skip_to(html_.find('>', end));
  }

  std::string_view html_;
  bool xhtml_;
  std::size_t pos_ = 0;
  OpenElements open_;
  std::array<bool, GUMBO_TAG_LAST + 1> missing_end_{};  // found to have no end tag further on
  bool endless_comment_ = false;                        // no comment ends further on
  std::map<std::string_view, std::string> labels_;      // of the notes that were referred to, by id
  std::string note_;  // the label of the note whose text is about to begin
  FilteredHtml result_;
};

}  // namespace

FilteredHtml filter_html(std::string_view html, bool xhtml) {
  return HtmlFilter(html, xhtml).run();
}

}  // namespace callslip
