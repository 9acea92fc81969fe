// Fuzzes the protocol core and the tools behind it, in process, over a tiny index: as messages of a
// connection, and as requests of the HTTP endpoint with headers of every kind.
//
// Whatever comes: every request with a valid id gets exactly one reply, a notification none, and
// each reply is valid JSON-RPC. Over HTTP every request gets a response.
// Run: protocol_fuzz -max_len=4096 -dict=tests/fuzz/protocol.dict

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
#include "plugin/http/mcp_endpoint.h"
#include "plugin/mcp/mcp_server.h"
#include "plugin/toolset/tool.h"
#include "tests/unit/fake_exchange.h"
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
    server_.emplace(McpServices{tools_, &library_, "0"}, pool_, pool_, McpServer::Options{});
    endpoint_.emplace(*server_, McpEndpoint::Options{});
  }
  ~Bench() { fs::remove_all(directory_); }

  McpServer& server() { return *server_; }
  McpEndpoint& endpoint() { return *endpoint_; }

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
  LibraryLanguages languages_;
  WorkerPool pool_{0, 16};
  std::vector<Tool> tools_ = make_tools({library_, reader_, languages_});
  std::optional<McpServer> server_;
  std::optional<McpEndpoint> endpoint_;
};

/// What the message asks for, by a second reading of JSON-RPC.
struct Expectation {
  bool request = false;       // exactly one reply, with this id
  bool notification = false;  // none
  bool listens = false;       // its reply is the end of a subscription
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
  expected.listens = parsed.at("method") == "subscriptions/listen";
  expected.request = expected.id.is_string() || expected.id.is_number_integer();
  return expected;
}

void check(const std::string& message, const std::vector<std::string>& sent) {
  const Expectation expected = expectation_of(message);
  std::size_t replies = 0;
  std::vector<json> messages;
  for (const std::string& text : sent) {
    json one = json::parse(text, nullptr, false);
    if (one.is_array() && message.find('[') != std::string::npos) {
      for (json& part : one) messages.push_back(std::move(part));  // a batch is answered by one
    } else {
      messages.push_back(std::move(one));
    }
  }
  for (const json& reply : messages) {
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
  const bool answered = replies == 1 || (replies == 0 && expected.listens);
  if (expected.request && !answered) broken("a request has one reply", message, sent);
  if (expected.notification && replies != 0) broken("a notification has none", message, sent);
  if (replies > 1 && sent.size() > 1) broken("at most one reply", message, sent);
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

/// A header that means something to the endpoint, or nearly.
std::pair<std::string, std::string> any_header(FuzzedDataProvider& data) {
  const std::string name =
      data.PickValueInArray({"accept", "content-type", "mcp-protocol-version", "mcp-method",
                             "mcp-name", "mcp-param-x", "mcp-session-id"});
  if (data.ConsumeBool()) return {name, data.ConsumeRandomLengthString(40)};
  return {name, data.PickValueInArray({"2026-07-28", "2025-03-26", "2025-11-25", "tools/call",
                                       "tools/list", "subscriptions/listen", "doc_search",
                                       "application/json", "text/event-stream", "*/*;q=0",
                                       "=?base64?ZG9jX3NlYXJjaA==?=", "=?base64?!?="})};
}

void try_http(Bench& bench, FuzzedDataProvider& data, std::string body) {
  HttpRequest request;
  request.method = data.PickValueInArray({"POST", "POST", "POST", "GET", "DELETE", "PUT"});
  for (int n = data.ConsumeIntegralInRange(0, 6); n > 0; --n) {
    request.headers.push_back(any_header(data));
  }
  request.body = std::move(body);
  const std::string message = request.method + " " + request.body;
  const auto exchange = std::make_shared<FakeExchange>(std::move(request));
  bench.endpoint().handle(exchange);
  if (!exchange->begun()) broken("every request gets a response", message, {});
  const int status = exchange->status();
  if (status < 200 || status > 415) broken("a status that is known", message, {exchange->body()});
  if (exchange->type() == "application/json" && exchange->json().is_discarded()) {
    broken("a response is JSON", message, {exchange->body()});
  }
  exchange->vanish();
  if (!exchange->ended()) broken("a listener that goes is let go", message, {exchange->body()});
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
    if (data.ConsumeBool()) {
      try_http(bench, data, std::move(message));
      continue;
    }
    connection->sent.clear();
    bench.server().on_message(connection, message);
    check(message, connection->sent);
  }
  bench.server().on_close(connection);
  return 0;
}
