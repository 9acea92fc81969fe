#include "plugin/mcp/conformance/overlay.h"

#include <utility>

namespace callslip::conformance {
namespace {

using nlohmann::json;

Method* find(std::vector<MethodGroup>& groups, const std::string& name) {
  for (MethodGroup& group : groups) {
    for (Method& method : group.methods) {
      if (method.name == name) return &method;
    }
  }
  return nullptr;
}

/// Fixtures take their time, and ask: they hold up no other call.
Method::Runs waiting(const McpCall&) { return Method::Runs::waiting; }

}  // namespace

void overlay(std::vector<MethodGroup>& groups, const std::string& name, const Answer& answer,
             const std::function<MethodAnswer(McpCall& call)>& otherwise, Method::Era era) {
  if (Method* method = find(groups, name)) {
    method->runs = waiting;
    method->answer = [answer, next = std::move(method->answer)](McpCall& call) {
      auto own = answer(call);
      return own ? std::move(*own) : next(call);
    };
    return;
  }
  MethodGroup group;
  group.methods = {{name, era, waiting, [answer, otherwise](McpCall& call) {
                      auto own = answer(call);
                      return own ? std::move(*own) : otherwise(call);
                    }}};
  groups.push_back(std::move(group));
}

void extend_list(std::vector<MethodGroup>& groups, const std::string& name, const std::string& key,
                 const std::function<json()>& items) {
  const auto none = [key](McpCall& call) {
    json result{{key, json::array()}};
    set_cacheable(result, call, 0, true);
    return MethodAnswer(std::move(result));
  };
  overlay(
      groups, name, [](McpCall&) -> std::optional<MethodAnswer> { return std::nullopt; }, none);
  Method* method = find(groups, name);
  method->answer = [key, items, next = std::move(method->answer)](McpCall& call) {
    MethodAnswer answer = next(call);
    auto* result = std::get_if<json>(&answer);
    if (result == nullptr || call.param("cursor") != nullptr) return answer;
    json all = items();
    for (json& item : result->at(key)) all.push_back(std::move(item));
    (*result)[key] = std::move(all);
    return answer;
  };
}

}  // namespace callslip::conformance
