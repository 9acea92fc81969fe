// What the protocol's conformance suite calls (@modelcontextprotocol/conformance): tools, prompts
// and resources with fixed names and fixed answers, on the same protocol core as the rest. A test
// aid: `callslip serve --conformance-fixtures`.
//
// Constant after construction; any thread.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plugin/mcp/method.h"

namespace callslip::conformance {

struct FixtureTool {
  nlohmann::json described;  // as in tools/list
  std::function<MethodAnswer(McpCall& call)> call;
};

// A group is a function in a file of its own, and a line in fixtures.cpp.
std::vector<FixtureTool> content_tools();
std::vector<FixtureTool> telling_tools();
std::vector<FixtureTool> asking_tools();
std::vector<FixtureTool> input_tools();
std::vector<FixtureTool> task_tools(TaskService& tasks);
/// Those that change lists, and so need who tells of it.
std::vector<FixtureTool> changing_tools(Subscriptions& subscriptions);

/// A listed tool that takes no arguments that matter.
nlohmann::json describe_tool(const std::string& name, const std::string& description);
nlohmann::json text_result(const std::string& text);

/// A 1 x 1 picture and a millisecond of silence, as base64.
extern const char* const kPng;
extern const char* const kWav;

/// Puts the fixtures in front of what the groups answer.
void add_fixtures(std::vector<MethodGroup>& groups, const McpServices& services);
/// The parts of it for other methods than those of tools.
void add_prompts(std::vector<MethodGroup>& groups);
void add_resources(std::vector<MethodGroup>& groups, const McpServices& services);

}  // namespace callslip::conformance
