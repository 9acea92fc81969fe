// Messages that are malformed, and tools called with the wrong arguments, over stdio.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/callslip_binary.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class ProtocolFault : public ::testing::Test {
 protected:
  ProtocolFault() {
    for (int i = 0; i < 5; ++i) {
      shelf_.write(std::to_string(i) + ".md", "# Birds\n\nA heron stands in the reeds.\n");
    }
    shelf_.refresh();
    ProcessOptions options;
    options.keep_input = true;
    server_.emplace(callslip_command({"serve", "--stdio", "--index", shelf_.index()}), options);
  }
  ~ProtocolFault() override {
    // Whatever a test did: the server still answers, and ends as it should.
    EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":"last","method":"ping"})").at("id"), "last");
    server_->close_input();
    const Outcome& outcome = server_->wait();
    EXPECT_TRUE(exited(outcome, 0));
  }

  json receive() {
    const auto line = server_->read_line();
    if (!line) {
      ADD_FAILURE() << "no reply; stderr: " << server_->wait().err;
      return {{"id", nullptr}, {"error", {{"code", 0}, {"message", ""}}}};
    }
    json reply = json::parse(*line, nullptr, false);
    EXPECT_TRUE(reply.is_object()) << *line;
    EXPECT_EQ(reply.value("jsonrpc", ""), "2.0") << *line;
    EXPECT_NE(reply.contains("result"), reply.contains("error")) << *line;
    return reply;
  }

  json ask(const std::string& message) {
    EXPECT_TRUE(server_->send_line(message));
    return receive();
  }

  /// The error of the reply, with the id that it must carry.
  json error_of(const std::string& message, const json& id = nullptr) {
    const json reply = ask(message);
    // Without a known id: none, as MCP's schemas have it, or JSON-RPC's null.
    EXPECT_EQ(reply.value("id", json()), id) << message.substr(0, 200);
    if (!reply.contains("error")) {
      ADD_FAILURE() << message.substr(0, 200) << " was answered with " << reply.dump();
      return {{"code", 0}, {"message", ""}};
    }
    EXPECT_NE(reply.at("error").value("message", ""), "");
    return reply.at("error");
  }

  json call(const std::string& tool, const json& arguments) {
    const json request{{"jsonrpc", "2.0"},
                       {"id", ++id_},
                       {"method", "tools/call"},
                       {"params", {{"name", tool}, {"arguments", arguments}}}};
    const json reply = ask(request.dump());
    EXPECT_EQ(reply.at("id"), id_);
    EXPECT_TRUE(reply.contains("result")) << reply.dump();
    return reply.value("result", json{{"isError", nullptr}, {"content", {{{"text", ""}}}}});
  }

  static std::string text_of(const json& result) {
    return result.at("content").at(0).at("text").get<std::string>();
  }

  Shelf shelf_;
  std::optional<Process> server_;
  int id_ = 0;
};

TEST_F(ProtocolFault, MalformedJsonIsAParseError) {
  const std::vector<std::string> malformed{"{",
                                           "}",
                                           "nonsense",
                                           "\"",
                                           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"",
                                           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}}",
                                           "{'a':1}",
                                           "[1,",
                                           "nul",
                                           "\x01",
                                           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\xFFng\"}",
                                           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}",
                                           "{\"jsonrpc\":\"2.0\",\"id\":1e999,\"method\":\"ping\"}",
                                           std::string("{\"a\":\0}", 7),
                                           "\xEF\xBB\xBF\xEF\xBB\xBF{}"};
  for (const std::string& message : malformed) {
    EXPECT_EQ(error_of(message).at("code"), -32700) << message;
  }
}

TEST_F(ProtocolFault, WhatIsNoRequestIsAnInvalidRequest) {
  for (const char* message :
       {"[]", "1", "\"text\"", "null", "true", "{}", R"({"jsonrpc":"2.0"})",
        R"({"jsonrpc":"1.0","method":"ping"})", R"({"jsonrpc":2.0,"method":"ping"})",
        R"({"method":"ping"})", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])"}) {
    EXPECT_EQ(error_of(message).at("code"), -32600) << message;
  }
  EXPECT_EQ(error_of(R"({"jsonrpc":"2.0","id":5})", 5).at("code"), -32600);
  EXPECT_EQ(error_of(R"({"jsonrpc":"2.0","id":6,"method":7})", 6).at("code"), -32600);
  EXPECT_EQ(error_of(R"({"id":7,"method":"ping"})", 7).at("code"), -32600);
  for (const char* params : {"[]", "1", "\"x\"", "null", "true"}) {
    const json error = error_of(
        R"({"jsonrpc":"2.0","id":8,"method":"tools/list","params":)" + std::string(params) + "}",
        8);
    EXPECT_THAT(error.at("code").get<int>(), ::testing::AnyOf(-32600, -32602)) << params;
  }
}

