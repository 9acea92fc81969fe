// Tools whose answers show each kind of content, and what schemas may hold.
#include "plugin/mcp/conformance/fixtures.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;

FixtureTool fixed(const std::string& name, const std::string& description, json content,
                  bool is_error = false) {
  json result{{"content", std::move(content)}};
  if (is_error) result["isError"] = true;
  return {describe_tool(name, description), [result](McpCall&) { return result; }};
}

json text(const std::string& words) { return {{"type", "text"}, {"text", words}}; }

json image() { return {{"type", "image"}, {"data", kPng}, {"mimeType", "image/png"}}; }

json resource(const std::string& uri, const std::string& type, const std::string& words) {
  return {{"type", "resource"}, {"resource", {{"uri", uri}, {"mimeType", type}, {"text", words}}}};
}

/// A schema with what JSON Schema 2020-12 has beyond the usual, which must arrive whole.
json full_schema() {
  return json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object",
                          "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
                   "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                   "phone": {"type": "string"}, "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": false
  })");
}

FixtureTool with_full_schema() {
  json described = describe_tool("json_schema_2020_12_tool", "Has a schema with every keyword");
  described["inputSchema"] = full_schema();
  return {described, [](McpCall& call) {
            const json* given = call.param("arguments");
            return text_result("given: " + (given == nullptr ? "{}" : given->dump()));
          }};
}

FixtureTool with_header_params() {
  json described =
      describe_tool("test_header_params", "Its arguments are repeated in headers over HTTP");
  described["inputSchema"] = json::parse(R"({
    "type": "object",
    "properties": {"region": {"type": "string", "x-mcp-header": "Region"},
                   "priority": {"type": "integer", "x-mcp-header": "Priority"},
                   "options": {"type": "object", "properties": {
                     "dry": {"type": "boolean", "x-mcp-header": "Dry-Run"}}}},
    "required": ["region"]
  })");
  return {described, [](McpCall& call) {
            const json* given = call.param("arguments");
            return text_result("region: " +
                               (given == nullptr ? "" : given->value("region", json()).dump()));
          }};
}

}  // namespace

std::vector<FixtureTool> content_tools() {
  return {
      fixed("test_simple_text", "Returns a text",
            json::array({text("This is a simple text response for testing.")})),
      fixed("test_image_content", "Returns a picture", json::array({image()})),
      fixed("test_audio_content", "Returns a sound",
            json::array({{{"type", "audio"}, {"data", kWav}, {"mimeType", "audio/wav"}}})),
      fixed("test_embedded_resource", "Returns a resource",
            json::array({resource("test://embedded-resource", "text/plain",
                                  "This is an embedded resource content.")})),
      fixed("test_multiple_content_types", "Returns a text, a picture and a resource",
            json::array({text("Multiple content types test:"), image(),
                         resource("test://mixed-content-resource", "application/json",
                                  R"({"test":"data","value":123})")})),
      fixed("test_error_handling", "Always fails",
            json::array({text("This tool intentionally returns an error for testing")}), true),
      with_full_schema(),
      with_header_params(),
  };
}

}  // namespace callslip::conformance
