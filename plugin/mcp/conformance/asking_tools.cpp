// Tools that ask the client while they run, as the legacy era has it: by a request of the server's
// own, on the stream of the call.
#include "plugin/mcp/conformance/client_questions.h"
#include "plugin/mcp/conformance/fixtures.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;

/// The argument; empty: it is missing.
std::string argument(const McpCall& call, const char* name) {
  const json* given = call.param("arguments");
  if (given == nullptr || !given->is_object()) return {};
  const auto found = given->find(name);
  return found != given->end() && found->is_string() ? found->get<std::string>() : std::string();
}

json failed(const std::string& why) {
  json result = text_result(why);
  result["isError"] = true;
  return result;
}

/// What `report` makes of what the client answers.
MethodAnswer ask(const McpCall& call, const char* capability, const char* method,
                 const json& params, const std::function<std::string(const json&)>& report) {
  if (!call.client_capabilities().contains(capability)) {
    return failed(std::string("this client cannot be asked for ") + capability);
  }
  const auto answer = call.ask(method, params);
  if (const auto* error = std::get_if<RpcError>(&answer)) return failed(error->message);
  return text_result(report(std::get<json>(answer)));
}

MethodAnswer elicit(const McpCall& call, const json& params, const std::string& before) {
  return ask(call, "elicitation", "elicitation/create", params, [&](const json& said) {
    return before + ": action=" + said.value("action", "") +
           ", content=" + said.value("content", json::object()).dump();
  });
}

FixtureTool with_argument(const std::string& name, const std::string& description,
                          const std::string& argument_name,
                          std::function<MethodAnswer(McpCall&)> call) {
  json described = describe_tool(name, description);
  described["inputSchema"]["properties"][argument_name] = {{"type", "string"}};
  described["inputSchema"]["required"] = json::array({argument_name});
  return {std::move(described), std::move(call)};
}

MethodAnswer sample(McpCall& call) {
  const json params = sampling_params(argument(call, "prompt"), 100);
  return ask(call, "sampling", "sampling/createMessage", params, [](const json& said) {
    const json content = said.value("content", json::object());
    return "LLM response: " + (content.is_object() ? content.value("text", "") : content.dump());
  });
}

MethodAnswer elicit_user(McpCall& call) {
  const json schema = json::parse(R"({
    "properties": {"username": {"type": "string", "description": "User's response"},
                   "email": {"type": "string", "description": "User's email address"}},
    "required": ["username", "email"]
  })");
  return elicit(call, elicitation_params(argument(call, "message"), schema), "User response");
}

MethodAnswer elicit_defaults(McpCall& call) {
  const json schema = json::parse(R"({
    "properties": {"name": {"type": "string", "default": "John Doe"},
                   "age": {"type": "integer", "default": 30},
                   "score": {"type": "number", "default": 95.5},
                   "status": {"type": "string", "enum": ["active", "inactive", "pending"],
                              "default": "active"},
                   "verified": {"type": "boolean", "default": true}},
    "required": []
  })");
  return elicit(call, elicitation_params("Check these values", schema), "Elicitation completed");
}

MethodAnswer elicit_enums(McpCall& call) {
  const json schema = json::parse(R"({
    "properties": {
      "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
      "titledSingle": {"type": "string", "oneOf": [{"const": "value1", "title": "First Option"},
                                                   {"const": "value2", "title": "Second Option"},
                                                   {"const": "value3", "title": "Third Option"}]},
      "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"],
                     "enumNames": ["Option One", "Option Two", "Option Three"]},
      "untitledMulti": {"type": "array",
                        "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
      "titledMulti": {"type": "array",
                      "items": {"anyOf": [{"const": "value1", "title": "First Choice"},
                                          {"const": "value2", "title": "Second Choice"},
                                          {"const": "value3", "title": "Third Choice"}]}}},
    "required": []
  })");
  return elicit(call, elicitation_params("Choose", schema), "Elicitation completed");
}

}  // namespace

std::vector<FixtureTool> asking_tools() {
  return {
      with_argument("test_sampling", "Asks the client's model", "prompt", sample),
      with_argument("test_elicitation", "Asks the user", "message", elicit_user),
      {describe_tool("test_elicitation_sep1034_defaults", "Asks the user, with defaults"),
       elicit_defaults},
      {describe_tool("test_elicitation_sep1330_enums", "Asks the user to choose"), elicit_enums},
  };
}

}  // namespace callslip::conformance
