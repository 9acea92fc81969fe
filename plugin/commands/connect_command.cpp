#include <unistd.h>

#include <array>
#include <climits>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "index/indexer.h"
#include "index/store/index_location.h"
#include "plugin/commands/commands.h"
#include "plugin/connect/config_file.h"
#include "plugin/connect/front_end.h"
#include "plugin/connect/server_address.h"

namespace callslip {
namespace {

constexpr const char* kTokenVariable = "CALLSLIP_TOKEN";

std::string own_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  return n > 0 ? std::string(path.data(), static_cast<std::size_t>(n)) : "callslip";
}

/// The inside of a JSON string.
Result<std::string> json_escaped(const std::string& text) {
  try {
    const std::string quoted = nlohmann::json(text).dump();
    return quoted.substr(1, quoted.size() - 2);
  } catch (const nlohmann::json::exception&) {
    return Error{ErrorKind::unsupported,
                 "a path that is not UTF-8 cannot stand in a configuration: " + text};
  }
}

int list_front_ends(std::ostream& out) {
  out << "Front ends:";
  for (const std::string& name : front_end_names()) out << " " << name;
  out << "\n";
  return 0;
}

/// "vscode" with --url is "vscode-http".
std::optional<FrontEnd> choose(const Settings& settings, const ServerAddress& address) {
  const std::string& name = settings.operands[0];
  auto chosen = find_front_end(name);
  if (chosen && chosen->starts_server() && !settings.server_url.empty()) {
    auto remote = find_front_end(name + (address.websocket ? "-ws" : "-http"));
    if (remote) return remote;
  }
  return chosen;
}

/// The words after the command: what the server is to serve.
Result<std::vector<std::string>> server_words(const Settings& settings) {
  std::vector<std::string> words;
  if (!settings.index.empty()) {
    // A front end starts the server in a folder of its own.
    words.emplace_back("--index");
    words.push_back(std::filesystem::absolute(settings.index).lexically_normal());
  }
  for (const std::string& path : settings.serve_paths) {
    auto real = real_path(path);
    if (!real) return real.error();
    words.push_back(std::move(*real));
  }
  return words;
}

Result<std::map<std::string, std::string>> values_of(const FrontEnd& front_end,
                                                     const Settings& settings,
                                                     const ServerAddress& address,
                                                     const std::vector<std::string>& words) {
  std::map<std::string, std::string> values;
  std::vector<std::string> arguments{"serve", "--stdio"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  for (const std::string& word : arguments) {
    const auto escaped = json_escaped(word);
    if (!escaped) return escaped.error();
    values["ARGS"] += (values["ARGS"].empty() ? "\"" : ", \"") + *escaped + "\"";
    values["WORDS"] += (values["WORDS"].empty() ? "" : " ") + shell_word(word);
  }
  const auto command = json_escaped(own_path());
  if (!command) return command.error();
  values["COMMAND"] = *command;
  values["SHELL_COMMAND"] = shell_word(own_path());
  values["BASE_URL"] = address.base_url();
  values["URL"] = address.url();
  values["WS_URL"] = address.websocket_url();
  if (settings.with_token && front_end.needs_token_itself()) {
    const char* token = std::getenv(kTokenVariable);
    if (token == nullptr || *token == '\0') {
      return Error{ErrorKind::invalid_argument,
                   front_end.name + " cannot read the token from a variable: set $" +
                       kTokenVariable + " to it, and it is written into the configuration"};
    }
    const auto escaped = json_escaped(token);
    if (!escaped) return escaped.error();
    values["TOKEN"] = *escaped;
  }
  return values;
}

/// What else is to be done, on stderr.
void print_notes(const FrontEnd& front_end, const Settings& settings,
                 const std::vector<std::string>& words) {
  if (front_end.starts_server()) {
    if (settings.listen != Settings().listen || !settings.server_url.empty()) {
      std::cerr << "Note: " << front_end.name
                << " starts a server of its own; --listen and --url are not used\n";
    }
  } else if (settings.server_url.empty() || !front_end.serve.empty()) {
    std::cerr << front_end.name << " attaches to a server that runs already: callslip serve "
              << front_end.serve << (front_end.serve.empty() ? "" : " ") << "--listen "
              << settings.listen;
    for (const std::string& word : words) std::cerr << " " << shell_word(word);
    std::cerr << "\n";
  }
  if (settings.with_token && !front_end.starts_server() && !front_end.needs_token_itself()) {
    std::cerr << (front_end.token_asked.empty()
                      ? "Set CALLSLIP_TOKEN to the token where " + front_end.name + " is started."
                      : front_end.token_asked)
              << "\n";
  }
  if (!front_end.then.empty()) std::cerr << front_end.then << "\n";
}

/// The file to write: --file, or that of the scope.
Result<std::string> file_of(const FrontEnd& front_end, const Settings& settings) {
  if (front_end.format == ConfigFormat::text ||
      (front_end.files.empty() && settings.config_target.empty())) {
    return Error{ErrorKind::unsupported, front_end.name +
                                             " has no file that could be written; what is to be "
                                             "entered, and where, is above"};
  }
  if (!settings.config_target.empty()) return settings.config_target;
  for (const auto& [scope, path] : front_end.files) {
    if (settings.scope.empty() || scope == settings.scope) return expand_home(path);
  }
  return Error{ErrorKind::invalid_argument, front_end.name + " has no file of scope \"" +
                                                settings.scope + "\"; it has one of \"" +
                                                front_end.files.front().first + "\""};
}

int write(const FrontEnd& front_end, const Settings& settings, const std::string& text) {
  const auto file = file_of(front_end, settings);
  if (!file) return fail(file.error());
  const std::string path = std::filesystem::absolute(*file).lexically_normal();
  const bool secret = settings.with_token && front_end.needs_token_itself();
  const auto written = write_config(path, text, front_end.format, secret);
  if (!written) return fail(written.error());
  if (!written->changed) {
    std::cout << written->path << " says so already: nothing changed\n";
  } else if (written->backup.empty()) {
    std::cout << "wrote " << written->path << "\n";
  } else {
    std::cout << "changed " << written->path << " (as it was: " << written->backup << ")\n";
  }
  return 0;
}

}  // namespace

int run_connect(const Settings& settings) {
  if (settings.operands.empty()) return list_front_ends(std::cout);
  const auto address = ServerAddress::of(settings.server_url, settings.listen);
  if (!address) return fail(address.error()) + 1;
  const auto front_end = choose(settings, *address);
  if (!front_end) {
    std::cerr << "callslip: no front end is called \"" << settings.operands[0] << "\"\n";
    list_front_ends(std::cerr);
    return 2;
  }
  const auto words = server_words(settings);
  if (!words) return fail(words.error());
  const auto values = values_of(*front_end, settings, *address, *words);
  if (!values) return fail(values.error());
  const std::string text = front_end->render(front_end->body, *values, settings.with_token);
  const bool writes = settings.write && front_end->format != ConfigFormat::text &&
                      (!front_end->files.empty() || !settings.config_target.empty());
  if (!writes) {
    std::cerr << (front_end->format == ConfigFormat::text ? "" : "Goes into ")
              << front_end->render(front_end->where, *values, false);
    std::cout << text << std::flush;
  }
  const int code = settings.write ? write(*front_end, settings, text) : 0;
  if (code == 0 || !writes) print_notes(*front_end, settings, *words);
  return code;
}

}  // namespace callslip
