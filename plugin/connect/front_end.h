// FrontEnd: a program that can attach, and the configuration with which it does. Each is one file
// of manifests/, compiled in:
//
//   line 1           where the configuration goes, for people
//   %format NAME     of the file: json, jsonc (with comments and trailing commas), yaml; text: none
//   %project PATH    its place in a project, and
//   %user PATH       in a home (~/, @CONFIG@/); the first one given is the usual one; none: no file
//   %serve OPTIONS   what its server needs besides
//   %then TEXT       what is to be done afterwards
//   %token-asked TEXT  how the front end gets the token, where it reads it from $CALLSLIP_TOKEN or
//                    asks for it
//   ?token LINE      a line that is there only when the server asks for a token
//
// In the rest @NAME@ stands for a value. Plain values; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/result.h"

namespace callslip {

enum class ConfigFormat { json, jsonc, yaml, text };

struct FrontEnd {
  std::string name;
  std::string where;
  ConfigFormat format = ConfigFormat::json;
  std::vector<std::pair<std::string, std::string>> files;  // scope ("project", "user"), path
  std::string serve;
  std::string then;
  std::string token_asked;
  std::string body;

  /// Whether it starts a server of its own (stdio); else it attaches to one that runs.
  bool starts_server() const;
  /// Whether a token has to stand in its configuration: it can neither refer to a variable nor ask.
  bool needs_token_itself() const;

  /// Every @NAME@ of `values` replaced, lines for tokens in or out.
  std::string render(std::string_view text, const std::map<std::string, std::string>& values,
                     bool with_token) const;
};

/// All that are compiled in, by name.
std::vector<std::string> front_end_names();

std::optional<FrontEnd> find_front_end(std::string_view name);

/// Throws nothing; a manifest that is not as above is a bug, found by the tests.
FrontEnd parse_front_end(std::string_view name, std::string_view text);

}  // namespace callslip
