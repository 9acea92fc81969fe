#include "plugin/mcp/envelope.h"

#include <string>

#include "plugin/mcp/log_level.h"
#include "plugin/mcp/protocol_names.h"

namespace callslip {
namespace {

using nlohmann::json;

const json* member(const json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}

}  // namespace

const json* stated_version(const RpcRequest& request) {
  return member(member(&request.params, "_meta"), mcp::kVersionKey);
}

std::variant<bool, RpcError> read_envelope(const RpcRequest& request) {
  const json* version = stated_version(request);
  if (version == nullptr) return false;
  if (*version != mcp::kModernVersion) {
    RpcError error = unsupported_version(*version);
    error.id = request.id;
    return error;
  }
  const json* meta = member(&request.params, "_meta");
  const auto invalid = [&](std::string message) {
    return RpcError{rpc_error::invalid_params, std::move(message), {}, request.id};
  };
  const json* capabilities = member(meta, mcp::kCapabilitiesKey);
  if (capabilities == nullptr || !capabilities->is_object()) {
    return invalid(std::string("_meta: \"") + mcp::kCapabilitiesKey + "\" is missing");
  }
  const json* level = member(meta, mcp::kLogLevelKey);
  if (level != nullptr && !parse_log_level(*level)) {
    return invalid(std::string("_meta: \"") + mcp::kLogLevelKey + "\" is no log level");
  }
  return true;
}

RpcError unsupported_version(const json& requested) {
  return {rpc_error::unsupported_version,
          "unsupported protocol version",
          {{"supported", {mcp::kModernVersion}},
           {"requested", requested.is_string() ? requested : json("")}},
          {}};
}

}  // namespace callslip
