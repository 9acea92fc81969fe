// JSON: the text is the file's. Keys whose values take several lines head those lines, three levels
// deep; so do the elements of arrays, by a name that they give themselves or by their number.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr std::size_t deepest = 3;
constexpr std::size_t most_headings = 20'000;

/// Finds the entries in one pass over the bytes. It does not have to be valid JSON: comments and
/// trailing commas are common in configuration.
class JsonOutline {
 public:
  explicit JsonOutline(std::string_view text) : text_(text) {}

  std::vector<Heading> find() {
    if (text_.starts_with("\xEF\xBB\xBF")) pos_ = 3;
    for (; pos_ < text_.size() && headings_.size() < most_headings; ++pos_) step();
    headings_.erase(std::remove_if(headings_.begin(), headings_.end(),
                                   [](const Heading& heading) { return heading.text.empty(); }),
                    headings_.end());
    return std::move(headings_);
  }

 private:
  struct Level {
    bool array = false;
    std::size_t elements = 0;
    std::size_t heading = std::string::npos;  // the one of this level's value, in headings_
    std::size_t line = 0;                     // where it begins
    bool named = false;                       // its heading is its own name
  };

  void step() {
    const char c = text_[pos_];
    switch (c) {
      case '"':
        string();
        break;
      case '{':
      case '[':
        open(c == '[');
        break;
      case '}':
      case ']':
        close();
        break;
      case '/':
        comment();
        break;
      case ',':
        if (!levels_.empty()) ++levels_.back().elements;
        key_.clear();
        break;
      case '\n':
        ++line_;
        line_start_ = pos_ + 1;
        break;
      default:
        break;
    }
  }

  void comment() {
    const std::string_view rest = text_.substr(pos_);
    if (rest.starts_with("//")) {
      pos_ = std::min(text_.find('\n', pos_), text_.size()) - 1;
    } else if (rest.starts_with("/*")) {
      const std::size_t end = std::min(text_.find("*/", pos_ + 2), text_.size());
      line_ += static_cast<std::size_t>(
          std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(end - pos_), '\n'));
      pos_ = std::min(end + 1, text_.size() - 1);
    }
  }

  /// Ends on the closing quote.
  void string() {
    const std::size_t start = ++pos_;
    while (pos_ < text_.size() && text_[pos_] != '"' && text_[pos_] != '\n') {
      if (text_[pos_] == '\\') ++pos_;
      ++pos_;
    }
    const std::size_t end = std::min(pos_, text_.size());
    const std::string_view value = text_.substr(start, end - start);
    if (pos_ < text_.size() && text_[pos_] == '\n') --pos_;  // unfinished
    std::size_t next = std::min(text_.find_first_not_of(" \t\r\n", end + 1), text_.size());
    if (next < text_.size() && text_[next] == ':') {
      key_ = value;
      key_start_ = start - 1;
    } else if (!key_.empty()) {
      take_name(value);
    }
  }

  /// An element that says what it is called is headed by that.
  void take_name(std::string_view value) {
    if (levels_.empty() || levels_.back().array || levels_.back().heading == std::string::npos) {
      return;
    }
    Level& level = levels_.back();
    const bool is_name = key_ == "name" || key_ == "title" || key_ == "id" || key_ == "label";
    if (!is_name || level.named || value.empty() || value.size() > 100) return;
    if (levels_.size() < 2 || !levels_[levels_.size() - 2].array) return;
    headings_[level.heading].text = clean_heading(value);
    level.named = true;
  }

  void open(bool array) {
    Level level;
    level.array = array;
    level.line = line_;
    const std::size_t depth = levels_.size();  // of what is opened
    if (depth >= 1 && depth <= deepest) {
      const bool in_array = levels_.back().array;
      std::size_t start = in_array ? pos_ : key_start_;
      const bool first_of_line = text_.find_first_not_of(" \t", line_start_) == start;
      start = line_start_;
      const std::string text =
          in_array ? "[" + std::to_string(levels_.back().elements) + "]" : clean_heading(key_);
      if (first_of_line && !text.empty() &&
          (headings_.empty() || headings_.back().byte_start < start)) {
        level.heading = headings_.size();
        headings_.push_back({start, static_cast<int>(depth), text});
      }
    }
    key_.clear();
    levels_.push_back(level);
  }

  void close() {
    if (levels_.empty()) return;
    const Level level = levels_.back();
    levels_.pop_back();
    key_.clear();
    // A value in one line needs no heading.
    if (level.heading != std::string::npos && level.line == line_) {
      headings_[level.heading].text.clear();
      if (level.heading + 1 == headings_.size()) headings_.pop_back();
    }
  }

  std::string_view text_;
  std::size_t pos_ = 0;
  std::size_t line_ = 0;
  std::size_t line_start_ = 0;
  std::string key_;  // the key whose value comes next
  std::size_t key_start_ = 0;
  std::vector<Level> levels_;
  std::vector<Heading> headings_;
};

class JsonParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override {
    const std::string extension = " " + file_extension(name) + " ";
    constexpr std::string_view known = " json json5 jsonc geojson webmanifest har avsc ";
    return extension.size() > 2 && known.find(extension) != known.npos;
  }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> document = make_text_document(std::move(bytes), "json", TextKind::code);
    if (!document) return document.error();
    document->headings = JsonOutline(document->text).find();
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& json_parser();
const Parser& json_parser() {
  static const JsonParser parser;
  return parser;
}

}  // namespace callslip
