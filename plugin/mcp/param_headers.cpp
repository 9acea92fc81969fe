#include "plugin/mcp/param_headers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace callslip {
namespace {

using nlohmann::json;

constexpr int kMaxNesting = 16;

/// A field name's characters (RFC 9110).
bool is_token(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
  });
}

/// The header that a property asks for; empty: none, or one that it must not ask for.
std::string header_of(const json& property) {
  const auto name = property.find("x-mcp-header");
  const auto type = property.find("type");
  if (name == property.end() || !name->is_string() || type == property.end()) return {};
  if (*type != "string" && *type != "integer" && *type != "boolean") return {};
  auto header = name->get<std::string>();
  if (!is_token(header)) return {};
  std::transform(header.begin(), header.end(), header.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return "mcp-param-" + header;
}

void collect(const json& schema, std::vector<std::string>& path,
             std::vector<ParamHeaders::Param>& found) {
  const auto properties = schema.is_object() ? schema.find("properties") : schema.end();
  if (properties == schema.end() || !properties->is_object() || path.size() > kMaxNesting) return;
  for (const auto& [name, property] : properties->items()) {
    if (!property.is_object()) continue;
    path.push_back(name);
    const std::string header = header_of(property);
    if (!header.empty()) found.push_back({header, path});
    collect(property, path, found);
    path.pop_back();
  }
}

}  // namespace

void ParamHeaders::add(const std::string& tool, const json& input_schema) {
  std::vector<std::string> path;
  std::vector<Param> found;
  collect(input_schema, path, found);
  // Two that share a name are both invalid: nobody could tell which is meant.
  std::map<std::string, int> uses;
  for (const Param& param : found) ++uses[param.header];
  std::erase_if(found, [&](const Param& param) { return uses[param.header] > 1; });
  if (!found.empty()) tools_[tool] = std::move(found);
}

const std::vector<ParamHeaders::Param>& ParamHeaders::of(const std::string& tool) const {
  static const std::vector<Param> none;
  const auto found = tools_.find(tool);
  return found == tools_.end() ? none : found->second;
}

}  // namespace callslip
