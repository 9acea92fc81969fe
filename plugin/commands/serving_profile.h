// ServingProfile: what a server was asked to serve, and how, as far as its answers depend on it.
// Two processes on one index compare theirs: a stdio process that was told nothing else attaches to
// the server that runs.
//
// Plain values. Options are kept as hashes: an URL may hold a password.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/commands/settings.h"

namespace callslip {

struct ServingProfile {
  std::string version;
  long pid = 0;
  std::set<std::string> paths;                 // real ones
  std::map<std::string, std::string> options;  // that are not as by default: name, hash of value

  /// Of this process.
  static ServingProfile of(const Settings& settings);

  /// A JSON-RPC notification, in one line: the greeting of a local connection.
  std::string greeting() const;
  static std::optional<ServingProfile> from_greeting(std::string_view line);

  /// What was asked for here and is not served there: "--reader-url", "/home/me/papers". What was
  /// left out here is as it is there, except what changes the tools themselves (--profile).
  std::vector<std::string> differences_from(const ServingProfile& server) const;
};

}  // namespace callslip
