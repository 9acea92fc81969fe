// The suite's prompts, and what completes their arguments.
#include <algorithm>
#include <array>
#include <string_view>

#include "plugin/mcp/conformance/client_questions.h"
#include "plugin/mcp/conformance/fixtures.h"
#include "plugin/mcp/conformance/input_round.h"
#include "plugin/mcp/conformance/overlay.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;

json prompt(const std::string& name, const std::string& description,
            std::initializer_list<const char*> arguments) {
  json described{{"name", name}, {"description", description}};
  for (const char* argument : arguments) {
    described["arguments"].push_back({{"name", argument}, {"required", true}});
  }
  return described;
}

json prompts() {
  return json::array({
      prompt("test_simple_prompt", "Has no arguments", {}),
      prompt("test_prompt_with_arguments", "Has two arguments", {"arg1", "arg2"}),
      prompt("test_prompt_with_embedded_resource", "Holds a resource", {"resourceUri"}),
      prompt("test_prompt_with_image", "Holds a picture", {}),
      prompt("test_input_required_result_prompt", "Needs something from the client", {}),
  });
}

json says(json content) { return {{"role", "user"}, {"content", std::move(content)}}; }

json says_text(const std::string& words) { return says({{"type", "text"}, {"text", words}}); }

json messages(std::initializer_list<json> all) { return {{"messages", json::array_t(all)}}; }

std::optional<MethodAnswer> get_prompt(McpCall& call) {
  const json* name = call.param("name");
  if (name == nullptr) return std::nullopt;
  const auto argument = [&](const char* key) {
    const json* given = call.param("arguments");
    return given != nullptr && given->is_object() ? given->value(key, "") : std::string();
  };
  if (*name == "test_simple_prompt") {
    return messages({says_text("This is a simple prompt for testing.")});
  }
  if (*name == "test_prompt_with_arguments") {
    return messages({says_text("Prompt with arguments: arg1='" + argument("arg1") + "', arg2='" +
                               argument("arg2") + "'")});
  }
  if (*name == "test_prompt_with_embedded_resource") {
    return messages({says({{"type", "resource"},
                           {"resource",
                            {{"uri", argument("resourceUri")},
                             {"mimeType", "text/plain"},
                             {"text", "Embedded resource content for testing."}}}}),
                     says_text("Please process the embedded resource above.")});
  }
  if (*name == "test_prompt_with_image") {
    return messages({says({{"type", "image"}, {"data", kPng}, {"mimeType", "image/png"}}),
                     says_text("Please analyze the image above.")});
  }
  if (*name == "test_input_required_result_prompt") {
    InputRound round(call);
    const json* context = round.elicitation(
        "user_context", elicitation_of("What context should the prompt use?", "context"));
    if (!round.complete()) return round.answer();
    return messages({says_text("Context: " + said(*context, "context"))});
  }
  return std::nullopt;
}

std::optional<MethodAnswer> complete(McpCall& call) {
  const json* reference = call.param("ref");
  const json* argument = call.param("argument");
  if (reference == nullptr || !reference->is_object() ||
      reference->value("name", json()) != "test_prompt_with_arguments") {
    return std::nullopt;
  }
  const bool given = argument != nullptr && argument->is_object();
  const std::string begun = given ? argument->value("value", "") : "";
  constexpr std::array<std::string_view, 4> known{"paris", "park", "party", "testing"};
  json values = json::array();
  for (const std::string_view value : known) {
    if (value.starts_with(begun)) values.push_back(value);
  }
  return json{{"completion", {{"values", values}, {"total", values.size()}, {"hasMore", false}}}};
}

}  // namespace

void add_prompts(std::vector<MethodGroup>& groups) {
  extend_list(groups, "prompts/list", "prompts", prompts);
  overlay(groups, "prompts/get", get_prompt, [](McpCall&) {
    return RpcError{rpc_error::invalid_params, "unknown prompt", {}, {}};
  });
  overlay(groups, "completion/complete", complete, [](McpCall&) {
    return json{{"completion", {{"values", json::array()}}}};
  });
}

}  // namespace callslip::conformance
