// A server whose port is taken, whose clients misbehave or vanish, and who is told to stop.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/callslip_binary.h"
#include "tests/support/scripted_http_server.h"
#include "tests/support/websocket_client.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string ping(int id) { return json{{"jsonrpc", "2.0"}, {"id", id}, {"method", "ping"}}.dump(); }

std::string call(int id, const std::string& tool, const json& arguments) {
  return json{{"jsonrpc", "2.0"},
              {"id", id},
              {"method", "tools/call"},
              {"params", {{"name", tool}, {"arguments", arguments}}}}
      .dump();
}

/// A chat endpoint that finds nothing relevant, after a while.
ScriptedHttpServer::Handler slow_reader(std::chrono::milliseconds delay) {
  return [delay](const HttpRequest&) {
    HttpReply reply;
    reply.delay = delay;
    reply.body = R"({"choices":[{"message":{"role":"assistant","content":"None"}}]})";
    return reply;
  };
}

class Serving : public ::testing::Test {
 protected:
  Serving() {
    for (int i = 0; i < 20; ++i) {
      shelf_.write(std::to_string(i) + ".md", "A heron stands in the reeds. " + std::to_string(i));
    }
    shelf_.refresh();
  }

  void serve(std::vector<std::string> more = {}) {
    std::vector<std::string> line{"serve", "--listen", "127.0.0.1:0", "--index", shelf_.index()};
    line.insert(line.end(), more.begin(), more.end());
    server_.emplace(callslip_command(line));
    const auto port = server_->wait_for_err("listening on http://127.0.0.1:");
    ASSERT_TRUE(port.has_value()) << server_->wait().describe();
    port_ = static_cast<std::uint16_t>(std::stoul(*port));
  }

  void expect_it_serves() {
    WebSocketClient client(port_);
    ASSERT_FALSE(client.error()) << client.error().message();
    ASSERT_TRUE(client.send(ping(1)));
    EXPECT_TRUE(client.receive().has_value()) << client.error().message();
  }

  void expect_it_ends(int signal = SIGTERM) {
    server_->signal(signal);
    const Outcome& outcome = server_->wait(30s);
    EXPECT_TRUE(exited(outcome, 0));
    EXPECT_EQ(outcome.out, "") << "nothing but protocol goes to stdout";
  }

  Shelf shelf_;
  std::optional<Process> server_;
  std::uint16_t port_ = 0;
};

TEST_F(Serving, APortInUseIsSaid) {
  serve();
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  EXPECT_TRUE(
      refused(shelf_.run({"serve", "--listen", address}), {std::to_string(port_), "in use"}));
  expect_it_serves();
  expect_it_ends();
}

TEST_F(Serving, SignalsEndAnIdleServerWithItsClients) {
  for (const int signal : {SIGTERM, SIGINT}) {
    serve();
    WebSocketClient client(port_);
    ASSERT_TRUE(client.send(ping(1)));
    ASSERT_TRUE(client.receive().has_value());
    std::jthread listening([&] { EXPECT_FALSE(client.receive().has_value()); });
    expect_it_ends(signal);
  }
}

TEST_F(Serving, ASignalLetsRunningCallsFinish) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ScriptedHttpServer model(slow_reader(700ms));
    serve({"--reader-url", model.url(), "--reader-model", "m"});
    WebSocketClient client(port_);
    ASSERT_TRUE(client.send(call(
        5, "read_chunks", {{"question", "where is the heron?"}, {"documents", {"docs/1.md"}}})));
    ASSERT_TRUE(model.wait_for_active(1));
    server_->signal(signal);
    const auto reply = client.receive();
    ASSERT_TRUE(reply.has_value()) << client.error().message();
    const json answer = json::parse(*reply);
    EXPECT_EQ(answer.at("id"), 5);
    EXPECT_EQ(answer.at("result").at("isError"), false) << *reply;
    EXPECT_FALSE(client.receive().has_value());
    EXPECT_TRUE(exited(server_->wait(30s), 0));
  }
}

TEST_F(Serving, ASignalEndsAServerWhoseReaderHangs) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.fault = HttpReply::Fault::hang;
    return reply;
  });
  serve({"--reader-url", model.url(), "--reader-model", "m", "--reader-timeout", "600"});
  WebSocketClient client(port_);
  ASSERT_TRUE(client.send(
      call(5, "read_chunks", {{"question", "where is the heron?"}, {"deadline_s", 600}})));
  ASSERT_TRUE(model.wait_for_active(1));
  expect_it_ends();
}

