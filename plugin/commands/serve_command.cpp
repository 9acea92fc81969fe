#include <algorithm>
#include <iostream>
#include <optional>
#include <thread>

#include "index/store/index_location.h"
#include "plugin/background_indexer.h"
#include "plugin/commands/commands.h"
#include "plugin/commands/descriptor_limit.h"
#include "plugin/commands/gate_options.h"
#include "plugin/commands/local_serving.h"
#include "plugin/commands/signals.h"
#include "plugin/documents/document_store.h"
#include "plugin/documents/url_fetch.h"
#include "plugin/http/port_transport.h"
#include "plugin/mcp/index_watch.h"
#include "plugin/mcp/mcp_server.h"
#include "plugin/mcp/tool_task.h"
#include "plugin/metrics.h"
#include "plugin/page/mcp_app.h"
#include "plugin/reading_services.h"
#include "plugin/service_metrics.h"
#include "plugin/toolset/tool.h"
#include "plugin/transports/stdio_transport.h"
#include "plugin/version.h"

namespace callslip {
namespace {

constexpr std::size_t kQueuedCalls = 1024;
constexpr std::size_t kReadings = 32;  // at a time; they mostly wait for a model
constexpr std::chrono::seconds kDrain{5};

/// "ADDR:PORT"; the address may be an IPv6 one in brackets.
Status parse_listen(const std::string& listen, PortOptions& options) {
  const std::size_t colon = listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string::npos || std::stoul(port) > 65535) {
    return Error{ErrorKind::invalid_argument,
                 "--listen: \"" + listen + "\" is not ADDR:PORT, such as 127.0.0.1:8137"};
  }
  options.address = listen.substr(0, colon);
  options.port = static_cast<std::uint16_t>(std::stoul(port));
  return {};
}

Result<PortOptions> port_options(const Settings& settings) {
  PortOptions options;
  if (settings.stdio) return options;
  if (Status s = parse_listen(settings.listen, options); !s) return s.error();
  options.tls_cert = settings.tls_cert;
  options.tls_key = settings.tls_key;
  options.log = [](const std::string& message) { std::cerr << "callslip: " + message + "\n"; };
  options.max_message_bytes = settings.max_message_bytes;
  options.max_connections = settings.max_connections;
  options.max_connections_per_address = settings.max_connections_per_address;
  options.max_requests_per_second = settings.max_requests_per_second;
  options.max_requests_in_flight = settings.max_calls_per_connection;
  return options;
}

Result<std::unique_ptr<Transport>> open_stdio(const Settings& settings) {
  StdioOptions options;
  options.max_message_bytes = settings.max_message_bytes;
  auto stdio = StdioTransport::take_over(options);
  if (!stdio) return stdio.error();
  return std::unique_ptr<Transport>(std::move(stdio).value());
}

Result<std::unique_ptr<Transport>> open_port(const PortOptions& options,
                                             const AccessControl& access,
                                             const HttpServices& services) {
  allow_descriptors(options.max_connections);
  auto port = PortTransport::listen(options, access, make_routes(services), services.metrics);
  if (!port) return port.error();
  const std::string scheme = options.tls_cert.empty() ? "http://" : "https://";
  std::cerr << "listening on " + scheme + options.address + ":" + std::to_string((*port)->port()) +
                   "\n";
  return std::unique_ptr<Transport>(std::move(port).value());
}

Result<std::string> directory_to_serve(const Settings& settings) {
  if (!settings.index.empty() || settings.operands.empty()) return index_directory(settings);
  return index_directory_of_roots(settings.operands);
}

}  // namespace

