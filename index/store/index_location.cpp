#include "index/store/index_location.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "index/files/file_descriptor.h"
#include "index/hash.h"

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
    // Also of a path that is not there now: its documents still are.
    std::error_code code;
    const auto resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(path), code);
    if (code) return system_error(path, code.value());
    std::string text = resolved.string();
    if (text.size() > 1 && text.ends_with('/')) text.pop_back();
    real.push_back(std::move(text));
  }
  std::sort(real.begin(), real.end());
  std::string all;
  for (const std::string& path : real) all.append(path).append(1, '\0');
  return data_home() + "/callslip/roots/" + hex64(hash64(all));
}

std::string command_to_index(const std::string& directory) {
  const bool usual = directory == default_index_directory();
  return "callslip index " + (usual ? "" : "--index " + shell_word(directory) + " ") + "PATH";
}

std::string how_to_make_anew(const std::string& directory) {
  std::error_code ignored;
  const std::string handed(handed_folder);
  const bool keep = std::filesystem::is_directory(directory + "/" + handed, ignored);
  return "remove the folder" +
         (keep ? ", all but its " + handed + "/ (what clients handed over)," : std::string()) +
         " and run: " + command_to_index(directory);
}

std::string shell_word(std::string_view text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_./:@%+,=").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word.push_back(c);
    }
  }
  return word + "'";
}

}  // namespace callslip
