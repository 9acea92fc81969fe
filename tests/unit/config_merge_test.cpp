#include "plugin/connect/config_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plugin/connect/front_end.h"
#include "plugin/connect/json_text.h"
#include "plugin/connect/yaml_text.h"

namespace callslip {
namespace {

using ::testing::HasSubstr;

constexpr const char* kWanted = R"({
  "servers": {
    "callslip": {
      "type": "stdio",
      "command": "/bin/callslip",
      "args": ["serve", "--stdio"]
    }
  }
}
)";

std::string merged(const std::string& text, ConfigFormat format = ConfigFormat::jsonc,
                   const std::string& wanted = kWanted) {
  auto result = merge_config(text, wanted, format);
  if (!result) return "error: " + result.error().message;
  // What it wrote, it leaves as it is.
  EXPECT_EQ(merge_config(*result, wanted, format).value(), *result);
  return *result;
}

TEST(JsonMerge, AddsTheEntryBelowTheOthersAndKeepsComments) {
  EXPECT_EQ(merged(R"({
    // all of my servers
    "servers": {
        "a": {"command": "x"}, // the first
        /* off for now
        "b": {} */
    },
    "inputs": [],
}
)"),
            R"({
    // all of my servers
    "servers": {
        "a": {"command": "x"}, // the first
        "callslip": {
            "type": "stdio",
            "command": "/bin/callslip",
            "args": ["serve", "--stdio"]
        },
        /* off for now
        "b": {} */
    },
    "inputs": [],
}
)");
}

TEST(JsonMerge, AddsACommaWhereThereIsNone) {
  EXPECT_EQ(merged("{\n\t\"servers\": {\n\t\t\"a\": {} // last\n\t}\n}"),
            "{\n\t\"servers\": {\n\t\t\"a\": {}, // last\n\t\t\"callslip\": {\n"
            "\t\t\t\"type\": \"stdio\",\n\t\t\t\"command\": \"/bin/callslip\",\n"
            "\t\t\t\"args\": [\"serve\", \"--stdio\"]\n\t\t}\n\t}\n}");
}

TEST(JsonMerge, AddsTheSectionToAFileThatLacksIt) {
  EXPECT_EQ(merged("{\"theme\": \"dark\"}", ConfigFormat::json,
                   R"({"servers": {"callslip": {"url": "u"}}})"),
            "{\"theme\": \"dark\",\n  \"servers\": {\n    \"callslip\": {\n      \"url\": \"u\"\n"
            "    }\n  }\n}");
  EXPECT_EQ(merged("{}", ConfigFormat::json, R"({"servers": {"callslip": {"url": "u"}}})"),
            "{\n  \"servers\": {\n    \"callslip\": {\n      \"url\": \"u\"\n    }\n  }\n}");
  EXPECT_EQ(merged("{\n  // nothing yet\n}\n", ConfigFormat::jsonc,
                   R"({"servers": {"callslip": {"url": "u"}}})"),
            "{\n  // nothing yet\n  \"servers\": {\n    \"callslip\": {\n      \"url\": \"u\"\n"
            "    }\n  }\n}\n");
  EXPECT_EQ(merged("", ConfigFormat::json), kWanted);
}

TEST(JsonMerge, UpdatesHowToConnectAndKeepsWhatItsOwnerHasSet) {
  EXPECT_EQ(merged(R"({
  "servers": {
    "callslip": {
      "url": "http://127.0.0.1:8137/mcp", // was remote
      "env": {"A": "1"}, // mine
      "disabled": true,
      "args": ["old"]
    },
    "z": 1
  }
}
)"),
            R"({
  "servers": {
    "callslip": {
      // was remote
      "env": {"A": "1"}, // mine
      "disabled": true,
      "args": ["serve", "--stdio"],
      "type": "stdio",
      "command": "/bin/callslip"
    },
    "z": 1
  }
}
)");
}

TEST(JsonMerge, TakesOutTheLastMemberWithItsComma) {
  EXPECT_EQ(merged(R"({"servers": {"callslip": {"type": "stdio", "command": "/bin/callslip",
    "args": ["serve", "--stdio"], "url": "gone"}}})"),
            R"({"servers": {"callslip": {"type": "stdio", "command": "/bin/callslip",
    "args": ["serve", "--stdio"]}}})");
}

TEST(JsonMerge, KeepsLineEndsAndByteOrderMark) {
  const std::string text = "\xEF\xBB\xBF{\r\n  \"servers\": {\r\n    \"a\": {}\r\n  }\r\n}\r\n";
  const std::string result = merged(text, ConfigFormat::json);
  EXPECT_THAT(result, ::testing::StartsWith("\xEF\xBB\xBF{\r\n"));
  for (std::size_t at = 0; (at = result.find('\n', at)) != std::string::npos; ++at) {
    EXPECT_EQ(result[at - 1], '\r') << at;
  }
}