int run_serve(const Settings& settings) {
  SignalWatch signals;
  const auto directory = directory_to_serve(settings);
  if (!directory) return fail(directory.error());
  if (settings.stdio) {
    const auto code = serve_through_running_server(settings, *directory, signals.token());
    if (code) return *code;
  }
  Library library(std::make_shared<Index>(*directory));
  if (settings.operands.empty()) {
    // Better to say at once that there is nothing to serve than at the first call.
    if (const auto snapshot = library.index().snapshot(); !snapshot) return fail(snapshot.error());
  }
  const auto reading = make_reading_services(settings, library.index());
  if (!reading) return fail(reading.error());
  DocumentStore::Options store;
  store.writer = settings.writer;
  store.max_bytes = settings.indexer.max_file_size;
  store.parse = settings.indexer.parse;
  DocumentStore documents(library, store);
  UrlFetch::Options fetch_options;
  fetch_options.max_bytes = settings.indexer.max_file_size;
  const UrlFetch fetch(fetch_options);
  Metrics metrics;
  MeteredReader reader(*reading->reader, metrics);
  const std::vector<Tool> tools =
      measured(make_tools({library, reader, *reading->languages, reading->cache.get(),
                           settings.max_result_tokens, settings.reader_max_calls, &documents,
                           settings.allow_fetch ? &fetch : nullptr, settings.profile}),
               metrics);

  // More threads than cores: a call may wait, for the first commit or for a disk.
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  WorkerPool pool(
      settings.workers == 0 ? std::clamp<std::size_t>(2 * cores, 8, 32) : settings.workers,
      kQueuedCalls);
  WorkerPool waiting(kReadings, kQueuedCalls);
  show_state(metrics, library, pool, waiting);
  McpServer::Options server_options;
  server_options.max_calls_per_connection = settings.max_calls_per_connection;
  std::vector<std::string> tool_names;
  for (const Tool& tool : tools) tool_names.push_back(tool.name);
  IndexWatch watch(library);
  TaskService tasks(library.index().directory(), work_of_tools(tools));
  McpServices mcp_services{tools, &library, version()};
  mcp_services.changes = &watch;
  mcp_services.tasks = &tasks;
  mcp_services.prompts = make_prompts(tool_names);
  mcp_services.resources.push_back(mcp_app_resource());
  mcp_services.conformance_fixtures = settings.conformance_fixtures;
  McpServer server(mcp_services, pool, waiting, server_options);
  std::optional<LocalServing> local;  // before anybody is told that we listen
  if (!settings.stdio) local.emplace(settings, *directory, server);
  const auto options = port_options(settings);
  if (!options) return fail(options.error()) + 1;
  std::unique_ptr<Gate> gate;
  if (!settings.stdio) {
    auto opened = Gate::open(gate_options(settings));
    if (!opened) return fail(opened.error()) + (opened.error().kind == ErrorKind::invalid_argument);
    gate = std::move(opened).value();
  }
  WatchBoard board(library.index().directory());
  show_watch(metrics, board);
  const HttpServices services{settings, tools,   library,   server,     metrics,
                              pool,     waiting, documents, gate.get(), &board};
  auto transport = settings.stdio ? open_stdio(settings) : open_port(*options, *gate, services);
  if (!transport) {
    return fail(transport.error()) +
           (transport.error().kind == ErrorKind::invalid_argument ? 1 : 0);
  }

  if (!settings.operands.empty() && settings.index.empty()) {
    std::cerr << "callslip: its index, for other commands: --index " + shell_word(*directory) +
                     "\n";
  }
  tasks.resume();

  std::optional<BackgroundIndexer> indexer;
  if (!settings.operands.empty()) {
    indexer.emplace(library, board,
                    BackgroundIndexer::Options{settings.operands, settings.writer, settings.indexer,
                                               settings.watch});
  }
  // The first signal drains: running calls get their answers, then the transport closes.
  std::stop_callback on_signal(signals.token(), [&] {
    server.drain(kDrain);
    (*transport)->stop();
  });
  const Status served = (*transport)->run(server);
  local.reset();
  server.drain(kDrain);
  tasks.stop(kDrain);
  pool.drain(kDrain);
  waiting.drain(kDrain);
  if (!served) return fail(served.error());
  return 0;
}

}  // namespace callslip
