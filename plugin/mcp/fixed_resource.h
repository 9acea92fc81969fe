// FixedResource: a resource that is not a document, or a template of such ones.
//
// Constant after construction; any thread may read it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace callslip {

struct FixedResource {
  /// As in the lists of the protocol: "name" and "uri", or "uriTemplate".
  nlohmann::json described;
  bool listed = true;
  /// One of `contents`, "uri" aside; nothing: the URI is none of this template's.
  std::function<std::optional<nlohmann::json>(const std::string& uri)> read;
};

}  // namespace callslip