TEST(JsonMerge, ListsMatchByNameOrId) {
  const std::string wanted = R"({"inputs": [{"id": "callslip-token", "password": true}]})";
  EXPECT_EQ(merged(R"({"inputs": [{"id": "other"}]})", ConfigFormat::jsonc, wanted),
            "{\"inputs\": [{\"id\": \"other\"},\n  {\n    \"id\": \"callslip-token\",\n"
            "    \"password\": true\n  }\n]}");
  EXPECT_EQ(merged(R"({"inputs": [{"id": "callslip-token", "password": false}]})",
                   ConfigFormat::jsonc, wanted),
            R"({"inputs": [{"id": "callslip-token", "password": true}]})");
}

TEST(JsonMerge, BrokenFilesAreRefusedWithTheLine) {
  EXPECT_THAT(merged("{\n  \"servers\": {\n    \"a\": {}\n    \"b\": {}\n  }\n}"),
              HasSubstr("line 4, column 5: expected \",\" or \"}\""));
  EXPECT_THAT(merged("{\"servers\": {}"), HasSubstr("line 1"));
  EXPECT_THAT(merged("{\n  // no\n}", ConfigFormat::json),
              HasSubstr("line 2, column 3: a comment"));
  EXPECT_THAT(merged("{\"a\": 1,}", ConfigFormat::json), HasSubstr("a comma before"));
  EXPECT_THAT(merged("{\"a\": 01}"), HasSubstr("expected"));
  EXPECT_THAT(merged("{\"a\": \"\xff\"}"), HasSubstr("bad character"));
  EXPECT_THAT(merged("{} {}"), HasSubstr("something follows"));
  EXPECT_THAT(merged("{\"a\": \"b\\"), HasSubstr("not closed"));
  EXPECT_THAT(merged(std::string(500, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(merged("[]"), HasSubstr("line 1: not an object in braces"));
  EXPECT_THAT(merged("{\n\"servers\": []}"), HasSubstr("line 2: \"servers\" is not an object"));
  EXPECT_THAT(merged("{\"servers\": {}, \"servers\": {}}"), HasSubstr("stands there twice"));
}

constexpr const char* kMapping = R"(version: 1.2.8
mcpServers:
  callslip:
    type: websocket
    url: "ws://127.0.0.1:8137/mcp"
    timeout: 60000
)";

constexpr const char* kList = R"(name: Callslip
mcpServers:
  - name: callslip
    type: stdio
    command: "/bin/callslip"
    args: ["serve", "--stdio"]
)";

std::string merged_yaml(const std::string& text, const std::string& wanted = kMapping) {
  return merged(text, ConfigFormat::yaml, wanted);
}

TEST(YamlMerge, AddsTheEntryAboveTheOthersAndKeepsComments) {
  EXPECT_EQ(merged_yaml(R"(# LibreChat
version: 1.2.1
mcpServers: # tools
    # files
    filesystem:
        command: npx   # slow
endpoints: {}
)"),
            R"(# LibreChat
version: 1.2.1
mcpServers: # tools
    callslip:
      type: websocket
      url: "ws://127.0.0.1:8137/mcp"
      timeout: 60000
    # files
    filesystem:
        command: npx   # slow
endpoints: {}
)");
}

TEST(YamlMerge, AddsTheSectionAtTheEnd) {
  EXPECT_EQ(merged_yaml("version: 1.2.1 # mine"),
            "version: 1.2.1 # mine\nmcpServers:\n  callslip:\n    type: websocket\n"
            "    url: \"ws://127.0.0.1:8137/mcp\"\n    timeout: 60000\n");
  EXPECT_EQ(merged_yaml("---\nversion: 1\n...\n"),
            "---\nversion: 1\nmcpServers:\n  callslip:\n    type: websocket\n"
            "    url: \"ws://127.0.0.1:8137/mcp\"\n    timeout: 60000\n...\n");
  EXPECT_EQ(merged_yaml("# only this\n"),
            "# only this\nmcpServers:\n  callslip:\n    type: websocket\n"
            "    url: \"ws://127.0.0.1:8137/mcp\"\n    timeout: 60000\n");
}

TEST(YamlMerge, FillsASectionThatIsEmpty) {
  const std::string entry =
      "  callslip:\n    type: websocket\n    url: \"ws://127.0.0.1:8137/mcp\"\n"
      "    timeout: 60000\n";
  EXPECT_EQ(merged_yaml("mcpServers:\nx: 1\n"), "mcpServers:\n" + entry + "x: 1\n");
  EXPECT_EQ(merged_yaml("x: 1\nmcpServers:"), "x: 1\nmcpServers:\n" + entry);
  EXPECT_EQ(merged_yaml("mcpServers: ~ # none\nx: 1\n"),
            "mcpServers:  # none\n" + entry + "x: 1\n");
  EXPECT_EQ(merged_yaml("mcpServers: {}\nx: 1\n"),
            "mcpServers: {\"callslip\":{\"type\":\"websocket\",\"url\":\"ws://127.0.0.1:8137/mcp\","
            "\"timeout\":60000}}\nx: 1\n");
}

TEST(YamlMerge, UpdatesHowToConnectAndKeepsWhatItsOwnerHasSet) {
  EXPECT_EQ(merged_yaml(R"(mcpServers:
  other: {}
  callslip:
    command: /old
    args:
      - serve
      - --stdio
    # read by people
    serverInstructions: |
      Search first.

      Then read.
    chatMenu: false # mine
# after
x: 1
)"),
            R"(mcpServers:
  other: {}
  callslip:
    type: websocket
    url: "ws://127.0.0.1:8137/mcp"
    timeout: 60000
    # read by people
    serverInstructions: |
      Search first.

      Then read.
    chatMenu: false # mine
# after
x: 1
)");
}

TEST(YamlMerge, ListsOfServers) {
  EXPECT_EQ(merged_yaml("name: Mine\nmcpServers:\n- name: a\n  command: x\nrules: []\n", kList),
            "name: Mine\nmcpServers:\n- name: a\n  command: x\n- name: callslip\n  type: stdio\n"
            "  command: \"/bin/callslip\"\n  args: [\"serve\", \"--stdio\"]\nrules: []\n");
  EXPECT_EQ(merged_yaml(R"(mcpServers:
  -   name: a
  -   url: http://old
      name: callslip
      env:
        A: "1"
)",
                        kList),
            R"(mcpServers:
  -   name: a
  -   name: callslip
      type: stdio
      command: "/bin/callslip"
      args: ["serve", "--stdio"]
      env:
        A: "1"
)");
}

