#include "plugin/mcp/mcp_server.h"

#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

#include "plugin/transports/loopback_transport.h"

namespace callslip {
namespace {

using nlohmann::json;

/// A server with two tools of its own, over the loopback transport.
class McpServerTest : public testing::Test {
 protected:
  McpServerTest() {
    Tool echo;
    echo.name = "echo";
    echo.input_schema = {{"type", "object"}, {"properties", json::object()}};
    echo.output_schema = echo.input_schema;
    echo.call = [](const json& arguments, const CallContext& context) -> Result<ToolOutput> {
      if (arguments.contains("fail")) return Error{ErrorKind::invalid_argument, "fail: is given"};
      if (arguments.contains("throw")) throw std::runtime_error("a bug");
      if (context.progress) context.progress(1, 2, "half");
      return ToolOutput{arguments.dump(), arguments};
    };
    Tool hang;
    hang.name = "hang";
    hang.waits = true;
    hang.call = [this](const json&, const CallContext& context) -> Result<ToolOutput> {
      hanging_.release();
      while (!context.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      cancelled_.release();
      return Error{ErrorKind::cancelled, "cancelled"};
    };
    tools_ = {echo, hang};
    McpServer::Options options;
    server_.emplace(McpServices{tools_, nullptr, "1.2.3"}, pool_, waiting_, options);
    io_ = std::jthread([this] { (void)transport_.run(*server_); });
  }

  ~McpServerTest() override {
    transport_.stop();
    io_.join();
    server_->drain(std::chrono::seconds(10));
  }

  json ask(const std::string& message) {
    client_.send(message);
    const auto reply = client_.receive();
    return reply ? json::parse(*reply) : json();
  }
  json ask(const json& message) { return ask(message.dump()); }

  static json request(const std::string& method, json params = json::object(), json id = 1) {
    return {{"jsonrpc", "2.0"},
            {"id", std::move(id)},
            {"method", method},
            {"params", std::move(params)}};
  }
  static json modern(json params = json::object(), const std::string& version = "2026-07-28") {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", version},
                       {"io.modelcontextprotocol/clientCapabilities", json::object()}};
    return params;
  }
  static int code(const json& reply) { return reply.at("error").at("code").get<int>(); }

