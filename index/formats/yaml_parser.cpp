// YAML: the text is the file's. Keys whose values take several lines head those lines, three levels
// deep; so do the items of lists that begin with a name ("- name: Install nginx").
//
// By lines rather than with a parser, so that templates and files with mistakes in them have an
// outline too.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr std::size_t deepest = 3;
constexpr std::size_t most_headings = 20'000;

struct Entry {
  std::string_view key;
  std::string_view value;
};

/// "key: value" or "'key':" at the beginning of the text.
std::optional<Entry> entry_at(std::string_view text) {
  std::size_t colon = 0;
  if (text.starts_with('"') || text.starts_with('\'')) {
    const std::size_t end = text.find(text[0], 1);
    if (end == text.npos || !text.substr(end + 1).starts_with(':')) return std::nullopt;
    colon = end + 1;
  } else {
    if (text.empty() || std::string_view("#[]{},&*!|>%@`-?").find(text[0]) != text.npos) {
      return std::nullopt;
    }
    colon = text.find(':');
    while (colon != text.npos && colon + 1 < text.size() && text[colon + 1] != ' ' &&
           text[colon + 1] != '\t') {
      colon = text.find(':', colon + 1);
    }
    if (colon == text.npos || text.substr(0, colon).find(" #") != text.npos) return std::nullopt;
  }
  std::string_view key = trimmed(text.substr(0, colon));
  if (key.size() > 1 && (key[0] == '"' || key[0] == '\'')) key = key.substr(1, key.size() - 2);
  if (key.empty() || key.size() > 200) return std::nullopt;
  return Entry{key, trimmed(text.substr(colon + 1))};
}

std::string_view unquoted(std::string_view value) {
  value = trimmed(value.substr(0, value.find(" #")));
  const bool quoted =
      value.size() > 1 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0];
  return quoted ? value.substr(1, value.size() - 2) : value;
}

/// Whether a block of text follows: "|", ">-", ...
bool opens_block_text(std::string_view value) {
  return value.starts_with('|') || value.starts_with('>');
}

/// Whether what a key says is in the lines below it.
bool goes_on_below(std::string_view value) {
  return value.empty() || value[0] == '#' || value[0] == '&' || value[0] == '!' ||
         opens_block_text(value);
}

class YamlOutline {
 public:
  explicit YamlOutline(std::string_view text) : text_(text) {}

  std::vector<Heading> find() {
    LineScanner lines(text_);
    for (TextLine line; lines.next(line) && headings_.size() < most_headings;) {
      if (!line.blank()) take(line);
    }
    drop_candidate();
    return std::move(headings_);
  }

 private:
  void take(const TextLine& line) {
    const std::size_t indent = leading(line.text, ' ');
    if (block_text_) {
      if (indent > *block_text_) {
        candidate_ = false;  // the text is what the key heads
        return;
      }
      block_text_.reset();
    }
    std::string_view content = line.text.substr(indent);
    if (content.starts_with('#')) return;
    if (content.starts_with("---") || content.starts_with("...")) {
      drop_candidate();
      indents_.clear();
      return;
    }
    // Lists may stand as far to the left as the key above them.
    std::size_t column = indent;
    bool item = false;
    while (content.starts_with("- ")) {
      const std::size_t step = 1 + leading(content.substr(1), ' ');
      content.remove_prefix(std::min(step, content.size()));
      column += step;
      item = true;
    }
    const std::size_t place = item ? 2 * indent + 1 : 2 * indent;
    if (candidate_ && place <= candidate_place_) drop_candidate();
    candidate_ = false;
    while (!indents_.empty() && indents_.back() >= place) indents_.pop_back();
    const std::optional<Entry> entry = entry_at(content);
    if (!entry) return;
    if (opens_block_text(entry->value)) block_text_ = column;
    if (indents_.size() >= deepest) return;
    if (item) {
      const bool name = entry->key == "name" || entry->key == "title" || entry->key == "id" ||
                        entry->key == "alias" || entry->key == "job_name";
      if (name && !unquoted(entry->value).empty()) add(line.start, place, unquoted(entry->value));
    } else if (goes_on_below(entry->value)) {
      add(line.start, place, entry->key);
    }
  }

  /// A heading, unless nothing turns out to be below it.
  void add(std::size_t start, std::size_t place, std::string_view text) {
    std::string clean = clean_heading(text);
    if (clean.empty()) return;
    indents_.push_back(place);
    headings_.push_back({start, static_cast<int>(indents_.size()), std::move(clean)});
    candidate_ = true;
    candidate_place_ = place;
  }

  void drop_candidate() {
    if (candidate_) {
      headings_.pop_back();
      indents_.pop_back();
    }
    candidate_ = false;
  }

  std::string_view text_;
  std::vector<std::size_t> indents_;  // of the headings that are open
  std::vector<Heading> headings_;
  bool candidate_ = false;  // the last heading has nothing below it yet
  std::size_t candidate_place_ = 0;
  std::optional<std::size_t> block_text_;  // inside text of a key in that column
};

class YamlParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override {
    const std::string extension = file_extension(name);
    return extension == "yaml" || extension == "yml";
  }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> document = make_text_document(std::move(bytes), "yaml", TextKind::code);
    if (!document) return document.error();
    document->headings = YamlOutline(document->text).find();
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& yaml_parser();
const Parser& yaml_parser() {
  static const YamlParser parser;
  return parser;
}

}  // namespace callslip
