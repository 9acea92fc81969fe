#include "plugin/connect/yaml_text.h"

#include <yaml.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace callslip {
namespace {

using nlohmann::ordered_json;

constexpr int kDeepest = 100;

/// Where each character begins: libyaml counts characters.
std::vector<std::size_t> character_offsets(std::string_view text) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) offsets.push_back(i);
  }
  offsets.push_back(text.size());
  return offsets;
}

class Composer {
 public:
  explicit Composer(std::string_view text) : text_(text), offsets_(character_offsets(text)) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Composer(const Composer&) = delete;
  Composer& operator=(const Composer&) = delete;
  ~Composer() {
    release();
    yaml_parser_delete(&parser_);
  }

  Result<YamlNode> compose() {
    YamlNode root;
    next();  // the stream's start
    if (next() == YAML_DOCUMENT_START_EVENT) {
      next();
      root = node(0);
      next();  // its end
      if (next() != YAML_STREAM_END_EVENT) fail("a second document begins", event_.start_mark);
    }
    if (error_) return *error_;
    return root;
  }

 private:
  void release() {
    if (have_event_) yaml_event_delete(&event_);
    have_event_ = false;
  }

  void fail(const std::string& what, const yaml_mark_t& mark) {
    if (error_) return;
    error_ =
        Error{ErrorKind::invalid_argument, "line " + std::to_string(mark.line + 1) + ", column " +
                                               std::to_string(mark.column + 1) + ": " + what};
  }

  yaml_event_type_t next() {
    release();
    if (error_) return YAML_NO_EVENT;
    if (yaml_parser_parse(&parser_, &event_) == 0) {
      yaml_mark_t mark = parser_.problem_mark;
      if (parser_.error == YAML_READER_ERROR) {
        const auto bad = std::min<std::size_t>(parser_.problem_offset, text_.size());
        mark.line = static_cast<std::size_t>(
            std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(bad), '\n'));
        mark.column = 0;
      }
      fail(parser_.problem == nullptr ? "not YAML" : parser_.problem, mark);
      return YAML_NO_EVENT;
    }
    have_event_ = true;
    return event_.type;
  }

  std::size_t byte_at(const yaml_mark_t& mark) const {
    return offsets_[std::min(mark.index, offsets_.size() - 1)];
  }

  /// Of the current event, which it takes up to its end.
  YamlNode node(int depth) {
    YamlNode node;
    if (depth > kDeepest) fail("nested too deeply", event_.start_mark);
    if (error_) return node;
    node.begin = byte_at(event_.start_mark);
    node.end = byte_at(event_.end_mark);
    node.column = event_.start_mark.column;
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        scalar(node);
        break;
      case YAML_ALIAS_EVENT:
        node.kind = YamlNode::Kind::alias;
        node.text = reinterpret_cast<const char*>(event_.data.alias.anchor);
        break;
      case YAML_MAPPING_START_EVENT:
        node.kind = YamlNode::Kind::mapping;
        node.flow = event_.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        while (next() != YAML_MAPPING_END_EVENT && !error_) {
          YamlNode key = this->node(depth + 1);
          next();
          YamlNode value = this->node(depth + 1);
          node.end = std::max(key.end, value.end);
          node.pairs.emplace_back(std::move(key), std::move(value));
        }
        break;
      case YAML_SEQUENCE_START_EVENT:
        node.kind = YamlNode::Kind::sequence;
        node.flow = event_.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        while (next() != YAML_SEQUENCE_END_EVENT && !error_) {
          node.items.push_back(this->node(depth + 1));
          node.end = node.items.back().end;
        }
        break;
      default:
        break;
    }
    // A block ends, for libyaml, where the next thing begins.
    if (node.flow && !error_) node.end = byte_at(event_.end_mark);
    return node;
  }

  void scalar(YamlNode& node) const {
    const auto& scalar = event_.data.scalar;
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const bool nothing = node.plain && node.begin == node.end && node.text.empty();
    node.kind = nothing ? YamlNode::Kind::null : YamlNode::Kind::scalar;
  }

  const std::string_view text_;
  const std::vector<std::size_t> offsets_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool have_event_ = false;
  std::optional<Error> error_;
};

ordered_json plain_value(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  // A number is one that JSON would read; what else YAML takes for one stays as it is written.
  const auto number = ordered_json::parse(text, nullptr, false);
  return number.is_number() ? number : ordered_json(text);
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(pairs.rbegin(), pairs.rend(),
                                  [&](const auto& pair) { return pair.first.text == key; });
  return kind != Kind::mapping || found == pairs.rend() ? nullptr : &found->second;
}

Result<YamlNode> parse_yaml_text(std::string_view text) { return Composer(text).compose(); }

ordered_json yaml_value(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return nullptr;
    case YamlNode::Kind::scalar:
      return node.plain ? plain_value(node.text) : ordered_json(node.text);
    case YamlNode::Kind::alias:
      return "*" + node.text;
    case YamlNode::Kind::mapping: {
      ordered_json value = ordered_json::object();
      for (const auto& [key, item] : node.pairs) value[key.text] = yaml_value(item);
      return value;
    }
    case YamlNode::Kind::sequence: {
      ordered_json value = ordered_json::array();
      for (const YamlNode& item : node.items) value.push_back(yaml_value(item));
      return value;
    }
  }
  return nullptr;
}

}  // namespace callslip
