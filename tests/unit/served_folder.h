// ServedFolder: documents written by a test, their index, and a protocol core over the loopback
// transport. For tests.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "plugin/mcp/mcp_server.h"
#include "plugin/toolset/tool.h"
#include "plugin/transports/loopback_transport.h"
#include "tests/support/indexed_folder.h"
#include "tools/extractive_reader.h"

namespace callslip::test {

class ServedFolder : public testing::Test {
 protected:
  using json = nlohmann::json;

  ~ServedFolder() override {
    if (!server_) return;
    transport_.stop();
    io_.join();
    server_->drain(std::chrono::seconds(10));
  }

  /// After the documents were written and indexed.
  void serve() {
    tools_ = make_tools({folder_.library(), reader_, languages_});
    std::vector<std::string> names;
    for (const Tool& tool : tools_) names.push_back(tool.name);
    McpServices services{tools_, &folder_.library(), "1.2.3"};
    services.resources = resources_;
    services.changes = changes_;
    services.prompts = make_prompts(names);
    server_.emplace(services, pool_, waiting_, McpServer::Options());
    io_ = std::jthread([this] { (void)transport_.run(*server_); });
    client_.emplace(transport_.connect());
  }

  static json message(LoopbackClient& client) {
    const auto text = client.receive();
    return text ? json::parse(*text) : json();
  }

  json ask(const std::string& method, json params, LoopbackClient& client) {
    const int id = ++last_id_;
    client.send(
        json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}
            .dump());
    for (;;) {
      json reply = message(client);
      if (reply.is_null() || reply.value("id", json()) == id) return reply;
    }
  }
  json ask(const std::string& method, json params = json::object()) {
    return ask(method, std::move(params), *client_);
  }
  json result(const std::string& method, json params = json::object()) {
    json reply = ask(method, std::move(params));
    EXPECT_TRUE(reply.contains("result")) << reply;
    return reply.contains("result") ? reply["result"] : json::object();
  }
  json error(const std::string& method, json params = json::object()) {
    json reply = ask(method, std::move(params));
    EXPECT_TRUE(reply.contains("error")) << reply;
    return reply.contains("error") ? reply["error"] : json{{"code", 0}, {"message", ""}};
  }

  static json modern(json params = json::object(), json capabilities = json::object()) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientCapabilities", std::move(capabilities)}};
    return params;
  }

  IndexedFolder folder_;
  ExtractiveReader reader_{folder_.index()};
  LibraryLanguages languages_;
  std::vector<FixedResource> resources_;
  ChangeFeed* changes_ = nullptr;  // set before serve()
  std::vector<Tool> tools_;
  WorkerPool pool_{2, 64};
  WorkerPool waiting_{2, 64};
  std::optional<McpServer> server_;
  LoopbackTransport transport_;
  std::jthread io_;
  std::optional<LoopbackClient> client_;
  int last_id_ = 0;
};

}  // namespace callslip::test
