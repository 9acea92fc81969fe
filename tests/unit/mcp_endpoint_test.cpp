#include "plugin/http/mcp_endpoint.h"

#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

#include "tests/unit/fake_exchange.h"

namespace callslip {
namespace {

using nlohmann::json;
using Exchange = std::shared_ptr<FakeExchange>;

constexpr const char* kModern = "2026-07-28";

/// The endpoint over a server with two tools of its own.
class McpEndpointTest : public testing::Test {
 protected:
  McpEndpointTest() {
    Tool echo;
    echo.name = "echo";
    echo.input_schema = {{"type", "object"}};
    echo.call = [](const json& arguments, const CallContext& context) -> Result<ToolOutput> {
      if (context.progress) context.progress(1, 2, "half");
      return ToolOutput{arguments.dump(), arguments};
    };
    Tool hang;
    hang.name = "hang";
    hang.input_schema = echo.input_schema;
    hang.waits = true;
    hang.call = [this](const json&, const CallContext& context) -> Result<ToolOutput> {
      hanging_.release();
      while (!context.cancelled() && !let_go_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      ended_.release();
      return ToolOutput{context.cancelled() ? "cancelled" : "let go", json::object()};
    };
    tools_ = {echo, hang};
    McpServices services{tools_, nullptr, "1.2.3"};
    services.conformance_fixtures = true;  // for tools that ask, and lists that change
    server_.emplace(services, pool_, waiting_, McpServer::Options{});
    endpoint_.emplace(*server_, McpEndpoint::Options{});
  }

  ~McpEndpointTest() override {
    let_go_ = true;
    server_->drain(std::chrono::seconds(10));
  }

  Exchange send(const std::string& method, HttpHeaders headers, const std::string& body = {},
                const Principal& principal = {}) {
    HttpRequest request;
    request.method = method;
    request.path = "/mcp";
    request.headers = std::move(headers);
    request.body = body;
    request.principal = principal;
    auto exchange = std::make_shared<FakeExchange>(std::move(request));
    endpoint_->handle(exchange);
    return exchange;
  }
  Exchange post(const json& message, HttpHeaders headers = {}) {
    headers.emplace_back("content-type", "application/json");
    return send("POST", std::move(headers), message.dump());
  }
  static json request(const std::string& method, json params = json::object(), json id = 1) {
    return {{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"method", method}, {"params", params}};
  }
  Exchange modern(const std::string& method, json params = json::object(), HttpHeaders more = {}) {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = kModern;
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json::object();
    more.emplace_back("mcp-protocol-version", kModern);
    more.emplace_back("mcp-method", method);
    if (params.contains("name")) more.emplace_back("mcp-name", params.at("name"));
    return post(request(method, params), std::move(more));
  }
  /// The id of a new session.
  std::string open(const std::string& version = "2025-11-25") {
    const json params{{"protocolVersion", version},
                      {"capabilities", {{"elicitation", json::object()}}}};
    return post(request("initialize", params))->header("Mcp-Session-Id");
  }
  static HttpHeaders in(const std::string& session) { return {{"mcp-session-id", session}}; }
  static int code(const Exchange& exchange) {
    return exchange->json().at("error").at("code").get<int>();
  }

  WorkerPool pool_{2, 8};
  WorkerPool waiting_{4, 8};
  std::counting_semaphore<> hanging_{0};
  std::counting_semaphore<> ended_{0};
  std::atomic<bool> let_go_{false};
  std::vector<Tool> tools_;
  std::optional<McpServer> server_;
  std::optional<McpEndpoint> endpoint_;
};

TEST_F(McpEndpointTest, AModernCallIsAnsweredAsJson) {
  const auto called = modern("tools/call", {{"name", "echo"}, {"arguments", {{"a", 1}}}});
  ASSERT_TRUE(called->wait());
  EXPECT_EQ(called->status(), 200);
  EXPECT_EQ(called->type(), "application/json");
  EXPECT_EQ(called->json().at("result").at("structuredContent"), json({{"a", 1}}));
  EXPECT_EQ(called->header("Mcp-Session-Id"), "");
}

TEST_F(McpEndpointTest, ProgressMakesTheAnswerAStream) {
  const auto called = modern("tools/call", {{"name", "echo"}, {"_meta", {{"progressToken", "p"}}}});
  ASSERT_TRUE(called->wait());
  EXPECT_EQ(called->type(), "text/event-stream");
  const auto events = called->events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at("method"), "notifications/progress");
  EXPECT_TRUE(events[1].contains("result"));
}

TEST_F(McpEndpointTest, ProgressIsLeftOutWhereTheClientTakesNoStream) {
  const auto called = modern("tools/call", {{"name", "echo"}, {"_meta", {{"progressToken", 1}}}},
                             {{"accept", "application/json"}});
  ASSERT_TRUE(called->wait());
  EXPECT_EQ(called->type(), "application/json");
}

TEST_F(McpEndpointTest, ModernHeadersAreCheckedBeforeAnythingIsDone) {
  const json params{{"_meta",
                     {{"io.modelcontextprotocol/protocolVersion", kModern},
                      {"io.modelcontextprotocol/clientCapabilities", json::object()}}}};
  const json list = request("tools/list", params);
  const auto status_and_code = [&](HttpHeaders headers) {
    const auto answered = post(list, std::move(headers));
    return std::pair(answered->status(), code(answered));
  };
  const std::pair mismatch(400, -32020);
  EXPECT_EQ(status_and_code({}), mismatch);
  EXPECT_EQ(status_and_code({{"mcp-protocol-version", kModern}}), mismatch);
  EXPECT_EQ(status_and_code({{"mcp-protocol-version", kModern}, {"mcp-method", "ping"}}), mismatch);
  EXPECT_EQ(status_and_code({{"mcp-protocol-version", "v9"}, {"mcp-method", "tools/list"}}),
            mismatch);
}

TEST_F(McpEndpointTest, ErrorsOfTheEnvelopeHaveTheirStatus) {
  const HttpHeaders headers{{"mcp-protocol-version", kModern}, {"mcp-method", "tools/list"}};
  const auto without_meta = post(request("tools/list", json::object(), 9), headers);
  EXPECT_EQ(without_meta->status(), 400);
  EXPECT_EQ(code(without_meta), -32602);
  EXPECT_EQ(without_meta->json().at("id"), 9);

  const json strange{{"_meta", {{"io.modelcontextprotocol/protocolVersion", "v9"}}}};
  const auto unsupported = post(request("tools/list", strange),
                                {{"mcp-protocol-version", "v9"}, {"mcp-method", "tools/list"}});
  EXPECT_EQ(unsupported->status(), 400);
  EXPECT_EQ(code(unsupported), -32022);
  EXPECT_EQ(unsupported->json().at("error").at("data").at("requested"), "v9");

  const auto only_in_header = post(request("tools/list"), {{"mcp-protocol-version", "v9"}});
  EXPECT_EQ(only_in_header->status(), 400);
  EXPECT_EQ(code(only_in_header), -32022);

  const auto unknown = modern("tools/nothing");
  EXPECT_EQ(unknown->status(), 404);
  EXPECT_EQ(code(unknown), -32601);
  const auto bad_tool = modern("tools/call", {{"name", "nothing"}});
  ASSERT_TRUE(bad_tool->wait());
  EXPECT_EQ(bad_tool->status(), 200) << "the method's own errors are its answer";
  EXPECT_EQ(code(bad_tool), -32602);
  const auto incapable = modern("tools/call", {{"name", "test_missing_capability"}});
  ASSERT_TRUE(incapable->wait());
  EXPECT_EQ(incapable->status(), 400);
  EXPECT_EQ(incapable->json().at("error").at("data").at("requiredCapabilities"),
            json({{"sampling", json::object()}}));
}

TEST_F(McpEndpointTest, WhatIsNoMessageIsRefused) {
  EXPECT_EQ(send("POST", {}, "{")->status(), 400);
  EXPECT_EQ(code(send("POST", {}, "{")), -32700);
  EXPECT_EQ(code(send("POST", {}, "7")), -32600);
  EXPECT_EQ(send("POST", {{"content-type", "text/plain"}}, "{}")->status(), 415);
  EXPECT_EQ(send("POST", {{"accept", "text/html"}}, "{}")->status(), 406);
  EXPECT_EQ(send("PUT", {})->status(), 405);
  EXPECT_EQ(send("PUT", {})->header("Allow"), "POST");
}

TEST_F(McpEndpointTest, NotificationsAndRepliesAreAccepted) {
  const json notification{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}};
  const auto told = post(notification);
  EXPECT_EQ(told->status(), 202);
  EXPECT_EQ(told->body(), "");
  EXPECT_EQ(post(notification, {{"mcp-protocol-version", kModern}})->status(), 202);
  EXPECT_EQ(post({{"jsonrpc", "2.0"}, {"id", 1}, {"result", json::object()}})->status(), 202);
}

TEST_F(McpEndpointTest, AModernClientThatGoesCancelsItsCall) {
  const auto called = modern("tools/call", {{"name", "hang"}});
  hanging_.acquire();
  called->vanish();
  ended_.acquire();
  ASSERT_TRUE(called->wait());
  EXPECT_TRUE(called->events().empty());
}

TEST_F(McpEndpointTest, APlainClientNeedsNoSessionAndNoHeaders) {
  const auto listed = post(request("tools/list"));
  ASSERT_TRUE(listed->wait());
  EXPECT_EQ(listed->status(), 200);
  const auto called = post(request("tools/call", {{"name", "echo"}}));
  ASSERT_TRUE(called->wait());
  EXPECT_TRUE(called->json().contains("result"));
  const auto unknown = post(request("tools/nothing"));
  EXPECT_EQ(unknown->status(), 200);
  EXPECT_EQ(code(unknown), -32601);
}

TEST_F(McpEndpointTest, InitializeOpensASessionAndDeleteEndsIt) {
  const std::string id = open();
  ASSERT_FALSE(id.empty());
  EXPECT_EQ(post(request("ping"), in(id))->status(), 200);
  EXPECT_EQ(send("DELETE", in(id))->status(), 204);
  EXPECT_EQ(send("DELETE", in(id))->status(), 404);
  EXPECT_EQ(post(request("ping"), in(id))->status(), 404);
  EXPECT_EQ(post(request("ping"), in("unknown"))->status(), 404);
  EXPECT_EQ(send("GET", in(id))->status(), 404);
}

TEST_F(McpEndpointTest, SomeoneElsesSessionDoesNotExist) {
  const std::string id = open();
  HttpHeaders headers = in(id);
  headers.emplace_back("content-type", "application/json");
  const Principal other{"other", false, nullptr};
  EXPECT_EQ(send("POST", headers, request("ping").dump(), other)->status(), 404);
  EXPECT_EQ(send("GET", headers, {}, other)->status(), 404);
  EXPECT_EQ(send("DELETE", headers, {}, other)->status(), 404);
  EXPECT_EQ(post(request("ping"), in(id))->status(), 200);
}

TEST_F(McpEndpointTest, GetAndDeleteNeedASession) {
  EXPECT_EQ(send("GET", {})->status(), 405);
  EXPECT_EQ(send("DELETE", {})->status(), 405);
  HttpHeaders modern_headers = in(open());
  modern_headers.emplace_back("mcp-protocol-version", kModern);
  EXPECT_EQ(send("GET", modern_headers)->status(), 405);
  HttpHeaders no_stream = in(open());
  no_stream.emplace_back("accept", "application/json");
  EXPECT_EQ(send("GET", no_stream)->status(), 406);
}

TEST_F(McpEndpointTest, TheStreamOfASessionHearsOfChangedLists) {
  const std::string id = open();
  post({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}, in(id));
  const auto stream = send("GET", in(id));
  EXPECT_EQ(stream->type(), "text/event-stream");
  const auto change = post(request("tools/call", {{"name", "test_trigger_tool_change"}}), in(id));
  ASSERT_TRUE(change->wait());
  ASSERT_TRUE(stream->wait_for("list_changed"));
  EXPECT_EQ(stream->events().at(0).at("method"), "notifications/tools/list_changed");
  EXPECT_EQ(send("DELETE", in(id))->status(), 204);
  EXPECT_TRUE(stream->ended());
}

TEST_F(McpEndpointTest, ALegacyLineThatBreaksCancelsNothingButANotificationDoes) {
  const std::string id = open();
  const auto called = post(request("tools/call", {{"name", "hang"}}, 5), in(id));
  hanging_.acquire();
  called->vanish();
  const json cancel{
      {"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 5}}}};
  EXPECT_FALSE(ended_.try_acquire_for(std::chrono::milliseconds(20)));
  EXPECT_EQ(post(cancel, in(id))->status(), 202);
  ended_.acquire();
}

TEST_F(McpEndpointTest, WithoutASessionALineThatBreaksCancels) {
  const auto called = post(request("tools/call", {{"name", "hang"}}));
  hanging_.acquire();
  called->vanish();
  ended_.acquire();
}

TEST_F(McpEndpointTest, AToolAsksAndTheReplyIsPosted) {
  const std::string id = open();
  const auto called = post(
      request("tools/call", {{"name", "test_elicitation"}, {"arguments", {{"message", "Who?"}}}}),
      in(id));
  ASSERT_TRUE(called->wait_for("elicitation/create"));
  const json asked = called->events().at(0);
  EXPECT_EQ(asked.at("params").at("message"), "Who?");
  const json said{{"action", "accept"}, {"content", {{"username", "petrel"}}}};
  EXPECT_EQ(post({{"jsonrpc", "2.0"}, {"id", asked.at("id")}, {"result", said}}, in(id))->status(),
            202);
  ASSERT_TRUE(called->wait());
  EXPECT_NE(called->body().find("petrel"), std::string::npos);
}

TEST_F(McpEndpointTest, ListenIsAStreamUntilTheClientGoes) {
  const json wanted{{"notifications", {{"toolsListChanged", true}}}};
  const auto listening = modern("subscriptions/listen", wanted);
  ASSERT_TRUE(listening->wait_for("acknowledged"));
  const auto change = modern("tools/call", {{"name", "test_trigger_tool_change"}});
  ASSERT_TRUE(change->wait());
  ASSERT_TRUE(listening->wait_for("tools/list_changed"));
  EXPECT_FALSE(listening->ended());
  listening->vanish();
  EXPECT_TRUE(listening->wait());
}

TEST_F(McpEndpointTest, ListenEndsWithAResultWhenTheServerStops) {
  const auto listening =
      modern("subscriptions/listen", {{"notifications", {{"toolsListChanged", true}}}});
  ASSERT_TRUE(listening->wait_for("acknowledged"));
  server_->drain(std::chrono::seconds(1));
  ASSERT_TRUE(listening->wait());
  EXPECT_EQ(listening->events().back().at("result").at("resultType"), "complete");
}

TEST_F(McpEndpointTest, AStreamOfASessionEndsWhenTheServerStopsAndCallsAreFinished) {
  const std::string id = open();
  const auto stream = send("GET", in(id));
  const auto called = post(request("tools/call", {{"name", "hang"}}), in(id));
  hanging_.acquire();
  std::jthread stopping([&] { server_->drain(std::chrono::seconds(20)); });
  ASSERT_TRUE(stream->wait());
  let_go_ = true;
  ASSERT_TRUE(called->wait());
  EXPECT_EQ(called->json().at("result").at("content").at(0).at("text"), "let go");
}

TEST_F(McpEndpointTest, ListenNeedsAStreamAndSaysWhatItWants) {
  const auto no_stream = modern("subscriptions/listen", {{"notifications", json::object()}},
                                {{"accept", "application/json"}});
  ASSERT_TRUE(no_stream->wait());
  EXPECT_EQ(code(no_stream), -32602);
  const auto wants_nothing = modern("subscriptions/listen");
  ASSERT_TRUE(wants_nothing->wait());
  EXPECT_EQ(code(wants_nothing), -32602);
}

TEST_F(McpEndpointTest, OnlyRevision20250326HasBatches) {
  const json batch = json::array({request("ping", json::object(), 1),
                                  {{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}},
                                  request("tools/call", {{"name", "echo"}}, 2),
                                  7});
  EXPECT_EQ(post(batch, in(open("2025-11-25")))->status(), 400);
  EXPECT_EQ(post(batch, {{"mcp-protocol-version", kModern}})->status(), 400);
  const auto answered = post(batch, in(open("2025-03-26")));
  ASSERT_TRUE(answered->wait());
  EXPECT_EQ(answered->status(), 200);
  const json answers = answered->json();
  ASSERT_EQ(answers.size(), 3U);
  std::vector<json> ids;
  for (const json& answer : answers) ids.push_back(answer.value("id", json()));
  EXPECT_NE(std::find(ids.begin(), ids.end(), json(2)), ids.end());
  const json quiet = json::array({{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}});
  EXPECT_EQ(post(quiet, in(open("2025-03-26")))->status(), 202);
}

}  // namespace
}  // namespace callslip
