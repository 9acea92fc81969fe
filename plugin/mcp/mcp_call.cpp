#include "plugin/mcp/mcp_call.h"

#include "plugin/mcp/protocol_names.h"

namespace callslip {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

const json* McpCall::param(const char* name) const { return member(request->params, name); }

const json* McpCall::meta(const char* name) const {
  const json* all = param("_meta");
  return all == nullptr ? nullptr : member(*all, name);
}

json McpCall::client_capabilities() const {
  if (!modern) return session->legacy_capabilities();
  const json* given = meta(mcp::kCapabilitiesKey);
  return given != nullptr ? *given : json::object();
}

void McpCall::notify(const std::string& method, const json& params) const {
  outlet->send(rpc_notification(method, params));
}

void McpCall::log(LogLevel level, const json& data) const {
  LogLevel least = LogLevel::info;
  if (modern) {
    const json* wanted = meta(mcp::kLogLevelKey);
    const auto parsed = wanted == nullptr ? std::nullopt : parse_log_level(*wanted);
    if (!parsed) return;
    least = *parsed;
  } else {
    least = session->log_level();
  }
  if (level < least) return;
  notify("notifications/message",
         {{"level", name_of(level)}, {"logger", "callslip"}, {"data", data}});
}

CallContext::Progress McpCall::progress(std::chrono::milliseconds interval) const {
  const json* token = meta("progressToken");
  if (token == nullptr || !(token->is_string() || token->is_number_integer())) return {};
  return [out = outlet, stop = context.stop, token = *token, interval, last = -1.0,
          next = Clock::now()](double progress, double total, const std::string& message) mutable {
    if (progress <= last || Clock::now() < next || stop.stop_requested()) return;
    last = progress;
    next = Clock::now() + interval;
    out->send(rpc_notification("notifications/progress", {{"progressToken", token},
                                                          {"progress", progress},
                                                          {"total", total},
                                                          {"message", message}}));
  };
}

std::variant<json, RpcError> McpCall::ask(const std::string& method, const json& params,
                                          std::chrono::milliseconds timeout) const {
  if (modern || !outlet->streams()) {
    return RpcError{rpc_error::internal, method + ": this client cannot be asked", {}, {}};
  }
  const std::string id = session->requests().open();
  outlet->send(rpc_request(id, method, params));
  auto reply = session->requests().wait(id, context.stop, timeout);
  if (!reply) return RpcError{rpc_error::internal, method + ": the client did not answer", {}, {}};
  if (reply->error.is_null()) return std::move(reply->result);
  const json* message = member(reply->error, "message");
  return RpcError{
      rpc_error::internal,
      method + ": the client answered: " +
          (message != nullptr && message->is_string() ? message->get<std::string>() : "an error"),
      {},
      {}};
}

RpcError missing_capability(const json& required) {
  std::string names;
  for (const auto& [name, value] : required.items()) names += (names.empty() ? "" : ", ") + name;
  return RpcError{rpc_error::missing_capability,
                  "the client must be able to do this, and say so: " + names,
                  {{"requiredCapabilities", required}},
                  {}};
}

}  // namespace callslip
