// Fuzzes the protocol core and the tools behind it, in process, over a tiny index.
//
// Whatever comes: every request with a valid id gets exactly one reply, a notification none, and
// each reply is valid JSON-RPC. Run: protocol_fuzz -max_len=4096 -dict=tests/fuzz/protocol.dict

#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "plugin/mcp/mcp_server.h"
#include "plugin/toolset/tool.h"
#include "tools/extractive_reader.h"

namespace callslip {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMaxDepth = 128;

[[noreturn]] void broken(const std::string& rule, const std::string& message,
                         const std::vector<std::string>& replies) {
  std::cerr << "broken: " << rule << "\nmessage: " << message << "\n";
  for (const std::string& reply : replies) std::cerr << "reply: " << reply << "\n";
  std::abort();
}

class Recorder final : public Connection {
 public:
  const Principal& principal() const override { return principal_; }
  void send(std::string message) override { sent.push_back(std::move(message)); }
  void close() override {}
  std::vector<std::string> sent;

 private:
  const Principal principal_ = Principal::owner();
};

/// The server, without threads, and its documents: made once.
class Bench {
 public:
  Bench()
      : directory_(make_directory()), library_(make_index(directory_)), reader_(library_.index()) {
    server_.emplace(McpServices{tools_, nullptr, "0"}, pool_, pool_, McpServer::Options{});
  }
  ~Bench() { fs::remove_all(directory_); }

  McpServer& server() { return *server_; }

  /// Reads leave their state behind, for a week.
  void tidy() const {
    std::error_code ignored;
    fs::remove_all(directory_ + "/index/reads", ignored);
  }

 private:
  static std::string make_directory() {
    std::string name = fs::temp_directory_path() / "callslip-fuzz-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    return name;
  }

  static std::shared_ptr<Index> make_index(const std::string& directory) {
    fs::create_directories(directory + "/docs/sub");
    for (int i = 0; i < 6; ++i) {
      std::ofstream file(directory + "/docs/" + (i % 2 ? "sub/" : "") + std::to_string(i) + ".md");
      for (int j = 0; j < 200; ++j)
        file << (j % 40 == 0 ? "\n\n# Part\n\n" : "") << "heron " << i * j << ". ";
    }
    std::ofstream(directory + "/docs/c.jsonl") << R"({"_id":"x","text":"a kestrel"})"
                                               << "\n";
    auto writer = IndexWriter::open(directory + "/index", {});
    if (!writer || !Indexer(**writer, {}).run({directory + "/docs"})) std::abort();
    return std::make_shared<Index>(directory + "/index");
  }

