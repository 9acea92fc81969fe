#include "plugin/connect/entry_merge.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace callslip {

using nlohmann::ordered_json;

bool is_connection_key(const std::string& key) {
  static constexpr std::array<std::string_view, 9> keys{
      "type", "transport", "command", "args", "url", "baseUrl", "serverUrl", "httpUrl", "source"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

ordered_json merge_entry(const ordered_json& existing, const ordered_json& wanted) {
  if (!existing.is_object() || !wanted.is_object()) return wanted;
  ordered_json merged = ordered_json::object();
  for (const auto& [key, value] : existing.items()) {
    if (wanted.contains(key) || !is_connection_key(key)) merged[key] = value;
  }
  for (const auto& [key, value] : wanted.items()) merged[key] = value;
  return merged;
}

std::optional<std::size_t> find_entry(const ordered_json& array, const ordered_json& wanted) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    for (const char* key : {"name", "id"}) {
      if (array[i].is_object() && wanted.contains(key) && array[i].contains(key) &&
          array[i][key] == wanted[key]) {
        return i;
      }
    }
  }
  return std::nullopt;
}

ordered_json merge_values(const ordered_json& existing, const ordered_json& wanted) {
  ordered_json merged = existing.is_null() ? ordered_json::object() : existing;
  for (const auto& [section, entries] : wanted.items()) {
    if (!entries.is_structured()) continue;  // of a new file only
    ordered_json& target = merged[section];
    if (target.is_null())
      target = entries.is_object() ? ordered_json::object() : ordered_json::array();
    for (const auto& [name, entry] : entries.items()) {
      if (entries.is_object()) {
        target[name] = target.contains(name) ? merge_entry(target[name], entry) : entry;
      } else if (const auto position = find_entry(target, entry)) {
        target[*position] = merge_entry(target[*position], entry);
      } else {
        target.push_back(entry);
      }
    }
  }
  return merged;
}

bool same_value(const ordered_json& a, const ordered_json& b) {
  return nlohmann::json(a) == nlohmann::json(b);
}

}  // namespace callslip
