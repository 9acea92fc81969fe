#include "plugin/connect/front_end.h"

#include <algorithm>

#include "plugin/manifests.h"

namespace callslip {
namespace {

constexpr std::string_view kTokenLine = "?token";

/// The next line without its end; `text` is left with the rest.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

ConfigFormat format_named(std::string_view name) {
  if (name == "jsonc") return ConfigFormat::jsonc;
  if (name == "yaml") return ConfigFormat::yaml;
  if (name == "text") return ConfigFormat::text;
  return ConfigFormat::json;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

bool FrontEnd::starts_server() const {
  return body.find("@ARGS@") != std::string::npos || body.find("@WORDS@") != std::string::npos;
}

bool FrontEnd::needs_token_itself() const { return body.find("@TOKEN@") != std::string::npos; }

std::string FrontEnd::render(std::string_view text,
                             const std::map<std::string, std::string>& values,
                             bool with_token) const {
  std::string out;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.substr(0, kTokenLine.size()) == kTokenLine) {
      if (!with_token) continue;
      line.remove_prefix(kTokenLine.size());
      // In YAML and in plain text the blank after the mark is not part of the line.
      if (format == ConfigFormat::text && line.substr(0, 1) == " ") line.remove_prefix(1);
    }
    out.append(line).append(1, '\n');
  }
  for (const auto& [key, value] : values) replace_all(out, "@" + key + "@", value);
  return out;
}

std::vector<std::string> front_end_names() {
  std::vector<std::string> names;
  for (const auto& [name, text] : manifests) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<FrontEnd> find_front_end(std::string_view name) {
  for (const auto& [known, text] : manifests) {
    if (known == name) return parse_front_end(known, text);
  }
  return std::nullopt;
}

FrontEnd parse_front_end(std::string_view name, std::string_view text) {
  FrontEnd front_end;
  front_end.name = name;
  front_end.where = take_line(text);
  while (text.substr(0, 1) == "%") {
    std::string_view line = take_line(text).substr(1);
    const std::size_t space = line.find(' ');
    const std::string_view key = line.substr(0, space);
    const std::string value(space == std::string_view::npos ? "" : line.substr(space + 1));
    if (key == "format") front_end.format = format_named(value);
    if (key == "project" || key == "user") front_end.files.emplace_back(key, value);
    if (key == "serve") front_end.serve = value;
    if (key == "then") front_end.then = value;
    if (key == "token-asked") front_end.token_asked = value;
  }
  front_end.body = text;
  return front_end;
}

}  // namespace callslip
