#include "plugin/mcp/json_rpc.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 128;  // copying and printing a value recurse

/// Whether arrays and objects are nested deeper than we take; looks at brackets outside strings.
bool too_deep(const std::string& text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

bool is_id(const json& id) { return id.is_string() || id.is_number_integer(); }

std::string dump(const json& message) {
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

RpcMessage parse_rpc(const std::string& text) {
  if (too_deep(text)) {
    return RpcError{rpc_error::parse, "nested deeper than " + std::to_string(kMaxDepth), {}, {}};
  }
  json message = json::parse(text, nullptr, false);
  if (message.is_discarded()) return RpcError{rpc_error::parse, "not valid JSON", {}, {}};
  if (message.is_array()) {
    return RpcError{
        rpc_error::invalid_request, "batches are not supported; send one message each", {}, {}};
  }
  if (!message.is_object()) {
    return RpcError{rpc_error::invalid_request, "a message is a JSON object", {}, {}};
  }
  const auto id = message.find("id");
  const json known_id = id != message.end() && is_id(*id) ? *id : json();
  const auto invalid = [&](std::string why) {
    return RpcError{rpc_error::invalid_request, std::move(why), {}, known_id};
  };
  const auto version = message.find("jsonrpc");
  if (version == message.end() || *version != "2.0") return invalid("\"jsonrpc\" must be \"2.0\"");
  const auto method = message.find("method");
  if (method == message.end()) {
    const bool reply = message.contains("result") || message.contains("error");
    if (reply && id != message.end()) return RpcReply{};
    return invalid("\"method\" is missing");
  }
  if (!method->is_string()) return invalid("\"method\" must be a string");
  if (id != message.end() && !is_id(*id)) {
    return invalid("\"id\" must be a string or an integer");
  }
  RpcRequest request;
  request.id = known_id;
  request.method = method->get<std::string>();
  if (const auto params = message.find("params"); params != message.end()) {
    if (!params->is_object()) {
      return RpcError{rpc_error::invalid_params, "\"params\" must be an object", {}, known_id};
    }
    request.params = std::move(*params);
  }
  return request;
}

std::string rpc_result(const json& id, json result) {
  json message{{"jsonrpc", "2.0"}, {"id", id}};
  message["result"] = std::move(result);
  return dump(message);
}

std::string rpc_error_reply(const RpcError& error) {
  json body{{"code", error.code}, {"message", error.message}};
  if (!error.data.is_null()) body["data"] = error.data;
  json message{{"jsonrpc", "2.0"}, {"error", std::move(body)}};
  // MCP's schemas have no null id: its SDK would drop the message.
  if (!error.id.is_null()) message["id"] = error.id;
  return dump(message);
}

std::string rpc_notification(const std::string& method, json params) {
  json message{{"jsonrpc", "2.0"}, {"method", method}};
  message["params"] = std::move(params);
  return dump(message);
}

}  // namespace callslip
