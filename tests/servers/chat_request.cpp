#include "tests/servers/chat_request.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace callslip::oracle {
namespace {

/// Walks over JSON without building it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  char peek() {
    while (pos_ < text_.size() && static_cast<unsigned char>(text_[pos_]) <= ' ') ++pos_;
    return pos_ < text_.size() ? text_[pos_] : '\0';
  }
  bool at_end() { return peek() == '\0' && pos_ == text_.size(); }

  void expect(char wanted) {
    if (peek() != wanted) {
      throw std::invalid_argument("the body is not JSON: wanted '" + std::string(1, wanted) +
                                  "' at byte " + std::to_string(pos_));
    }
    ++pos_;
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++pos_;
    return true;
  }

  /// Calls on_member(name) for each; it must consume the value.
  template <class OnMember>
  void object(const OnMember& on_member) {
    expect('{');
    if (take('}')) return;
    do {
      std::string name;
      string(name);
      expect(':');
      on_member(name);
    } while (take(','));
    expect('}');
  }

  template <class OnElement>
  void array(const OnElement& on_element) {
    expect('[');
    if (take(']')) return;
    do {
      on_element();
    } while (take(','));
    expect(']');
  }

  /// Appends the string's text.
  void string(std::string& out) {
    expect('"');
    std::size_t quote = text_.find('"', pos_);
    while (true) {
      if (quote == text_.npos)
        throw std::invalid_argument("the body is not JSON: a string is open");
      const std::size_t escaped = text_.substr(0, quote).find('\\', pos_);
      out.append(text_, pos_, std::min(quote, escaped) - pos_);
      if (escaped == text_.npos) break;
      pos_ = escaped + 1;
      escape(out);
      if (pos_ > quote) quote = text_.find('"', pos_);
    }
    pos_ = quote + 1;
  }

  std::size_t position() const { return pos_; }

  /// Consumes any value and returns it as it stands.
  std::string_view value() {
    peek();
    const std::size_t start = pos_;
    skip(0);
    return text_.substr(start, pos_ - start);
  }

 private:
  void skip(int depth) {
    if (depth > 64) throw std::invalid_argument("the body is nested too deeply");
    switch (peek()) {
      case '{':
        return object([&](const std::string&) { skip(depth + 1); });
      case '[':
        return array([&] { skip(depth + 1); });
      case '"': {
        std::string unused;
        return string(unused);
      }
      default:
        const std::size_t start = pos_;
        while (pos_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[pos_])) != 0 ||
                std::string_view("+-.").find(text_[pos_]) != std::string_view::npos)) {
          ++pos_;
        }
        if (pos_ == start) {
          throw std::invalid_argument("the body is not JSON at byte " + std::to_string(pos_));
        }
    }
  }

  std::uint32_t hex4() {
    std::uint32_t code = 0;
    const char* const start = text_.data() + pos_;
    if (pos_ + 4 > text_.size() || std::from_chars(start, start + 4, code, 16).ptr != start + 4) {
      throw std::invalid_argument("the body is not JSON: a broken \\u escape");
    }
    pos_ += 4;
    return code;
  }

  void escape(std::string& out) {
    const char c = pos_ < text_.size() ? text_[pos_++] : '\0';
    constexpr std::string_view from = "\"\\/bfnrt";
    constexpr std::string_view to = "\"\\/\b\f\n\r\t";
    if (const std::size_t at = from.find(c); at != from.npos) {
      out += to[at];
      return;
    }
    if (c != 'u') throw std::invalid_argument("the body is not JSON: a broken escape");
    std::uint32_t code = hex4();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(pos_, 2) == "\\u") {
      pos_ += 2;
      code = 0x10000 + ((code - 0xD800) << 10U) + ((hex4() - 0xDC00) & 0x3FFU);
    }
    if (code < 0x80) {
      out += static_cast<char>(code);
      return;
    }
    const auto tail = [&](unsigned shift) {
      out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
    };
    if (code < 0x800) {
      out += static_cast<char>(0xC0U | (code >> 6U));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0U | (code >> 12U));
      tail(6);
    } else {
      out += static_cast<char>(0xF0U | (code >> 18U));
      tail(12);
      tail(6);
    }
    tail(0);
  }

  std::string_view text_;
  std::size_t pos_ = 0;
};

