// prompts/list and prompts/get.
#include <algorithm>

#include "plugin/mcp/list_cursor.h"
#include "plugin/mcp/method.h"
#include "plugin/mcp/protocol_names.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr const char* kList = "prompts";
constexpr std::size_t kMaxValueBytes = 64U << 10;

RpcError invalid(const std::string& why) { return {rpc_error::invalid_params, why, {}, {}}; }

json describe(const Prompt& prompt) {
  json arguments = json::array();
  for (const PromptArgument& argument : prompt.arguments) {
    arguments.push_back({{"name", argument.name},
                         {"description", argument.description},
                         {"required", argument.required}});
  }
  json described{{"name", prompt.name}, {"description", prompt.description}};
  if (!prompt.title.empty()) described["title"] = prompt.title;
  if (!arguments.empty()) described["arguments"] = std::move(arguments);
  return described;
}

MethodAnswer list_prompts(const McpServices& services, const McpCall& call) {
  const auto position = list_position(kList, call);
  if (const auto* error = std::get_if<RpcError>(&position)) return *error;
  const auto& after = std::get<std::optional<std::string>>(position);
  const std::vector<Prompt>& prompts = services.prompts;
  auto at = prompts.begin();
  if (after) {
    at = std::find_if(at, prompts.end(),
                      [&](const Prompt& prompt) { return prompt.name == *after; });
    if (at != prompts.end()) ++at;
  }
  json list = json::array();
  for (; at != prompts.end() && list.size() < list_page_size; ++at) list.push_back(describe(*at));
  json result{{"prompts", std::move(list)}};
  if (at != prompts.end()) result["nextCursor"] = list_cursor(kList, std::prev(at)->name);
  set_cacheable(result, call, mcp::kListTtlMs, true);
  return result;
}

std::string quoted_names(const Prompt& prompt) {
  std::string names;
  for (const PromptArgument& argument : prompt.arguments) {
    names += (names.empty() ? "\"" : ", \"") + argument.name + "\"";
  }
  return names.empty() ? "none" : names;
}

/// Strings by the prompt's own names. Empty ones count as not given: forms send them.
std::variant<PromptValues, RpcError> values_of(const Prompt& prompt, const json* given) {
  PromptValues values;
  if (given != nullptr && !given->is_null()) {
    if (!given->is_object()) return invalid("arguments: expected an object of strings");
    for (const auto& [name, value] : given->items()) {
      const bool known =
          std::any_of(prompt.arguments.begin(), prompt.arguments.end(),
                      [&, &key = name](const PromptArgument& a) { return a.name == key; });
      if (!known) {
        return invalid("arguments: \"" + name.substr(0, 80) + "\" is not one of " +
                       quoted_names(prompt));
      }
      if (!value.is_string()) return invalid("arguments: " + name + ": expected a string");
      const auto& text = value.get_ref<const std::string&>();
      if (text.size() > kMaxValueBytes) {
        return invalid("arguments: " + name + ": longer than " + std::to_string(kMaxValueBytes) +
                       " bytes");
      }
      if (text.find_first_not_of(" \t\r\n") != std::string::npos) values[name] = text;
    }
  }
  for (const PromptArgument& argument : prompt.arguments) {
    if (argument.required && !values.contains(argument.name)) {
      return invalid("arguments: " + argument.name + " is missing: " + argument.description);
    }
  }
  return values;
}

MethodAnswer get_prompt(const McpServices& services, const McpCall& call) {
  const json* name = call.param("name");
  if (name == nullptr || !name->is_string()) return invalid("name: expected the name of a prompt");
  const auto prompt =
      std::find_if(services.prompts.begin(), services.prompts.end(),
                   [&](const Prompt& candidate) { return candidate.name == *name; });
  if (prompt == services.prompts.end()) {
    return invalid("unknown prompt \"" + name->get<std::string>().substr(0, 80) + "\"");
  }
  const auto values = values_of(*prompt, call.param("arguments"));
  if (const auto* error = std::get_if<RpcError>(&values)) return *error;
  std::shared_ptr<const Snapshot> snapshot;
  if (services.library != nullptr) {
    const auto view = services.library->view(call.context);
    if (!view) return RpcError{rpc_error::internal, view.error().message, {}, {}};
    snapshot = view->snapshot;
  }
  auto messages = prompt->messages(std::get<PromptValues>(values), snapshot.get());
  if (!messages) {
    const bool theirs = messages.error().kind == ErrorKind::invalid_argument;
    return RpcError{theirs ? rpc_error::invalid_params : rpc_error::internal,
                    "arguments: " + messages.error().message,
                    {},
                    {}};
  }
  return json{{"description", prompt->description}, {"messages", std::move(messages).value()}};
}

}  // namespace

MethodGroup prompt_methods(const McpServices& services) {
  MethodGroup group;
  if (services.prompts.empty()) return group;
  group.capabilities = {{"prompts", {{"listChanged", false}}}};
  group.methods = {
      {"prompts/list",
       Method::Era::both,
       {},
       [services](McpCall& call) { return list_prompts(services, call); }},
      {"prompts/get", Method::Era::both, [](const McpCall&) { return Method::Runs::worker; },
       [services](McpCall& call) { return get_prompt(services, call); }},
  };
  return group;
}

}  // namespace callslip
