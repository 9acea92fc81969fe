#include "plugin/mcp/json_rpc.h"

#include <algorithm>

#include "plugin/mcp/json_writer.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 128;  // copying and printing a value recurse
constexpr std::size_t kMaxBatch = 64;

bool is_id(const json& id) { return id.is_string() || id.is_number_integer(); }

RpcItem parse_item(json& message) {
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
    const auto result = message.find("result");
    const auto error = message.find("error");
    if (id != message.end() && (result != message.end() || error != message.end())) {
      RpcReply reply;
      reply.id = *id;
      if (error != message.end()) {
        reply.error = std::move(*error);
      } else {
        reply.result = std::move(*result);
      }
      return reply;
    }
    return invalid("\"method\" is missing");
  }
  if (!method->is_string()) return invalid("\"method\" must be a string");
  if (id != message.end() && !is_id(*id)) {
    return invalid("\"id\" must be a string or an integer");
  }
  RpcRequest request;
  request.id = known_id;
  request.method = std::move(method->get_ref<std::string&>());
  if (const auto params = message.find("params"); params != message.end()) {
    if (!params->is_object()) {
      return RpcError{rpc_error::invalid_params, "\"params\" must be an object", {}, known_id};
    }
    request.params = std::move(*params);
  }
  return request;
}

bool wants_answer(const RpcItem& item) {
  if (const auto* request = std::get_if<RpcRequest>(&item)) return !request->is_notification();
  return std::holds_alternative<RpcError>(item);
}

/// {"jsonrpc":"2.0","id":ID,"KEY":VALUE}
std::string envelope(const json& id, const char* key, const json& value) {
  std::string text = R"({"jsonrpc":"2.0")";
  // MCP's schemas have no null id: its SDK would drop the message.
  if (!id.is_null()) {
    text += R"(,"id":)";
    write_json(id, text);
  }
  text.append(",\"").append(key).append("\":");
  write_json(value, text);
  text += '}';
  return text;
}

}  // namespace

/// Looks at brackets outside strings.
bool nested_too_deep(const std::string& text) {
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

RpcMessage parse_rpc(const std::string& text) {
  if (nested_too_deep(text)) {
    return RpcError{rpc_error::parse, "nested deeper than " + std::to_string(kMaxDepth), {}, {}};
  }
  json message = json::parse(text, nullptr, false);
  if (message.is_discarded()) return RpcError{rpc_error::parse, "not valid JSON", {}, {}};
  if (message.is_array()) {
    if (message.empty() || message.size() > kMaxBatch) {
      return RpcError{rpc_error::invalid_request,
                      "a batch holds 1 to " + std::to_string(kMaxBatch) + " messages",
                      {},
                      {}};
    }
    RpcBatch batch;
    for (json& item : message) batch.items.push_back(parse_item(item));
    return batch;
  }
  return std::visit([](auto&& item) { return RpcMessage(std::forward<decltype(item)>(item)); },
                    parse_item(message));
}

bool wants_answer(const RpcMessage& message) {
  if (const auto* batch = std::get_if<RpcBatch>(&message)) {
    return std::any_of(batch->items.begin(), batch->items.end(),
                       [](const RpcItem& item) { return wants_answer(item); });
  }
  if (const auto* request = std::get_if<RpcRequest>(&message)) return !request->is_notification();
  return std::holds_alternative<RpcError>(message);
}

std::string rpc_result(const json& id, const json& result) {
  return envelope(id, "result", result);
}

std::string rpc_error_reply(const RpcError& error) {
  json body{{"code", error.code}, {"message", error.message}};
  if (!error.data.is_null()) body["data"] = error.data;
  return envelope(error.id, "error", body);
}

std::string rpc_notification(const std::string& method, const json& params) {
  std::string text = R"({"jsonrpc":"2.0","method":)";
  write_json(json(method), text);
  text += R"(,"params":)";
  write_json(params, text);
  text += '}';
  return text;
}

std::string rpc_request(const std::string& id, const std::string& method, const json& params) {
  std::string text = R"({"jsonrpc":"2.0","id":)";
  write_json(json(id), text);
  text += R"(,"method":)";
  write_json(json(method), text);
  text += R"(,"params":)";
  write_json(params, text);
  text += '}';
  return text;
}

}  // namespace callslip
