#include "plugin/page/snippets.h"

#include <map>
#include <nlohmann/json.hpp>

#include "index/store/index_location.h"
#include "plugin/connect/front_end.h"

namespace callslip {
namespace {

using nlohmann::json;

/// The inside of a JSON string; bytes that are not UTF-8 are replaced.
std::string escaped(const std::string& text) {
  const std::string quoted = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

std::map<std::string, std::string> values_of(const SnippetServer& server) {
  std::string arguments = R"("serve", "--stdio")";
  std::string words = "serve --stdio";
  for (const std::string& word : server.words) {
    arguments += ", \"" + escaped(word) + "\"";
    words += " " + shell_word(word);
  }
  return {{"COMMAND", escaped(server.command)},
          {"SHELL_COMMAND", shell_word(server.command)},
          {"ARGS", arguments},
          {"WORDS", words},
          {"TOKEN", "PASTE-THE-TOKEN"}};
}

std::string without_end(std::string line) {
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

}  // namespace

json snippets_of(const SnippetServer& server) {
  const auto values = values_of(server);
  json list = json::array();
  for (const std::string& name : front_end_names()) {
    const auto front_end = find_front_end(name);
    const bool attaches = !front_end->starts_server();
    const bool token = attaches && server.asks_for_token;
    json notes = json::array();
    if (!front_end->serve.empty())
      notes.push_back("The server: callslip serve " + front_end->serve);
    if (token && !front_end->token_asked.empty()) notes.push_back(front_end->token_asked);
    if (!front_end->then.empty()) notes.push_back(front_end->then);
    list.push_back({{"name", name},
                    {"where", without_end(front_end->render(front_end->where, values, token))},
                    {"notes", std::move(notes)},
                    {"text", front_end->render(front_end->body, values, token)},
                    {"attaches", attaches}});
  }
  return {{"snippets", std::move(list)}};
}

}  // namespace callslip
