// ToolServer: `callslip serve` on an index, and tool calls to it over WebSocket.
//
// Belongs to one thread. The server is killed with it, unless it was stopped. What goes wrong
// throws std::runtime_error: the test then fails.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/callslip_binary.h"
#include "tests/support/websocket_client.h"

namespace callslip::testing_support {

class ToolServer {
 public:
  using json = nlohmann::json;

  explicit ToolServer(const Shelf& shelf, std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"serve", "--listen", "127.0.0.1:0", "--index", shelf.index()});
    process_ = std::make_unique<Process>(callslip_command(std::move(flags)));
    const auto port = process_->wait_for_err("listening on http://127.0.0.1:");
    if (!port) throw std::runtime_error("no server: " + process_->wait().describe());
    client_ = std::make_unique<WebSocketClient>(static_cast<std::uint16_t>(std::stoul(*port)));
    if (client_->error()) throw std::runtime_error(client_->error().message());
  }

  Process& process() { return *process_; }

  /// Starts a call; returns its id.
  int start(const std::string& tool, const json& arguments) {
    send({{"jsonrpc", "2.0"},
          {"id", ++last_id_},
          {"method", "tools/call"},
          {"params", {{"name", tool}, {"arguments", arguments}}}});
    return last_id_;
  }

  /// The reply to a request of the 2026-07-28 era, of a client that knows tasks.
  json modern(const std::string& method, json params) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientCapabilities",
                        {{"extensions", {{"io.modelcontextprotocol/tasks", json::object()}}}}}};
    send({{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", params}});
    return wait(last_id_);
  }

  void cancel(int id) {
    send({{"jsonrpc", "2.0"},
          {"method", "notifications/cancelled"},
          {"params", {{"requestId", id}, {"reason", "a test's"}}}});
  }

  /// The result of a call, notifications passed over.
  json wait(int id) {
    while (const auto message = client_->receive()) {
      const json reply = json::parse(*message);
      if (reply.value("id", json()) != id) continue;
      if (!reply.contains("result")) throw std::runtime_error(*message);
      return reply.at("result");
    }
    throw std::runtime_error("no reply: " + client_->error().message());
  }

  /// The structured result of a call that must succeed.
  json call(const std::string& tool, const json& arguments) {
    json result = wait(start(tool, arguments));
    if (result.at("isError") != false) throw std::runtime_error(result.dump());
    return result.at("structuredContent");
  }

  /// What a call that must fail says.
  std::string refusal(const std::string& tool, const json& arguments) {
    const json result = wait(start(tool, arguments));
    if (result.at("isError") != true) throw std::runtime_error("not refused: " + result.dump());
    return result.at("content").at(0).at("text");
  }

  void kill() {
    process_->signal(SIGKILL);
    process_->wait();
  }

 private:
  void send(const json& message) {
    if (!client_->send(message.dump())) throw std::runtime_error(client_->error().message());
  }

  std::unique_ptr<Process> process_;
  std::unique_ptr<WebSocketClient> client_;
  int last_id_ = 0;
};

}  // namespace callslip::testing_support