/// A string, or an array of {"type": "text", "text": "..."}.
void read_content(Scanner& json, std::string& out) {
  if (json.peek() == '"') {
    json.string(out);
  } else if (json.peek() == '[') {
    json.array([&] {
      json.object([&](const std::string& name) {
        if (name == "text" && json.peek() == '"') {
          json.string(out);
        } else {
          json.value();
        }
      });
    });
  } else {
    json.value();
  }
}

std::string attribute(std::string_view attributes, std::string_view name) {
  const std::string start = " " + std::string(name) + "=\"";
  const std::size_t at = attributes.find(start);
  if (at == attributes.npos) return {};
  const std::size_t from = at + start.size();
  return std::string(attributes.substr(from, attributes.find('"', from) - from));
}

/// The next block of that name from `pos` on; [start, end) is what it takes with its tags.
bool next_block(std::string_view text, std::string_view name, std::size_t pos, Block& block,
                std::size_t& start, std::size_t& end) {
  const std::string opening = "<" + std::string(name);
  for (start = text.find(opening, pos); start != text.npos; start = text.find(opening, start + 1)) {
    if (start > 0 && text[start - 1] != '\n') continue;
    const std::size_t line_end = text.find('\n', start);
    if (line_end == text.npos) return false;
    const std::string_view head = text.substr(start + 1, line_end - start - 1);
    if (!head.ends_with('>')) continue;
    const std::string_view tag = head.substr(0, head.find_first_of(" >"));
    const std::string_view tail = tag.substr(name.size());
    if (!tail.empty() && tail[0] != '-') continue;
    const std::string closing = "\n</" + std::string(tag) + ">";
    const std::size_t close = text.find(closing, line_end);
    if (close == text.npos) continue;
    block.id = attribute(head, "id");
    block.text = close > line_end ? text.substr(line_end + 1, close - line_end - 1) : "";
    end = close + closing.size();
    return true;
  }
  return false;
}

}  // namespace

ChatRequest::ChatRequest(std::string_view body) {
  Scanner json(body);
  std::string users;
  json.object([&](const std::string& name) {
    parameters.push_back(name);
    if (name != "messages") {
      const std::string_view value = json.value();
      if (name == "response_format" && value != "null") response_format = value;
      if (name == "max_tokens" || name == "max_completion_tokens") {
        std::from_chars(value.data(), value.data() + value.size(), max_tokens);
      }
      return;
    }
    const std::size_t start = json.position();
    json.array([&] {
      std::string role;
      std::string content;
      json.object([&](const std::string& member) {
        if (member == "role" && json.peek() == '"') {
          json.string(role);
        } else if (member == "content") {
          read_content(json, content);
        } else {
          json.value();
        }
      });
      (role == "user" ? users : prompt).append(content).append("\n");
    });
    messages = body.substr(start, json.position() - start);
  });
  if (!json.at_end()) throw std::invalid_argument("the body goes on after its JSON");
  if (messages.empty()) throw std::invalid_argument("'messages' is required");

  const std::size_t users_start = prompt.size();
  prompt += users;
  rest = prompt.substr(0, users_start);
  const std::string_view text = std::string_view(prompt).substr(users_start);
  for (const bool is_passage : {true, false}) {
    std::size_t pos = 0;
    std::size_t start = 0;
    std::size_t end = 0;
    Block block;
    while (next_block(text, is_passage ? "passage" : "evidence", pos, block, start, end)) {
      rest.append(text, pos, start - pos);
      pos = end;
      (is_passage ? passages : evidence).push_back(block);
    }
    if (pos > 0 || !is_passage) rest.append(text, pos);
    if (!passages.empty()) break;  // what looks like evidence then stands in a passage
  }
}

bool ChatRequest::has(std::string_view parameter) const {
  return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
}

}  // namespace callslip::oracle
