// ParamHeaders: the arguments of tools that a client mirrors in HTTP headers (x-mcp-header in the
// tool's input schema), so that what stands in front of a server can route by them.
//
// Constant after the tools were added; any thread.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace callslip {

class ParamHeaders {
 public:
  struct Param {
    std::string header;             // in lower case: mcp-param-...
    std::vector<std::string> path;  // keys that lead to the argument
  };

  /// Annotations that the protocol does not allow are left out.
  void add(const std::string& tool, const nlohmann::json& input_schema);

  /// Of a tool; most have none.
  const std::vector<Param>& of(const std::string& tool) const;

 private:
  std::map<std::string, std::vector<Param>> tools_;
};

}  // namespace callslip
