// Arguments: a tool's JSON arguments, read with their types checked.
//
// The first error stays, and says which argument, what was expected and what came. A number out of
// range is clamped, and a note says so. Unknown arguments are noted. Belongs to one call.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "index/result.h"

namespace callslip {

class Arguments {
 public:
  explicit Arguments(const nlohmann::json& json);

  bool has(const std::string& name) const;

  std::string string(const std::string& name);
  std::string required_string(const std::string& name);
  std::vector<std::string> strings(const std::string& name);
  /// Empty where it is missing.
  std::vector<nlohmann::json> objects(const std::string& name);
  bool boolean(const std::string& name, bool otherwise);
  std::size_t integer(const std::string& name, std::size_t otherwise, std::size_t least,
                      std::size_t most);
  double number(const std::string& name, double otherwise, double least, double most);
  /// The position of the string among `choices`.
  std::size_t choice(const std::string& name, const std::vector<std::string>& choices,
                     std::size_t otherwise);

  /// After the last argument was read: the first error, if any.
  Status finish();
  std::vector<std::string> notes() const { return notes_; }

 private:
  const nlohmann::json* find(const std::string& name);
  void fail(const std::string& name, const std::string& expected, const nlohmann::json* value);

  const nlohmann::json& json_;
  std::set<std::string> read_;
  std::vector<std::string> notes_;
  std::optional<Error> error_;
  std::optional<Error> missing_;
};

}  // namespace callslip