TEST_F(Serving, ASignalDuringTheFirstIndexingEndsTheServer) {
  const Shelf fresh;
  for (int i = 0; i < 400; ++i) {
    fresh.write(std::to_string(i) + ".md", std::string(40'000, 'a' + i % 26) + " heron\n");
  }
  for (const int pause_ms : {0, 50, 300}) {
    Process server(callslip_command(
        {"serve", fresh.root(), "--listen", "127.0.0.1:0", "--index", fresh.index()}));
    ASSERT_TRUE(server.wait_for_err("listening on http://").has_value());
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    server.signal(SIGTERM);
    EXPECT_TRUE(exited(server.wait(30s), 0));
  }
  fresh.refresh();
  EXPECT_EQ(fresh.names().size(), 400U);
}

TEST_F(Serving, ASignalEndsAStdioServer) {
  ProcessOptions options;
  options.keep_input = true;
  Process server(callslip_command({"serve", "--stdio", "--index", shelf_.index()}), options);
  server.send_line(ping(1));
  ASSERT_TRUE(server.read_line().has_value());
  server.signal(SIGTERM);
  EXPECT_TRUE(exited(server.wait(30s), 0));
}

TEST_F(Serving, AStdioServerWithoutInputEndsQuietly) {
  ProcessOptions options;
  options.environment = {"XDG_DATA_HOME=" + (shelf_ / "data")};
  for (int i = 0; i < 10; ++i) {
    std::filesystem::remove_all(shelf_ / "data");
    const Outcome outcome = run_callslip({"serve", "--stdio", shelf_.root()}, options);
    EXPECT_TRUE(exited(outcome, 0));
    EXPECT_EQ(outcome.err.find("lock"), std::string::npos) << outcome.describe();
  }
}

TEST_F(Serving, TheCallsOfAClientThatVanishedAreStopped) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.fault = HttpReply::Fault::hang;
    return reply;
  });
  serve({"--reader-url", model.url(), "--reader-model", "m", "--reader-timeout", "600"});
  for (int i = 0; i < 3; ++i) {
    WebSocketClient client(port_);
    ASSERT_TRUE(client.send(
        call(5, "read_chunks",
             {{"question", "where is it? " + std::to_string(i)}, {"deadline_s", 600}})));
    ASSERT_TRUE(model.wait_for_active(1));
    client.vanish();
    EXPECT_TRUE(model.wait_for_aborted(static_cast<std::size_t>(i) + 1)) << "still being read";
  }
  expect_it_serves();
  expect_it_ends();
}

TEST_F(Serving, ClientsThatVanishAnywhereDoNoHarm) {
  serve();
  for (int i = 0; i < 60; ++i) {
    WebSocketClient client(port_);
    for (int j = 0; j < i % 5; ++j) {
      client.send(call(j, i % 2 == 0 ? "doc_search" : "read_chunks",
                       {{i % 2 == 0 ? "query" : "question", "heron " + std::to_string(i)}}));
    }
    client.vanish();
  }
  expect_it_serves();
  expect_it_ends();
}

TEST_F(Serving, AStdioClientThatVanishesEndsTheServer) {
  ProcessOptions options;
  options.keep_input = true;
  Process server(callslip_command({"serve", "--stdio", "--index", shelf_.index()}), options);
  for (int i = 0; i < 20; ++i) {
    server.send_line(call(i, "read_chunks", {{"question", "heron " + std::to_string(i)}}));
  }
  server.send("{\"jsonrpc\":\"2.0\",\"id\":99,\"meth");  // the end comes in the middle of a line
  server.close_input();
  const Outcome& outcome = server.wait(30s);
  EXPECT_TRUE(exited(outcome, 0));
  int replies = 0;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    const json reply = json::parse(line, nullptr, false);
    EXPECT_TRUE(reply.is_object()) << line;
    if (reply.is_object() && reply.contains("result")) ++replies;
  }
  EXPECT_EQ(replies, 20) << "calls that were sent before the end of input are answered";
}