TEST(YamlMerge, KeepsLineEndsAndPositionsBehindOtherScripts) {
  const std::string result = merged_yaml("über: \"日本語\"\r\nmcpServers:\r\n  é:\r\n    x: 1\r\n");
  EXPECT_THAT(result, HasSubstr("mcpServers:\r\n  callslip:\r\n    type: websocket\r\n"));
  EXPECT_THAT(result, HasSubstr("    timeout: 60000\r\n  é:\r\n    x: 1\r\n"));
}

TEST(YamlMerge, BrokenFilesAreRefusedWithTheLine) {
  EXPECT_THAT(merged_yaml("a: 1\nb: [1,\nc: 2\n"), HasSubstr("error: line "));
  EXPECT_THAT(merged_yaml("a: 1\n\tb: 2\n"), HasSubstr("error: line 2"));
  EXPECT_THAT(merged_yaml("- a\n"), HasSubstr("line 1: not a mapping"));
  EXPECT_THAT(merged_yaml("x: 1\nmcpServers:\n  - a\n"), HasSubstr("line 3: mcpServers is not"));
  EXPECT_THAT(merged_yaml("a: 1\n---\nb: 1\n"), HasSubstr("line 2, column 1: a second document"));
  EXPECT_THAT(merged_yaml("a: 1\nb: \xff\n"), HasSubstr("error: line 2"));
  EXPECT_THAT(merged_yaml("mcpServers: {}\nmcpServers: {}\n"), HasSubstr("twice"));
  EXPECT_THAT(merged_yaml(std::string(300, '[') + std::string(300, ']')),
              HasSubstr("nested too deeply"));
}

TEST(FrontEnds, EveryManifestHoldsTogether) {
  for (const std::string& name : front_end_names()) {
    const auto front_end = find_front_end(name);
    ASSERT_TRUE(front_end.has_value());
    EXPECT_FALSE(front_end->where.empty()) << name;
    EXPECT_FALSE(front_end->body.empty()) << name;
    const bool merges = !front_end->files.empty();
    EXPECT_TRUE(!merges || front_end->format != ConfigFormat::text) << name;
    const std::map<std::string, std::string> values{
        {"COMMAND", "/bin/callslip"}, {"SHELL_COMMAND", "/bin/callslip"},
        {"ARGS", R"("serve")"},       {"WORDS", "serve"},
        {"URL", "http://h/mcp"},      {"WS_URL", "ws://h/mcp"},
        {"BASE_URL", "http://h"},     {"TOKEN", "t0k"}};
    for (const bool with_token : {false, true}) {
      const std::string text = front_end->render(front_end->body, values, with_token);
      EXPECT_EQ(text.find('@'), std::string::npos) << name << ": " << text;
      EXPECT_EQ(text.find("?token"), std::string::npos) << name << ": " << text;
      if (front_end->format == ConfigFormat::yaml) {
        EXPECT_TRUE(parse_yaml_text(text).ok()) << name << ": " << text;
      } else if (front_end->format != ConfigFormat::text) {
        EXPECT_TRUE(nlohmann::json::accept(text)) << name << ": " << text;
      }
    }
  }
}

}  // namespace
}  // namespace callslip