  const std::string directory_;
  Library library_;
  ExtractiveReader reader_;
  WorkerPool pool_{0, 16};
  std::vector<Tool> tools_ = make_tools({library_, reader_});
  std::optional<McpServer> server_;
};

/// What the message asks for, by a second reading of JSON-RPC.
struct Expectation {
  bool request = false;       // exactly one reply, with this id
  bool notification = false;  // none
  json id;
};

Expectation expectation_of(const std::string& message) {
  Expectation expected;
  std::size_t depth = 0;
  const json parsed = json::parse(
      message,
      [&](int at, json::parse_event_t, json&) {
        depth = std::max(depth, static_cast<std::size_t>(at));
        return true;
      },
      false);
  if (parsed.is_discarded() || !parsed.is_object() || depth + 1 >= kMaxDepth) return expected;
  if (!parsed.contains("method") || !parsed.at("method").is_string()) return expected;
  if (!parsed.contains("jsonrpc") || parsed.at("jsonrpc") != "2.0") return expected;
  if (!parsed.contains("id")) {
    expected.notification = !parsed.contains("params") || parsed.at("params").is_object();
    return expected;
  }
  expected.id = parsed.at("id");
  expected.request = expected.id.is_string() || expected.id.is_number_integer();
  return expected;
}

void check(const std::string& message, const std::vector<std::string>& sent) {
  const Expectation expected = expectation_of(message);
  std::size_t replies = 0;
  for (const std::string& text : sent) {
    const json reply = json::parse(text, nullptr, false);
    if (!reply.is_object() || reply.value("jsonrpc", json()) != "2.0") {
      broken("a reply is a JSON-RPC object", message, sent);
    }
    if (reply.contains("method")) {
      if (reply.contains("id")) broken("the server asks nothing", message, sent);
      continue;
    }
    ++replies;
    // An error that answers no known id has none, as MCP's schemas have it.
    if (!reply.contains("id") && (reply.contains("result") || expected.request)) {
      broken("a reply has an id", message, sent);
    }
    if (reply.contains("result") == reply.contains("error")) {
      broken("a reply has a result or an error", message, sent);
    }
    if (reply.contains("error") && (!reply.at("error").value("code", json()).is_number_integer() ||
                                    !reply.at("error").value("message", json()).is_string())) {
      broken("an error has a code and a message", message, sent);
    }
    if (reply.contains("error") && reply.at("error").at("code") == -32603) {
      broken("no message makes an internal error", message, sent);
    }
    if (expected.request && reply.at("id") != expected.id) {
      broken("the id is echoed", message, sent);
    }
  }
  if (expected.request && replies != 1) broken("a request has one reply", message, sent);
  if (expected.notification && replies != 0) broken("a notification has none", message, sent);
  if (replies > 1) broken("at most one reply", message, sent);
}

json any_value(FuzzedDataProvider& data) {
  switch (data.ConsumeIntegralInRange(0, 8)) {
    case 0:
      return data.ConsumeRandomLengthString(40);
    case 1:
      return data.ConsumeIntegral<std::int64_t>();
    case 2:
      return data.ConsumeFloatingPoint<double>();
    case 3:
      return data.ConsumeBool();
    case 4:
      return json();
    case 5:
      return data.ConsumeIntegralInRange(-3, 300);
    case 6: {
      json list = json::array();
      for (int n = data.ConsumeIntegralInRange(0, 3); n > 0; --n) {
        list.push_back(data.ConsumeRandomLengthString(20));
      }
      return list;
    }
    case 7:
      return data.PickValueInArray({"heron", "quick", "exhaustive", "snippet", "ids", "docs/", "*",
                                    "!docs/**", "docs/0.md", "docs/c.jsonl#x",
                                    "r0123456789abcdef"});
    default:
      return json::array({any_value(data)});
  }
}

std::string structured_message(FuzzedDataProvider& data) {
  static constexpr std::array<const char*, 18> arguments{
      "query",  "keywords", "exact",  "documents",  "max_tokens", "limit",
      "detail", "whole",    "cursor", "question",   "chunk_ids",  "before",
      "after",  "effort",   "answer", "deadline_s", "other",      ""};
  json message{{"jsonrpc", "2.0"}, {"id", any_value(data)}};
  json params = json::object();
  if (data.ConsumeBool()) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion",
                        data.ConsumeBool() ? json("2026-07-28") : any_value(data)},
                       {"io.modelcontextprotocol/clientCapabilities",
                        data.ConsumeBool() ? json::object() : any_value(data)},
                       {"progressToken", any_value(data)}};
  }
  if (data.ConsumeIntegralInRange(0, 4) != 0) {
    message["method"] = "tools/call";
    params["name"] =
        data.PickValueInArray({"doc_search", "read_chunks", "list_documents", "fetch"});
    json given = json::object();
    for (int n = data.ConsumeIntegralInRange(0, 6); n > 0; --n) {
      given[data.PickValueInArray(arguments)] = any_value(data);
    }
    params["arguments"] = data.ConsumeIntegralInRange(0, 20) == 0 ? any_value(data) : given;
  } else {
    message["method"] = data.PickValueInArray(
        {"initialize", "ping", "tools/list", "server/discover", "logging/setLevel",
         "resources/list", "prompts/list", "subscriptions/listen", "tasks/get",
         "notifications/cancelled", "notifications/initialized", "completion/complete"});
    for (const char* name : {"cursor", "requestId", "protocolVersion", "uri", "level"}) {
      if (data.ConsumeBool()) params[name] = any_value(data);
    }
  }
  message["params"] = data.ConsumeIntegralInRange(0, 20) == 0 ? any_value(data) : params;
  if (data.ConsumeIntegralInRange(0, 9) == 0) message.erase("id");
  return message.dump(-1, ' ', data.ConsumeBool(), json::error_handler_t::replace);
}

}  // namespace
}  // namespace callslip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callslip;
  static Bench bench;
  static std::uint64_t runs = 0;
  if (++runs % 500 == 0) bench.tidy();
  FuzzedDataProvider data(bytes, size);
  const auto connection = std::make_shared<Recorder>();
  bench.server().on_open(connection);
  for (int n = 0; n < 8 && data.remaining_bytes() > 0; ++n) {
    std::string message;
    switch (data.ConsumeIntegralInRange(0, 3)) {
      case 0:
        message = data.ConsumeRandomLengthString();
        break;
      case 1:
        message = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"doc_search",)"
                  R"("arguments":)" +
                  data.ConsumeRandomLengthString() + "}}";
        break;
      default:
        message = structured_message(data);
    }
    connection->sent.clear();
    bench.server().on_message(connection, message);
    check(message, connection->sent);
  }
  bench.server().on_close(connection);
  return 0;
}