TEST_F(ProtocolFault, IdsAreEchoedOrRefused) {
  for (const char* id :
       {"0", "-1", "9223372036854775807", "18446744073709551615", "-9223372036854775808", "\"\"",
        "\"a\"", "\"1\"", "\"\\u0000\"", "\"\\\"\\n\\u2028\""}) {
    const json reply = ask(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::string(id) + "}");
    EXPECT_EQ(reply.at("id"), json::parse(id));
    EXPECT_TRUE(reply.contains("result")) << id;
  }
  const std::string huge(100'000, 'i');
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"ping","id":")" + huge + "\"}").at("id"), huge);
  for (const char* id : {"null", "1.5", "true", "[]", "{}", "123456789012345678901234567890"}) {
    EXPECT_EQ(
        error_of(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::string(id) + "}").at("code"),
        -32600)
        << id;
  }
}

TEST_F(ProtocolFault, EqualIdsAreBothAnsweredOrTheSecondRefused) {
  const std::string message =
      R"({"jsonrpc":"2.0","id":"twin","method":"tools/call","params":{"name":"read_chunks",)"
      R"("arguments":{"question":"where does the heron stand?"}}})";
  constexpr int copies = 6;
  for (int i = 0; i < copies; ++i) ASSERT_TRUE(server_->send_line(message));
  int answered = 0;
  for (int i = 0; i < copies; ++i) {
    const json reply = receive();
    EXPECT_EQ(reply.at("id"), "twin");
    if (reply.contains("result")) ++answered;
    if (reply.contains("error")) {
      EXPECT_EQ(reply.at("error").at("code"), -32600);
    }
  }
  EXPECT_GE(answered, 1);
  // One after the other they are no duplicates.
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(ask(message).contains("result"));
}

TEST_F(ProtocolFault, DeepNestingIsRefused) {
  const int depth = 100'000;
  EXPECT_EQ(error_of(std::string(depth, '[')).at("code"), -32700);
  EXPECT_EQ(error_of(std::string(depth, '[') + std::string(depth, ']')).at("code"), -32700);
  std::string objects;
  for (int i = 0; i < depth; ++i) objects += "{\"a\":";
  EXPECT_EQ(error_of(objects).at("code"), -32700);
  const json inside = ask(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"doc_search","arguments":{"query":)" +
      std::string(depth, '[') + std::string(depth, ']') + "}}}");
  EXPECT_TRUE(inside.contains("error"));
  // Brackets in a string are text.
  EXPECT_FALSE(call("doc_search", {{"query", std::string(depth, '[')}}).at("isError").is_null());
}

TEST_F(ProtocolFault, AMessageBeyondTheLimitIsRefusedAndTheNextIsServed) {
  const json error = error_of("\"" + std::string(100U << 20, 'x') + "\"");
  EXPECT_EQ(error.at("code"), -32700);
#ifndef CALLSLIP_SANITIZED
  std::string status;
  {
    std::ifstream file("/proc/" + std::to_string(server_->pid()) + "/status");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("VmHWM:")) status = line.substr(6);
    }
  }
  EXPECT_LT(std::stol(status), 300 * 1024) << "kB";
#endif
}

TEST_F(ProtocolFault, UnknownMethodsAndToolsAreNamed) {
  for (const char* method :
       {"tools/frobnicate", "", "ping ", "resources/frobnicate", "initialized"}) {
    const json error = error_of(json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}}.dump(), 1);
    EXPECT_EQ(error.at("code"), -32601) << method;
    EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr(method));
  }
  const auto call_of = [](const json& params) {
    return json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/call"}, {"params", params}}.dump();
  };
  const json unknown = error_of(call_of({{"name", "frobnicate"}}), 1);
  EXPECT_EQ(unknown.at("code"), -32602);
  EXPECT_THAT(unknown.at("message").get<std::string>(), HasSubstr("frobnicate"));
  for (const json& name : {json(), json(1), json::array(), json::object()}) {
    EXPECT_EQ(error_of(call_of({{"name", name}}), 1).at("code"), -32602);
  }
  EXPECT_EQ(error_of(call_of(json::object()), 1).at("code"), -32602);
  EXPECT_EQ(error_of(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}})", 1)
                .at("code"),
            -32602);
}

