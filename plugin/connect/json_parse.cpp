// The scanner behind json_text.h: JSON with positions, and comments where they are allowed.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "plugin/connect/json_text.h"

namespace callslip {
namespace {

constexpr int kDeepest = 100;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Scanner {
 public:
  Scanner(std::string_view text, const JsonDialect& dialect) : text_(text), dialect_(dialect) {}

  Result<JsonNode> parse() {
    if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ = kByteOrderMark.size();
    JsonNode root;
    skip_blank();
    if (!value(root, 0)) return error();
    skip_blank();
    if (!failed_ && at_ < text_.size()) fail("something follows the end of the value");
    if (failed_) return error();
    return root;
  }

 private:
  void fail(const std::string& what) {
    if (failed_) return;
    failed_ = what;
    failed_at_ = at_;
  }

  Error error() const {
    const std::size_t position = std::min(failed_at_, text_.size());
    const std::size_t line_start = text_.substr(0, position).rfind('\n');
    const std::size_t column =
        position - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
    return {ErrorKind::invalid_argument, "line " + std::to_string(line_of(text_, position)) +
                                             ", column " + std::to_string(column) + ": " +
                                             *failed_};
  }

  bool starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  void skip_blank() {
    while (at_ < text_.size() && !failed_) {
      if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (starts("//") || starts("/*")) {
        if (!dialect_.comments) return fail("a comment, which this file may not have");
        skip_comment();
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    const bool line = starts("//");
    const std::size_t end = text_.find(line ? "\n" : "*/", at_ + 2);
    if (end == std::string_view::npos && !line) return fail("the comment does not end");
    at_ = end == std::string_view::npos ? text_.size() : end + (line ? 1 : 2);
  }

  bool value(JsonNode& node, int depth) {
    if (depth > kDeepest) fail("nested too deeply");
    if (failed_) return false;
    node.begin = at_;
    if (starts("{")) {
      node.kind = JsonNode::Kind::object;
      members(node, '}', depth);
    } else if (starts("[")) {
      node.kind = JsonNode::Kind::array;
      members(node, ']', depth);
    } else {
      scalar();
    }
    node.end = at_;
    return !failed_;
  }

  void members(JsonNode& node, char close, int depth) {
    ++at_;
    for (bool first = true;; first = false) {
      skip_blank();
      if (failed_) return;
      if (at_ < text_.size() && text_[at_] == close) {
        ++at_;
        return;
      }
      if (!first) {
        if (!starts(",")) return fail(std::string("expected \",\" or \"") + close + "\"");
        const std::size_t comma = at_++;
        skip_blank();
        if (!failed_ && at_ < text_.size() && text_[at_] == close) {
          if (dialect_.comments) continue;
          at_ = comma;
          return fail(std::string("a comma before \"") + close + "\"");
        }
      }
      JsonMember member;
      member.begin = at_;
      if (node.kind == JsonNode::Kind::object && !key(member)) return;
      if (!value(member.value, depth + 1)) return;
      node.members.push_back(std::move(member));
    }
  }

  bool key(JsonMember& member) {
    if (!starts("\"")) {
      fail("expected a name in quotes");
      return false;
    }
    const std::size_t begin = at_;
    scalar();
    if (failed_) return false;
    member.key = nlohmann::json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
    skip_blank();
    if (!failed_ && !starts(":")) fail("expected \":\"");
    if (failed_) return false;
    ++at_;
    skip_blank();
    return !failed_;
  }

  void scalar() {
    std::size_t end = at_;
    if (starts("\"")) {
      for (++end; end < text_.size() && text_[end] != '"' && text_[end] != '\n';) {
        end += text_[end] == '\\' ? 2 : 1;
      }
      end = std::min(end + 1, text_.size());
    } else {
      while (end < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[end])) != 0 ||
                                    text_[end] == '-' || text_[end] == '+' || text_[end] == '.')) {
        ++end;
      }
    }
    if (end == at_)
      return fail(at_ == text_.size() ? "the file ends too early" : "expected a value");
    if (!nlohmann::json::accept(text_.substr(at_, end - at_))) {
      return fail(text_[at_] == '"' ? "a string that is not closed or has a bad character"
                                    : "expected a value");
    }
    at_ = end;
  }

  const std::string_view text_;
  const JsonDialect dialect_;
  std::size_t at_ = 0;
  std::optional<std::string> failed_;
  std::size_t failed_at_ = 0;
};

}  // namespace

Result<JsonNode> parse_json_text(std::string_view text, const JsonDialect& dialect) {
  return Scanner(text, dialect).parse();
}

nlohmann::ordered_json json_value(const JsonNode& node, std::string_view text) {
  if (node.kind == JsonNode::Kind::scalar) {
    return nlohmann::ordered_json::parse(text.substr(node.begin, node.end - node.begin));
  }
  nlohmann::ordered_json value = node.kind == JsonNode::Kind::object
                                     ? nlohmann::ordered_json::object()
                                     : nlohmann::ordered_json::array();
  for (const JsonMember& member : node.members) {
    if (node.kind == JsonNode::Kind::object) {
      value[member.key] = json_value(member.value, text);
    } else {
      value.push_back(json_value(member.value, text));
    }
  }
  return value;
}

std::size_t line_of(std::string_view text, std::size_t position) {
  std::size_t line = 1;
  for (const char c : text.substr(0, position)) line += c == '\n' ? 1 : 0;
  return line;
}

}  // namespace callslip
