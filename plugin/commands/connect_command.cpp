#include <unistd.h>

#include <array>
#include <climits>
#include <filesystem>
#include <iostream>

#include "index/index_location.h"
#include "index/indexer.h"
#include "plugin/commands/commands.h"
#include "plugin/manifests.h"

namespace callslip {
namespace {

std::string own_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  return n > 0 ? std::string(path.data(), static_cast<std::size_t>(n)) : "callslip";
}

std::string json_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

int list_front_ends(std::ostream& out) {
  out << "Front ends:";
  for (const auto& [name, text] : manifests) out << " " << name;
  out << "\n";
  return 0;
}

}  // namespace

int run_connect(const Settings& settings) {
  if (settings.operands.empty()) return list_front_ends(std::cout);
  const std::string& wanted = settings.operands[0];
  for (const auto& [name, text] : manifests) {
    if (name != wanted) continue;
    std::string snippet(text);
    std::string arguments = "\"serve\", \"--stdio\"";
    std::string options;  // of both kinds of server, as words
    if (!settings.index.empty()) {
      // A front end starts the server in a folder of its own.
      const std::string index = std::filesystem::absolute(settings.index).lexically_normal();
      arguments += ", \"--index\", \"" + json_escaped(index) + "\"";
      options += " --index " + shell_word(index);
    }
    for (const std::string& path : settings.serve_paths) {
      const auto real = real_path(path);
      if (!real) return fail(real.error());
      arguments += ", \"" + json_escaped(*real) + "\"";
      options += " " + shell_word(*real);
    }
    const bool starts_server =
        snippet.find("@ARGS@") != std::string::npos || snippet.find("@WORDS@") != std::string::npos;
    replace_all(snippet, "@COMMAND@", json_escaped(own_path()));
    replace_all(snippet, "@ARGS@", arguments);
    replace_all(snippet, "@WORDS@", "serve --stdio" + options);
    replace_all(snippet, "@ADDRESS@", settings.listen);
    const std::size_t line = snippet.find('\n') + 1;
    std::cerr << "Goes into " << snippet.substr(0, line);
    std::cout << snippet.substr(line);
    if (!starts_server && !options.empty()) {
      std::cerr << "Note: " << name << " attaches to a server that runs already, which is to be "
                << "started with: callslip serve --listen " << settings.listen << options << "\n";
    }
    if (starts_server && settings.listen != Settings().listen) {
      std::cerr << "Note: " << name << " starts a server of its own; --listen is not used\n";
    }
    return 0;
  }
  std::cerr << "callslip: no front end is called \"" << wanted << "\"\n";
  list_front_ends(std::cerr);
  return 2;
}

}  // namespace callslip
