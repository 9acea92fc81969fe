#include "plugin/connect/config_merge.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "plugin/connect/entry_merge.h"
#include "plugin/connect/json_text.h"
#include "plugin/connect/yaml_edit.h"

namespace callslip {
namespace {

using nlohmann::ordered_json;

Error wrong_shape(std::string_view text, std::size_t position, const std::string& what) {
  return {ErrorKind::invalid_argument,
          "line " + std::to_string(line_of(text, position)) + ": " + what};
}

/// Why the wanted value does not fit into the existing one.
std::optional<Error> misfit(const JsonNode& root, std::string_view text,
                            const ordered_json& wanted) {
  if (root.kind != JsonNode::Kind::object) {
    return wrong_shape(text, root.begin, "not an object in braces");
  }
  for (const auto& [section, entries] : wanted.items()) {
    if (!entries.is_structured()) continue;
    std::size_t count = 0;
    for (const JsonMember& member : root.members) count += member.key == section ? 1 : 0;
    const JsonNode* found = find_json(root, {section});
    if (count > 1) return wrong_shape(text, found->begin, "\"" + section + "\" stands there twice");
    const auto kind = entries.is_object() ? JsonNode::Kind::object : JsonNode::Kind::array;
    if (found != nullptr && found->kind != kind) {
      return wrong_shape(text, found->begin,
                         "\"" + section + "\" is not " +
                             (entries.is_object() ? "an object in braces" : "a list in brackets"));
    }
  }
  return std::nullopt;
}

class JsonMerge {
 public:
  JsonMerge(std::string_view text, const JsonDialect& dialect) : text_(text), dialect_(dialect) {}

  const std::string& text() const { return text_; }

  void entry(const JsonPath& path, const ordered_json& wanted) {
    const ordered_json existing = at(path);
    if (!existing.is_object() || !wanted.is_object()) {
      if (!same_value(existing, wanted)) set(path, wanted);
      return;
    }
    JsonPath member = path;
    member.emplace_back();
    for (const auto& [key, value] : wanted.items()) {
      member.back() = key;
      if (!existing.contains(key) || !same_value(existing[key], value)) set(member, value);
    }
    for (const auto& [key, value] : existing.items()) {
      member.back() = key;
      if (is_connection_key(key) && !wanted.contains(key)) {
        text_ = remove_json(text_, dialect_, member);
      }
    }
  }

  void all(const ordered_json& wanted) {
    for (const auto& [section, entries] : wanted.items()) {
      if (!entries.is_structured()) continue;
      const ordered_json existing = at({section});
      if (existing.is_null()) {
        set({section}, entries);
        continue;
      }
      for (const auto& [name, value] : entries.items()) {
        if (entries.is_object()) {
          entry({section, name}, value);
        } else {
          entry({section, find_entry(existing, value).value_or(existing.size())}, value);
        }
      }
    }
  }

 private:
  ordered_json at(const JsonPath& path) const {
    const auto root = parse_json_text(text_, dialect_);
    const JsonNode* node = find_json(*root, path);
    return node == nullptr ? ordered_json() : json_value(*node, text_);
  }

  void set(const JsonPath& path, const ordered_json& value) {
    text_ = set_json(text_, dialect_, path, value);
  }

  std::string text_;
  const JsonDialect dialect_;
};

/// A bug in an editor must not cost anybody their configuration.
Error not_safe() {
  return {ErrorKind::unsupported, "it is written in a way that cannot be added to safely"};
}

Result<std::string> merge_json(std::string_view existing, std::string_view wanted,
                               ConfigFormat format) {
  const JsonDialect dialect{format == ConfigFormat::jsonc};
  const auto root = parse_json_text(existing, dialect);
  if (!root) return root.error();
  const ordered_json value = ordered_json::parse(wanted);
  if (auto error = misfit(*root, existing, value)) return *error;
  const ordered_json expected = merge_values(json_value(*root, existing), value);
  JsonMerge merge(existing, dialect);
  merge.all(value);
  const auto result = parse_json_text(merge.text(), dialect);
  if (!result || !same_value(json_value(*result, merge.text()), expected)) return not_safe();
  return merge.text();
}

Result<std::string> merge_yaml(std::string_view existing, std::string_view wanted) {
  const auto before = parse_yaml_text(existing);
  if (!before) return before.error();
  const auto addition = parse_yaml_text(wanted);
  if (!addition) return addition.error();
  const ordered_json value = yaml_value(*addition);
  std::string text(existing);
  for (const auto& [section, entries] : value.items()) {
    if (!entries.is_structured()) continue;
    auto edited = add_yaml_entries(text, section, wanted);
    if (!edited) return edited.error();
    text = std::move(*edited);
  }
  const auto after = parse_yaml_text(text);
  if (!after || !same_value(yaml_value(*after), merge_values(yaml_value(*before), value))) {
    return not_safe();
  }
  return text;
}

}  // namespace

Result<std::string> merge_config(std::string_view existing, std::string_view wanted,
                                 ConfigFormat format) {
  if (existing.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::string(wanted);
  if (format == ConfigFormat::text) return not_safe();
  return format == ConfigFormat::yaml ? merge_yaml(existing, wanted)
                                      : merge_json(existing, wanted, format);
}

}  // namespace callslip
