#include "plugin/mcp/conformance/input_round.h"

#include "plugin/mcp/conformance/request_state.h"

namespace callslip::conformance {

using nlohmann::json;

const json* InputRound::input(const std::string& key, const char* method, const char* capability,
                              const char* mark, json params) {
  const json* brought = call_.param("inputResponses");
  if (brought != nullptr && brought->is_object()) {
    const auto found = brought->find(key);
    if (found != brought->end() && found->is_object() && found->contains(mark)) return &*found;
  }
  if (call_.client_capabilities().contains(capability)) {
    asked_[key] = {{"method", method}, {"params", std::move(params)}};
  } else {
    missing_[capability] = json::object();
  }
  return nullptr;
}

const json* InputRound::elicitation(const std::string& key, json params) {
  return input(key, "elicitation/create", "elicitation", "action", std::move(params));
}

const json* InputRound::sampling(const std::string& key, json params) {
  return input(key, "sampling/createMessage", "sampling", "content", std::move(params));
}

const json* InputRound::roots(const std::string& key) {
  return input(key, "roots/list", "roots", "roots", json::object());
}

MethodAnswer InputRound::answer(const std::string& state) const {
  if (!call_.modern) {
    return RpcError{rpc_error::invalid_params, "this needs protocol version 2026-07-28", {}, {}};
  }
  if (asked_.empty()) return missing_capability(missing_);
  json result{{"resultType", "input_required"}, {"inputRequests", asked_}};
  if (!state.empty()) result["requestState"] = seal_state(call_, state);
  return result;
}

std::string said(const json& elicited, const char* property) {
  const json content = elicited.value("content", json::object());
  const auto found = content.is_object() ? content.find(property) : content.end();
  if (found == content.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

}  // namespace callslip::conformance