TEST_F(ProtocolFault, NotificationsAreNeverAnswered) {
  for (const char* message :
       {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"notifications/frobnicate","params":{"x":1}})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[{}]}})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled"})",
        R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"doc_search"}})",
        R"({"jsonrpc":"2.0","id":5,"result":{}})", "", "   "}) {
    ASSERT_TRUE(server_->send_line(message));
  }
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").at("id"), 1);
}

/// Values of every kind but the schema's.
std::vector<json> wrong_values(const json& schema) {
  const std::string type = schema.at("type");
  std::vector<json> wrong{json::object(), json::array({1})};
  if (type != "string") wrong.emplace_back("a word");
  if (type != "integer" && type != "number") wrong.emplace_back(5);
  if (type != "boolean") wrong.emplace_back(true);
  if (type == "integer") wrong.emplace_back(1.5);
  if (type == "array") wrong.push_back(json::array({"a", json()}));
  if (type == "array") wrong.push_back(json::array({json::array({1})}));
  if (type == "string") wrong.push_back(json::array({"a"}));
  if (schema.contains("enum")) wrong.emplace_back("no such choice");
  return wrong;
}

TEST_F(ProtocolFault, EveryWrongArgumentIsNamedWithWhatWasExpected) {
  const json tools =
      ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})").at("result").at("tools");
  ASSERT_GE(tools.size(), 3U);
  int tried = 0;
  for (const json& tool : tools) {
    const json& schema = tool.at("inputSchema");
    for (const auto& [name, property] : schema.at("properties").items()) {
      for (const json& wrong : wrong_values(property)) {
        json arguments{{name, wrong}};
        if (tool.at("name") == "doc_search" && name != "query") arguments["query"] = "heron";
        if (tool.at("name") == "read_chunks" && name != "question") arguments["question"] = "heron";
        const json result = call(tool.at("name"), arguments);
        EXPECT_EQ(result.at("isError"), true) << tool.at("name") << " " << arguments;
        const std::string text = text_of(result);
        EXPECT_THAT(text, HasSubstr(name)) << arguments;
        EXPECT_THAT(text, HasSubstr("expected")) << arguments;
        ++tried;
      }
    }
    for (const auto& name : schema.value("required", json::array())) {
      const json result = call(tool.at("name"), json::object());
      EXPECT_EQ(result.at("isError"), true);
      EXPECT_THAT(text_of(result), HasSubstr(name.get<std::string>()));
    }
    for (const json& arguments : {json(1), json("x"), json::array(), json(true)}) {
      EXPECT_EQ(call(tool.at("name"), arguments).at("isError"), true) << arguments;
    }
  }
  EXPECT_GT(tried, 80);
}

TEST_F(ProtocolFault, NumbersOutOfRangeAreClampedAndThatIsSaid) {
  const std::vector<std::pair<std::string, json>> calls{
      {"doc_search", {{"query", "heron"}, {"max_tokens", 1}}},
      {"doc_search", {{"query", "heron"}, {"max_tokens", -7}}},
      {"doc_search", {{"query", "heron"}, {"max_tokens", 1'000'000}}},
      {"doc_search", {{"query", "heron"}, {"limit", 0}}},
      {"doc_search", {{"query", "heron"}, {"limit", 18446744073709551615ULL}}},
      {"doc_search", {{"query", "heron"}, {"limit", -9223372036854775807LL}}},
      {"doc_search", {{"query", "heron"}, {"limit", 1e300}}},
      {"read_chunks", {{"question", "heron"}, {"max_tokens", 0}}},
      {"read_chunks", {{"question", "heron"}, {"deadline_s", -1}}},
      {"list_documents", {{"limit", -1}}},
  };
  for (const auto& [tool, arguments] : calls) {
    const json result = call(tool, arguments);
    EXPECT_EQ(result.at("isError"), false) << arguments << text_of(result);
    EXPECT_THAT(text_of(result), ::testing::AnyOf(HasSubstr("raised to"), HasSubstr("lowered to")))
        << arguments;
  }
}

