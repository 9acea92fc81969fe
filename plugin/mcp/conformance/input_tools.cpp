// Tools that need something from the client before they can answer: multi round-trip requests.
#include "plugin/mcp/conformance/client_questions.h"
#include "plugin/mcp/conformance/fixtures.h"
#include "plugin/mcp/conformance/input_round.h"
#include "plugin/mcp/conformance/request_state.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;

RpcError bad_state() {
  return {rpc_error::invalid_params, "requestState: not as it was given, or too old", {}, {}};
}

MethodAnswer ask_name(McpCall& call) {
  InputRound round(call);
  const json* name = round.elicitation("user_name", elicitation_of("What is your name?", "name"));
  if (!round.complete()) return round.answer();
  return text_result("Hello, " + said(*name, "name") + "!");
}

MethodAnswer ask_model(McpCall& call) {
  InputRound round(call);
  const json* reply =
      round.sampling("capital_question", sampling_params("What is the capital of France?", 100));
  if (!round.complete()) return round.answer();
  return text_result(reply->at("content").dump());
}

MethodAnswer ask_roots(McpCall& call) {
  InputRound round(call);
  const json* roots = round.roots("client_roots");
  if (!round.complete()) return round.answer();
  return text_result("Roots: " + roots->at("roots").dump());
}

MethodAnswer ask_all(McpCall& call) {
  InputRound round(call);
  round.elicitation("user_name", elicitation_of("What is your name?", "name"));
  round.sampling("greeting", sampling_params("Generate a greeting", 50));
  round.roots("client_roots");
  if (!round.complete()) return round.answer("asked");
  if (!unseal_state(call)) return bad_state();
  return text_result("All three came");
}

MethodAnswer ask_with_state(McpCall& call) {
  InputRound round(call);
  round.elicitation("confirm", elicitation_of("Please confirm", "ok", "boolean"));
  // Also where the answer is missing: state that is not ours is refused in any case.
  if (call.param("requestState") != nullptr && !unseal_state(call)) return bad_state();
  if (!round.complete()) return round.answer("asked");
  if (!unseal_state(call)) return bad_state();
  return text_result("state-ok");
}

MethodAnswer ask_twice(McpCall& call) {
  const bool returns = call.param("requestState") != nullptr;
  const auto state = unseal_state(call);
  if (returns && !state) return bad_state();
  if (!state) {
    InputRound first(call);
    first.elicitation("step1", elicitation_of("Step 1: What is your name?", "name"));
    return first.complete() ? bad_state() : first.answer("name");
  }
  if (*state == "name") {
    InputRound first(call);
    const json* name =
        first.elicitation("step1", elicitation_of("Step 1: What is your name?", "name"));
    if (!first.complete()) return first.answer("name");
    InputRound second(call);
    second.elicitation("step2", elicitation_of("Step 2: What is your favorite color?", "color"));
    return second.answer("color of " + said(*name, "name"));
  }
  InputRound second(call);
  const json* color =
      second.elicitation("step2", elicitation_of("Step 2: What is your favorite color?", "color"));
  if (!second.complete()) return second.answer(*state);
  return text_result("The " + *state + " is " + said(*color, "color"));
}

/// Asks for as much as the client can give.
MethodAnswer ask_what_it_can(McpCall& call) {
  InputRound round(call);
  round.sampling("greeting", sampling_params("Generate a greeting", 50));
  round.elicitation("user_name", elicitation_of("What is your name?", "name"));
  const json* brought = call.param("inputResponses");
  if (brought != nullptr && brought->is_object() && !brought->empty()) {
    return text_result("Came: " + brought->dump());
  }
  return round.answer();
}

MethodAnswer need_sampling(McpCall& call) {
  const json needed{{"sampling", json::object()}};
  if (!call.client_capabilities().contains("sampling")) return missing_capability(needed);
  return text_result("The client can sample");
}

MethodAnswer elicit_after_progress(McpCall& call) {
  if (const auto progress = call.progress(std::chrono::milliseconds(0))) progress(1, 2, "asking");
  return ask_name(call);
}

}  // namespace

std::vector<FixtureTool> input_tools() {
  const std::string prefix = "test_input_required_result_";
  return {
      {describe_tool(prefix + "elicitation", "Needs a name"), ask_name},
      {describe_tool(prefix + "sampling", "Needs the client's model"), ask_model},
      {describe_tool(prefix + "list_roots", "Needs the client's roots"), ask_roots},
      {describe_tool(prefix + "request_state", "Needs a yes, and its state back"), ask_with_state},
      {describe_tool(prefix + "tampered_state", "Needs its state back as it was"), ask_with_state},
      {describe_tool(prefix + "multiple_inputs", "Needs three things"), ask_all},
      {describe_tool(prefix + "multi_round", "Needs two things, one after the other"), ask_twice},
      {describe_tool(prefix + "capabilities", "Needs what the client can give"), ask_what_it_can},
      {describe_tool("test_missing_capability", "Needs a client that can sample"), need_sampling},
      {describe_tool("test_streaming_elicitation", "Needs a name, in a stream"),
       elicit_after_progress},
  };
}

}  // namespace callslip::conformance
