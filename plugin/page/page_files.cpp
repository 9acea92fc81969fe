#include "plugin/page/page_files.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "index/hash.h"
#include "plugin/page_texts.h"

namespace callslip {
namespace {

std::string type_of(std::string_view name) {
  const std::string_view extension = name.substr(std::min(name.rfind('.'), name.size()));
  const std::string_view type = extension == ".html"  ? "text/html"
                                : extension == ".css" ? "text/css"
                                                      : "text/javascript";
  return std::string(type) + "; charset=utf-8";
}

std::string etag_of(std::string_view text) {
  char tag[20];
  std::snprintf(tag, sizeof tag, "\"%016" PRIx64 "\"", hash64(text));
  return tag;
}

std::vector<PageFile> load() {
  std::vector<PageFile> files;
  for (const auto& [name, text] : page_texts) {
    files.push_back({name, text, type_of(name), etag_of(text)});
  }
  return files;
}

}  // namespace

const std::vector<PageFile>& page_files() {
  static const std::vector<PageFile> files = load();
  return files;
}

const PageFile* find_page_file(std::string_view name) {
  const auto& files = page_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const PageFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace callslip
