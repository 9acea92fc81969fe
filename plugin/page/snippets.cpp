#include "plugin/page/snippets.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "index/index_location.h"
#include "plugin/manifests.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::string_view kTokenLine = "?token";
constexpr std::string_view kThen = "%then ";

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// The inside of a JSON string; bytes that are not UTF-8 are replaced.
std::string escaped(const std::string& text) {
  const std::string quoted = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

std::string filled_in(std::string text, const SnippetServer& server) {
  std::string arguments = R"("serve", "--stdio")";
  std::string words = "serve --stdio";
  for (const std::string& word : server.words) {
    arguments += ", \"" + escaped(word) + "\"";
    words += " " + shell_word(word);
  }
  replace_all(text, "@COMMAND@", escaped(server.command));
  replace_all(text, "@SHELL_COMMAND@", shell_word(server.command));
  replace_all(text, "@ARGS@", arguments);
  replace_all(text, "@WORDS@", words);
  replace_all(text, "@TOKEN@", "PASTE-THE-TOKEN");
  return text;
}

json snippet(std::string_view name, std::string_view manifest, const SnippetServer& server) {
  const std::string where(take_line(manifest));
  std::string then;
  std::string text;
  while (!manifest.empty()) {
    std::string_view line = take_line(manifest);
    if (text.empty() && line.substr(0, 1) == "%") {
      if (line.substr(0, kThen.size()) == kThen) then = line.substr(kThen.size());
      continue;
    }
    if (line.substr(0, kTokenLine.size()) == kTokenLine) {
      if (!server.asks_for_token) continue;
      line.remove_prefix(kTokenLine.size());
    }
    text.append(line).append(1, '\n');
  }
  const bool starts =
      text.find("@ARGS@") != std::string::npos || text.find("@WORDS@") != std::string::npos;
  return {{"name", name},
          {"where", filled_in(where, server)},
          {"then", then},
          {"text", filled_in(std::move(text), server)},
          {"attaches", !starts}};
}

}  // namespace

json snippets_of(const SnippetServer& server) {
  json list = json::array();
  for (const auto& [name, manifest] : manifests) list.push_back(snippet(name, manifest, server));
  return {{"snippets", std::move(list)}};
}

}  // namespace callslip
