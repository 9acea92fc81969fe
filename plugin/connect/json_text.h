// JsonText: the text of a JSON file that somebody wrote by hand, and edits that leave the rest of
// it as it is: comments, order, indentation, line ends.
//
// Parsing tells positions. Edits return a new text. Stateless; any thread. Errors name the line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "index/result.h"

namespace callslip {

struct JsonDialect {
  bool comments = false;  // and commas before a closing bracket
};

struct JsonMember;

/// A value, and where it stands: bytes [begin, end).
struct JsonNode {
  enum class Kind { object, array, scalar };
  Kind kind = Kind::scalar;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<JsonMember> members;  // of an array: without keys
};

struct JsonMember {
  std::string key;
  std::size_t begin = 0;  // of the key, or of the value in an array
  JsonNode value;
};

/// Keys of objects and positions in arrays.
using JsonPath = std::vector<std::variant<std::string, std::size_t>>;

/// "line 3, column 7: ...".
Result<JsonNode> parse_json_text(std::string_view text, const JsonDialect& dialect);

nlohmann::ordered_json json_value(const JsonNode& node, std::string_view text);

/// The value at the path; null where there is none. In an object that has the key twice, the last.
const JsonNode* find_json(const JsonNode& root, const JsonPath& path);

/// Replaces the value at the path, or adds it, with the objects on the way to it. An array takes a
/// new value at the position of its size. The text must parse.
std::string set_json(std::string_view text, const JsonDialect& dialect, const JsonPath& path,
                     const nlohmann::ordered_json& value);

/// Takes the member out. The text must parse and have it.
std::string remove_json(std::string_view text, const JsonDialect& dialect, const JsonPath& path);

/// "12" for a position.
std::size_t line_of(std::string_view text, std::size_t position);

}  // namespace callslip