  WorkerPool pool_{2, 8};
  WorkerPool waiting_{2, 8};
  std::counting_semaphore<> hanging_{0};
  std::counting_semaphore<> cancelled_{0};
  std::vector<Tool> tools_;
  std::optional<McpServer> server_;
  LoopbackTransport transport_;
  std::jthread io_;
  LoopbackClient client_ = transport_.connect();
};

TEST_F(McpServerTest, InitializesInTheVersionAskedForOrTheLatestLegacyOne) {
  for (const std::string version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    const json reply = ask(request("initialize", {{"protocolVersion", version}}));
    EXPECT_EQ(reply.at("result").at("protocolVersion"), version);
    EXPECT_EQ(reply.at("result").at("serverInfo").at("version"), "1.2.3");
  }
  const json reply = ask(request("initialize", {{"protocolVersion", "1999-01-01"}}));
  EXPECT_EQ(reply.at("result").at("protocolVersion"), "2025-11-25");
}

TEST_F(McpServerTest, AnswersAPlainClientThatNeverInitializes) {
  EXPECT_EQ(ask(request("tools/list")).at("result").at("tools").size(), 2U);
  EXPECT_EQ(ask(request("ping")).at("result"), json::object());
}

TEST_F(McpServerTest, ServesTheModernEraStatelessly) {
  const json discovered = ask(request("server/discover", modern())).at("result");
  EXPECT_EQ(discovered.at("resultType"), "complete");
  EXPECT_EQ(discovered.at("supportedVersions"), json::array({"2026-07-28"}));
  const json list = ask(request("tools/list", modern())).at("result");
  EXPECT_TRUE(list.contains("ttlMs"));
  EXPECT_TRUE(list.contains("cacheScope"));
  const json call = ask(request("tools/call", modern({{"name", "echo"}}))).at("result");
  EXPECT_EQ(call.at("resultType"), "complete");
  EXPECT_EQ(code(ask(request("initialize", modern()))), -32601);
  EXPECT_EQ(code(ask(request("ping", modern()))), -32601);
}

TEST_F(McpServerTest, NamesTheVersionsThatItSupports) {
  const json reply = ask(request("tools/list", modern({}, "2030-01-01")));
  EXPECT_EQ(code(reply), -32022);
  EXPECT_EQ(reply.at("error").at("data").at("requested"), "2030-01-01");
  EXPECT_EQ(reply.at("error").at("data").at("supported"), json::array({"2026-07-28"}));
}

TEST_F(McpServerTest, AToolsFailureIsAResult) {
  const json reply =
      ask(request("tools/call", {{"name", "echo"}, {"arguments", {{"fail", true}}}}, "seven"));
  EXPECT_EQ(reply.at("id"), "seven");
  EXPECT_EQ(reply.at("result").at("isError"), true);
  EXPECT_EQ(reply.at("result").at("content").at(0).at("text"), "fail: is given");
}

TEST_F(McpServerTest, ABugInAToolIsAnInternalErrorAndTheServerLives) {
  EXPECT_EQ(code(ask(request("tools/call", {{"name", "echo"}, {"arguments", {{"throw", 1}}}}))),
            -32603);
  EXPECT_TRUE(ask(request("ping")).contains("result"));
}

TEST_F(McpServerTest, MalformedMessagesGetTheirErrors) {
  EXPECT_EQ(code(ask(std::string("{"))), -32700);
  EXPECT_EQ(code(ask(std::string(200'000, '['))), -32700);
  EXPECT_EQ(code(ask(std::string("[]"))), -32600);
  EXPECT_EQ(code(ask(std::string("7"))), -32600);
  EXPECT_EQ(code(ask(std::string(R"({"id":1,"method":"ping"})"))), -32600);
  EXPECT_EQ(code(ask(std::string(R"({"jsonrpc":"2.0","id":1})"))), -32600);
  for (const json& id : {json(), json(1.5), json::array({1}), json(true)}) {
    EXPECT_EQ(code(ask(request("ping", json::object(), id))), -32600) << id;
  }
  EXPECT_EQ(code(ask(request("nonsense"))), -32601);
  EXPECT_EQ(code(ask(request("tools/call", {{"name", "nonsense"}}))), -32602);
  EXPECT_EQ(code(ask(request("tools/call"))), -32602);
  EXPECT_EQ(code(ask(request("tools/list", {{"cursor", "x"}}))), -32602);
  json with_array = request("ping");
  with_array["params"] = json::array();
  EXPECT_EQ(code(ask(with_array)), -32602);
}

TEST_F(McpServerTest, NotificationsAndRepliesGetNoAnswer) {
  client_.send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  client_.send(R"({"jsonrpc":"2.0","method":"whatever"})");
  client_.send(R"({"jsonrpc":"2.0","id":9,"result":{}})");
  EXPECT_EQ(ask(request("ping", json::object(), 42)).at("id"), 42);
}

TEST_F(McpServerTest, TellsProgressWithTheClientsToken) {
  client_.send(
      request("tools/call", {{"name", "echo"}, {"_meta", {{"progressToken", "p"}}}}).dump());
  const json progress = json::parse(*client_.receive());
  EXPECT_EQ(progress.at("method"), "notifications/progress");
  EXPECT_EQ(progress.at("params").at("progressToken"), "p");
  EXPECT_EQ(progress.at("params").at("total"), 2.0);
  EXPECT_TRUE(json::parse(*client_.receive()).contains("result"));
}

TEST_F(McpServerTest, ACancelledCallStopsAndGetsNoAnswer) {
  client_.send(request("tools/call", {{"name", "hang"}}, 5).dump());
  hanging_.acquire();
  EXPECT_EQ(code(ask(request("tools/call", {{"name", "echo"}}, 5))), -32600);  // id in use
  client_.send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})");
  cancelled_.acquire();
  EXPECT_EQ(ask(request("ping", json::object(), 6)).at("id"), 6);
}

TEST_F(McpServerTest, BatchesAreAnsweredWhereTheRevisionHasThem) {
  const json batch = json::array({request("ping", json::object(), 1),
                                  {{"jsonrpc", "2.0"}, {"method", "whatever"}},
                                  request("tools/call", {{"name", "echo"}}, "two")});
  EXPECT_EQ(code(ask(batch)), -32600);
  ask(request("initialize", {{"protocolVersion", "2025-03-26"}}));
  const json replies = ask(batch);
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_TRUE(replies.at(0).contains("result") && replies.at(1).contains("result"));
}

TEST_F(McpServerTest, AWrongLogLevelIsRefused) {
  EXPECT_EQ(ask(request("logging/setLevel", {{"level", "warning"}})).at("result"), json::object());
  EXPECT_EQ(code(ask(request("logging/setLevel", {{"level", "loud"}}))), -32602);
  EXPECT_EQ(code(ask(request("logging/setLevel"))), -32602);
  json params = modern();
  params["_meta"]["io.modelcontextprotocol/logLevel"] = "loud";
  EXPECT_EQ(code(ask(request("tools/list", params))), -32602);
}

TEST_F(McpServerTest, ListenOnAConnectionIsCancelledByANotification) {
  client_.send(
      request("subscriptions/listen", modern({{"notifications", json::object()}}), "s").dump());
  const json acknowledged = json::parse(*client_.receive());
  EXPECT_EQ(acknowledged.at("method"), "notifications/subscriptions/acknowledged");
  EXPECT_EQ(acknowledged.at("params").at("notifications"), json::object())
      << "nothing here changes";
  client_.send(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"s"}})");
  EXPECT_EQ(ask(request("ping", json::object(), "s")).at("id"), "s") << "the id is free again";
}

TEST_F(McpServerTest, CallsThatWaitHoldUpNoOther) {
  for (int id = 10; id < 16; ++id)
    client_.send(request("tools/call", {{"name", "hang"}}, id).dump());
  EXPECT_EQ(ask(request("tools/call", {{"name", "echo"}}, 20)).at("id"), 20);
  client_.close();
}

TEST_F(McpServerTest, AClientThatGoesCancelsItsCalls) {
  client_.send(request("tools/call", {{"name", "hang"}}, 5).dump());
  hanging_.acquire();
  client_.close();
  cancelled_.acquire();
}

}  // namespace
}  // namespace callslip
