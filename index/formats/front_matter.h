// Front matter: the YAML (---) or TOML (+++) block that may open a Markdown file.
//
// A pure function: any thread may call it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace callslip {

struct FrontMatter {
  std::size_t end = 0;  // where the document proper begins; 0: there is no front matter
  std::string title;
};

FrontMatter read_front_matter(std::string_view text);

}  // namespace callslip
