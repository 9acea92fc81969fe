// Tools that tell something while they run, and those that make a list change.
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "plugin/mcp/conformance/fixtures.h"
#include "plugin/mcp/subscriptions.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;

/// So that a client can see the messages come one by one.
void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

MethodAnswer with_logging(McpCall& call) {
  call.log(LogLevel::info, "Tool execution started");
  pause();
  call.log(LogLevel::info, "Tool processing data");
  pause();
  call.log(LogLevel::info, "Tool execution completed");
  return text_result("Logged three messages");
}

MethodAnswer with_progress(McpCall& call) {
  const auto progress = call.progress(std::chrono::milliseconds(0));
  for (const int done : {0, 50, 100}) {
    if (progress) progress(done, 100, "of three steps");
    pause();
  }
  return text_result("Took three steps");
}

}  // namespace

std::vector<FixtureTool> telling_tools() {
  return {
      {describe_tool("test_tool_with_logging", "Logs three messages"), with_logging},
      {describe_tool("test_logging_tool", "Logs, when the request asks for it"), with_logging},
      {describe_tool("test_tool_with_progress", "Tells its progress"), with_progress},
  };
}

std::vector<FixtureTool> changing_tools(Subscriptions& subscriptions) {
  return {
      {describe_tool("test_trigger_tool_change", "Says that the list of tools has changed"),
       [&](McpCall&) {
         subscriptions.tools_changed();
         return text_result("The list of tools has changed");
       }},
      {describe_tool("test_trigger_prompt_change", "Says that the list of prompts has changed"),
       [&](McpCall&) {
         subscriptions.prompts_changed();
         return text_result("The list of prompts has changed");
       }},
  };
}

}  // namespace callslip::conformance
