// YamlText: the text of a YAML file that somebody wrote by hand, with positions. libyaml parses.
//
// Stateless; any thread. Errors name the line. One document; aliases are not followed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/result.h"

namespace callslip {

struct YamlNode {
  enum class Kind { null, mapping, sequence, scalar, alias };  // null: nothing is written there
  Kind kind = Kind::null;
  bool flow = false;      // of collections: in brackets
  bool plain = false;     // of scalars: without quotes
  std::string text;       // of scalars
  std::size_t begin = 0;  // bytes; of a block sequence: its first dash
  std::size_t end = 0;    // behind the last thing written in it
  std::size_t column = 0;
  std::vector<std::pair<YamlNode, YamlNode>> pairs;
  std::vector<YamlNode> items;

  const YamlNode* find(std::string_view key) const;
};

/// The root; null for a file without a document.
Result<YamlNode> parse_yaml_text(std::string_view text);

/// By the core schema: 60000 is a number, "60000" in quotes a string.
nlohmann::ordered_json yaml_value(const YamlNode& node);

}  // namespace callslip
