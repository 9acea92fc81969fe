// PageFile: a file of the page at GET /, as it was compiled in from plugin/page.
//
// Constant; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callslip {

struct PageFile {
  std::string_view name;  // "main.js"
  std::string_view text;
  std::string type;  // with the charset
  std::string etag;  // quoted, of the contents
};

/// Every file, by name.
const std::vector<PageFile>& page_files();

/// Null: there is none.
const PageFile* find_page_file(std::string_view name);

}  // namespace callslip
