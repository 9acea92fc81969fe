#include "plugin/index_location.h"

#include <algorithm>
#include <cstdlib>

#include "index/hash.h"
#include "index/indexer.h"

namespace callslip {
namespace {

std::string data_home() {
  const char* xdg = std::getenv("XDG_DATA_HOME");
  if (xdg != nullptr && *xdg == '/') return xdg;
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "/tmp" : home) + "/.local/share";
}

}  // namespace

std::string default_index_directory() { return data_home() + "/callslip/default"; }

Result<std::string> index_directory_of_roots(const std::vector<std::string>& paths) {
  std::vector<std::string> real;
  for (const std::string& path : paths) {
    auto resolved = real_path(path);
    if (!resolved) return resolved.error();
    real.push_back(std::move(resolved).value());
  }
  std::sort(real.begin(), real.end());
  std::string all;
  for (const std::string& path : real) all.append(path).append(1, '\0');
  return data_home() + "/callslip/roots/" + hex64(hash64(all));
}

}  // namespace callslip