TEST_F(ProtocolFault, BadCursorsChunkIdsAndPatternsAreSaid) {
  const std::vector<std::pair<json, std::string>> reads{
      {{{"cursor", "nonsense"}}, "cursor"},
      {{{"cursor", "r0123456789abcdef"}}, "cursor"},
      {{{"cursor", "../../../etc/passwd"}}, "cursor"},
      {{{"chunk_ids", {"nonsense"}}}, "nonsense"},
      {{{"chunk_ids", {"aaaaaaaaaaa:0"}}}, "aaaaaaaaaaa"},
      {{{"chunk_ids", {":", "a:", ":1", "a:b", "a:-1", "a:99999999999999999999"}}}, ":"},
      {json::object(), "question"},
      {{{"question", ""}}, "question"},
      {{{"question", "heron"}, {"documents", {"0.mdd"}}}, "0.md"},
      {{{"question", "heron"}, {"documents", {"["}}}, "["},
  };
  for (const auto& [arguments, text] : reads) {
    const json result = call("read_chunks", arguments);
    EXPECT_EQ(result.at("isError"), true) << arguments << text_of(result);
    EXPECT_THAT(text_of(result), HasSubstr(text)) << arguments;
  }
  for (const json& arguments : {json{{"query", "heron"}, {"cursor", "nonsense"}},
                                json{{"query", "heron"}, {"documents", {"no/such"}}}}) {
    EXPECT_EQ(call("doc_search", arguments).at("isError"), true) << arguments;
  }
  for (const json& arguments : {json{{"cursor", "nonsense"}}, json{{"documents", {"no/such"}}}}) {
    EXPECT_EQ(call("list_documents", arguments).at("isError"), true) << arguments;
  }
  // One existing chunk beyond its document's end: the message says what there is.
  const json found = call("doc_search", {{"query", "heron"}, {"whole", false}});
  const std::string id = found.at("structuredContent").at("chunks").at(0).at("chunk_id");
  const std::string beyond = id.substr(0, id.find(':')) + ":7";
  const json result = call("read_chunks", {{"chunk_ids", {beyond}}});
  EXPECT_EQ(result.at("isError"), true);
  EXPECT_THAT(text_of(result), HasSubstr(beyond));
}

TEST_F(ProtocolFault, HostileTextIsAnsweredLikeAnyOther) {
  std::string marks;
  for (int i = 0; i < 20'000; ++i) marks += "\"(";
  for (const std::string& query :
       {std::string(200'000, 'q'), marks, std::string("\0\0heron", 7), std::string("\"\"\"\""),
        std::string("NOT AND OR NEAR/3 * ? ~ ^ title:heron"),
        std::string("\xEF\xBF\xBF\xF4\x8F\xBF\xBF"), std::string(50'000, ' ') + "heron"}) {
    EXPECT_TRUE(call("doc_search", {{"query", query}}).at("isError").is_boolean());
    EXPECT_TRUE(call("read_chunks", {{"question", query}}).at("isError").is_boolean());
  }
  json many = json::array();
  for (int i = 0; i < 20'000; ++i) many.push_back("word" + std::to_string(i));
  EXPECT_TRUE(call("doc_search", {{"query", "x"}, {"keywords", many}}).at("isError").is_boolean());
  EXPECT_TRUE(call("doc_search", {{"query", "x"}, {"exact", many}}).at("isError").is_boolean());
  const std::string stars = std::string(5'000, '*') + "x";
  EXPECT_TRUE(call("doc_search", {{"query", "x"}, {"documents", {stars, "!" + stars}}})
                  .at("isError")
                  .is_boolean());
  std::string braces;
  for (int i = 0; i < 3000; ++i) braces += "{a,b}*[!c-d]";
  EXPECT_TRUE(call("list_documents", {{"documents", {braces}}}).at("isError").is_boolean());
}

TEST_F(ProtocolFault, ModernRequestsSayWhatTheyLack) {
  const auto ask_modern = [&](const json& meta) {
    return ask(
        json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/list"}, {"params", {{"_meta", meta}}}}
            .dump());
  };
  const char* const version = "io.modelcontextprotocol/protocolVersion";
  const char* const capabilities = "io.modelcontextprotocol/clientCapabilities";
  const json unsupported = ask_modern({{version, "1999-01-01"}, {capabilities, json::object()}});
  EXPECT_EQ(unsupported.at("error").at("code"), -32022);
  EXPECT_EQ(unsupported.at("error").at("data").at("requested"), "1999-01-01");
  EXPECT_EQ(ask_modern({{version, 7}, {capabilities, json::object()}}).at("error").at("code"),
            -32022);
  EXPECT_TRUE(ask_modern({{version, "2026-07-28"}}).contains("error"));
  EXPECT_TRUE(ask_modern({{version, "2026-07-28"}, {capabilities, 1}}).contains("error"));
  EXPECT_TRUE(
      ask_modern({{version, "2026-07-28"}, {capabilities, json::object()}}).contains("result"));
}

}  // namespace
}  // namespace callslip::testing_support