TEST_F(Serving, AFrameOfHundredMegabytesClosesItsConnectionOnly) {
  serve();
  std::optional<WebSocketClient> bystander(std::in_place, port_);
  {
    WebSocketClient client(port_);
    client.send("\"" + std::string(100U << 20, 'x') + "\"");
    EXPECT_FALSE(client.receive().has_value());
    // TCP's reset may overtake the close frame: the client was still sending.
    EXPECT_THAT(client.close_code(), testing::AnyOf(1009, 0));
  }
  {
    // Claimed to be longer than any memory.
    WebSocketClient client(port_);
    client.send_raw(std::string("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0", 14));
    client.send_raw(std::string(1000, 'x'));
    EXPECT_FALSE(client.receive().has_value());
  }
  ASSERT_TRUE(bystander->send(ping(3)));
  EXPECT_TRUE(bystander->receive().has_value());
  bystander.reset();
  expect_it_ends();
#ifndef CALLSLIP_SANITIZED
  EXPECT_LT(server_->wait().max_rss_kb, 300 * 1024);
#endif
}

TEST_F(Serving, FramesThatAreNoTextCloseTheirConnectionOnly) {
  serve();
  {
    WebSocketClient client(port_);
    client.send("binary", false);
    EXPECT_FALSE(client.receive().has_value());
    EXPECT_EQ(client.close_code(), 1003);
  }
  {
    WebSocketClient client(port_);
    client.send("\xC3\x28");
    EXPECT_FALSE(client.receive().has_value()) << "text that is no UTF-8";
  }
  {
    WebSocketClient client(port_);
    client.send_raw(std::string(4096, '\xFF'));
    EXPECT_FALSE(client.receive().has_value());
  }
  expect_it_serves();
  expect_it_ends();
}

TEST_F(Serving, MalformedMessagesAreAnsweredAndTheConnectionStays) {
  serve();
  std::optional<WebSocketClient> connected(std::in_place, port_);
  WebSocketClient& client = *connected;
  for (const std::string& message :
       {std::string("{"), std::string(100'000, '['), std::string("7"),
        std::string(R"({"jsonrpc":"2.0","id":null,"method":"ping"})")}) {
    ASSERT_TRUE(client.send(message));
    const auto reply = client.receive();
    ASSERT_TRUE(reply.has_value()) << client.error().message();
    EXPECT_THAT(*reply, HasSubstr("\"error\""));
  }
  ASSERT_TRUE(client.send(ping(9)));
  EXPECT_THAT(client.receive().value_or(""), HasSubstr("\"id\":9"));
  connected.reset();
  expect_it_ends();
}

TEST_F(Serving, ARootThatGoesAwayWhileServingDeletesNothing) {
  const Shelf own;
  own.write("a.md", "a kestrel\n");
  Process server(
      callslip_command({"serve", own.root(), "--listen", "127.0.0.1:0", "--index", own.index()}));
  const auto port = server.wait_for_err("listening on http://127.0.0.1:");
  ASSERT_TRUE(port.has_value());
  std::optional<WebSocketClient> connected(std::in_place,
                                           static_cast<std::uint16_t>(std::stoul(*port)));
  WebSocketClient& client = *connected;
  ASSERT_TRUE(client.send(call(1, "doc_search", {{"query", "kestrel"}})));
  EXPECT_THAT(client.receive().value_or(""), HasSubstr("docs/a.md"));
  std::filesystem::rename(own.root(), own / "elsewhere");
  EXPECT_TRUE(server.wait_for_err("stays as it is").has_value());
  ASSERT_TRUE(client.send(call(2, "doc_search", {{"query", "kestrel"}})));
  EXPECT_THAT(client.receive().value_or(""), HasSubstr("docs/a.md"));
  connected.reset();
  server.signal(SIGTERM);
  EXPECT_TRUE(exited(server.wait(30s), 0));
}

TEST_F(Serving, TheIndexMayBeChangedAndRemovedUnderAServer) {
  serve();
  std::optional<WebSocketClient> connected(std::in_place, port_);
  WebSocketClient& client = *connected;
  const auto search = [&](int id) {
    EXPECT_TRUE(client.send(call(id, "doc_search", {{"query", "heron"}, {"whole", false}})));
    return json::parse(client.receive().value_or("{}")).value("result", json::object());
  };
  EXPECT_EQ(search(1).at("isError"), false);
  shelf_.write("new.md", "A heron and a kestrel.\n");
  shelf_.refresh();
  EXPECT_EQ(search(2).at("structuredContent").at("index").at("documents"), 21);
  std::filesystem::remove_all(shelf_.index());
  const json gone = search(3);
  if (gone.at("isError") == true) {
    EXPECT_THAT(gone.at("content").at(0).at("text").get<std::string>(),
                HasSubstr("callslip index"));
  }
  shelf_.refresh();
  EXPECT_EQ(search(4).at("isError"), false) << "made anew";
  connected.reset();
  expect_it_ends();
}

}  // namespace
}  // namespace callslip::testing_support
