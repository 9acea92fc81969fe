// wire_throughput FOLDER [--words N] [--peer URL MESSAGE]: doc_search over WebSocket, HTTP and
// stdio, from 1, 16, 64 and 256 connections, beside a bare server of the same library that answers
// with the same bytes; and the goal: one connection's latency beside raw Xapian plus the bare
// server. Ratios of one run; above 1 means that we are slower.
//
// --peer measures another MCP server over HTTP with the same queries: MESSAGE is its tools/call,
// with %QUERY% where the query goes.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/child.h"
#include "bench/peer.h"
#include "bench/raw_xapian.h"
#include "bench/sample_queries.h"
#include "bench/wire_load.h"
#include "index/index.h"

namespace {

using namespace callslip;
using namespace callslip::bench;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kQueries = 1024;  // more than are in flight: their ids differ

struct Options {
  std::string folder;
  std::size_t words = 5;
  std::string peer_url;
  std::string peer_message;
};

[[noreturn]] void die(const std::string& why) {
  std::cerr << "wire_throughput: " << why << "\n";
  std::exit(1);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--words" && i + 1 < argc) {
      options.words = std::stoul(argv[++i]);
    } else if (word == "--peer" && i + 2 < argc) {
      options.peer_url = argv[++i];
      options.peer_message = argv[++i];
    } else {
      options.folder = word;
    }
  }
  if (options.folder.empty()) {
    std::cerr << "usage: wire_throughput FOLDER [--words N] [--peer URL MESSAGE]\n";
    std::exit(2);
  }
  return options;
}

/// Answers as large as a chat's: the best chunks in 2,000 tokens, about 8 KB.
std::vector<std::string> calls_for(const std::vector<std::string>& queries) {
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const json arguments{{"query", queries[i]}, {"whole", false}, {"max_tokens", 1000}};
    const json meta{{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                    {"io.modelcontextprotocol/clientCapabilities", json::object()}};
    messages.push_back(
        json{{"jsonrpc", "2.0"},
             {"id", i + 1},
             {"method", "tools/call"},
             {"params", {{"name", "doc_search"}, {"arguments", arguments}, {"_meta", meta}}}}
            .dump());
  }
  return messages;
}

void print_row(const std::string& what, std::size_t connections, const LoadResult& ours,
               const LoadResult& bare) {
  std::printf("%-10s %5zu %9.0f %8.0f %8.0f   %9.0f %8.0f %8.0f   %6.2f\n", what.c_str(),
              connections, ours.per_second, ours.p50, ours.p99, bare.per_second, bare.p50, bare.p99,
              ours.p50 / bare.p50);
  std::fflush(stdout);
}

std::uint16_t port_of(const std::string& line) {
  return static_cast<std::uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
}

double raw_p50(const RawXapian& raw, const std::vector<std::string>& queries) {
  std::vector<double> micros;
  for (const bool warm : {false, true}) {
    for (const std::string& query : queries) {
      const auto start = Clock::now();
      raw.search(query, 20);
      if (warm) {
        micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      }
    }
  }
  std::sort(micros.begin(), micros.end());
  return micros[micros.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const std::string scratch =
      std::filesystem::temp_directory_path() / ("callslip-wire-" + std::to_string(getpid()));
  const std::string directory = scratch + "/index";
  if (!Child({CALLSLIP_BIN, "index", options.folder, "--index", directory}).succeeded()) {
    die("indexing failed");
  }
  const auto snapshot = Index(directory).snapshot();
  if (!snapshot) die(snapshot.error().message);
  const auto queries = sample_queries(**snapshot, options.words, kQueries);
  std::uint64_t bytes = 0;
  index_raw(**snapshot, scratch + "/raw", bytes);
  std::printf("%llu chunks; queries of %zu words\n\n",
              static_cast<unsigned long long>((*snapshot)->chunk_count()), options.words);

  LoadOptions load;
  load.messages = calls_for(queries);
  load.headers = {{"MCP-Protocol-Version", "2026-07-28"},
                  {"Mcp-Method", "tools/call"},
                  {"Mcp-Name", "doc_search"}};
  const Child server({CALLSLIP_BIN, "serve", "--index", directory, "--listen", "127.0.0.1:0",
                      "--max-requests-per-second", "0"},
                     true);
  const std::uint16_t port = port_of(server.error_line());
  const LoadResult sample = load_http(port, load);
  std::ofstream(scratch + "/reply") << sample.last;

  std::printf("%-10s %5s %9s %8s %8s   %9s %8s %8s   %6s\n", "", "conn.", "per s", "p50 us",
              "p99 us", "bare/s", "p50 us", "p99 us", "ratio");
  double websocket_p50 = 0;
  double bare_p50 = 0;
  for (const std::size_t connections : {1U, 16U, 64U, 256U}) {
    load.connections = connections;
    const Child echo({ECHO_SERVER_BIN, "websocket", scratch + "/reply"});
    const LoadResult ours = load_websocket(port, load);
    const LoadResult bare = load_websocket(port_of(echo.output_line()), load);
    print_row("WebSocket", connections, ours, bare);
    if (connections == 1) websocket_p50 = ours.p50;
    if (connections == 1) bare_p50 = bare.p50;
  }
  for (const std::size_t connections : {1U, 16U, 64U, 256U}) {
    load.connections = connections;
    const Child echo({ECHO_SERVER_BIN, "http", scratch + "/reply"});
    const LoadResult ours = load_http(port, load);
    print_row("HTTP", connections, ours, load_http(port_of(echo.output_line()), load));
  }
  for (const std::size_t in_flight : {1U, 16U, 64U}) {
    load.connections = in_flight;
    const Child stdio({CALLSLIP_BIN, "serve", "--stdio", "--index", directory});
    const Child echo({ECHO_SERVER_BIN, "stdio", scratch + "/reply"});
    const LoadResult ours = load_stdio(stdio.input(), stdio.output(), load);
    print_row("stdio", in_flight, ours, load_stdio(echo.input(), echo.output(), load));
  }
  if (!options.peer_url.empty()) {
    LoadOptions peer = peer_load(options.peer_url, options.peer_message, queries);
    for (const std::size_t connections : {1U, 16U}) {
      peer.connections = connections;
      load.connections = connections;
      const LoadResult ours = load_http(port, load);
      const LoadResult theirs = load_http(peer_port(options.peer_url), peer);
      print_row("HTTP/peer", connections, ours, theirs);
    }
  }
  const double raw = raw_p50(RawXapian(scratch + "/raw"), queries);
  std::printf("\nraw Xapian %.0f us + bare WebSocket %.0f us; ours %.0f us: %.2f (goal 1.2)\n", raw,
              bare_p50, websocket_p50, websocket_p50 / (raw + bare_p50));
  std::printf("a reply: %.0f bytes\n", sample.bytes);
  std::filesystem::remove_all(scratch);
  return 0;
}
