// JSON-RPC 2.0 messages: parsed once, here, into native types; and built.
//
// Stateless; any thread. What arrives is not trusted: its size is bounded by the transport, its
// nesting here.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace callslip {

namespace rpc_error {
inline constexpr int parse = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int unknown_method = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal = -32603;
inline constexpr int header_mismatch = -32020;
inline constexpr int missing_capability = -32021;
inline constexpr int unsupported_version = -32022;
}  // namespace rpc_error

/// A request, or a notification where there is no id.
struct RpcRequest {
  nlohmann::json id;  // a string or an integer; null: a notification
  std::string method;
  nlohmann::json params = nlohmann::json::object();

  bool is_notification() const { return id.is_null(); }
};

/// A reply of the peer to a request of ours.
struct RpcReply {
  nlohmann::json id;
  nlohmann::json result;  // null where there is an error
  nlohmann::json error;   // null where there is a result
};

struct RpcError {
  int code = rpc_error::internal;
  std::string message;
  nlohmann::json data;  // null: none
  nlohmann::json id;    // of the request, where it could be read
};

using RpcItem = std::variant<RpcRequest, RpcReply, RpcError>;

/// Several messages in one, which only revision 2025-03-26 has.
struct RpcBatch {
  std::vector<RpcItem> items;
};

using RpcMessage = std::variant<RpcRequest, RpcReply, RpcError, RpcBatch>;

/// Whether arrays and objects are nested deeper than is taken: copying and printing recurse.
bool nested_too_deep(const std::string& json);

/// An RpcError is what is to be answered to a malformed message.
RpcMessage parse_rpc(const std::string& text);

/// Whether the peer waits for an answer to it.
bool wants_answer(const RpcMessage& message);

std::string rpc_result(const nlohmann::json& id, const nlohmann::json& result);
std::string rpc_error_reply(const RpcError& error);
std::string rpc_notification(const std::string& method, const nlohmann::json& params);
/// A request of ours.
std::string rpc_request(const std::string& id, const std::string& method,
                        const nlohmann::json& params);

}  // namespace callslip
