// What the page offers to paste into front ends: the templates of `callslip connect`, for the
// server that serves the page.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace callslip {

/// The server that a front end starts by itself, or attaches to.
struct SnippetServer {
  std::string command;             // absolute
  std::vector<std::string> words;  // after "serve --stdio"
  bool asks_for_token = false;     // of who attaches over the network
};

/// {"snippets": [{"name", "where", "notes": [], "text", "attaches"}]}. What depends on how the
/// browser reaches the server stays as @URL@, @WS_URL@, @BASE_URL@ and @ADDRESS@: the page knows.
nlohmann::json snippets_of(const SnippetServer& server);

}  // namespace callslip
