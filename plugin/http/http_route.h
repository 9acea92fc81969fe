// HttpRoute: a path of the port and what answers it. A route is a file, and a line in
// route_table.cpp.
//
// Constant after construction. `handle` is called on the I/O thread; see http_exchange.h.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin/http/http_exchange.h"

namespace callslip {

class DocumentStore;
class Gate;
class Library;
class McpServer;
class Metrics;
class WatchBoard;
class WorkerPool;
struct Settings;
struct Tool;

/// What routes work with. All outlive them.
struct HttpServices {
  const Settings& settings;
  const std::vector<Tool>& tools;
  Library& library;
  McpServer& server;
  Metrics& metrics;
  WorkerPool& pool;     // for work of milliseconds
  WorkerPool& waiting;  // for work that waits, for a model or for bytes
  DocumentStore& documents;
  const Gate* gate = nullptr;         // null: nobody is asked who they are
  const WatchBoard* board = nullptr;  // null: nothing is watched here
};

struct HttpRoute {
  std::string method;  // "*": any
  /// Exact; or, where it ends with '/' and is more than that, all that begins with it.
  std::string path;
  bool needs_write = false;   // the write scope; else 403
  std::size_t max_body = 0;   // bytes; 0: the port's own bound (--max-message-bytes); else 413
  bool body_to_file = false;  // bodies of any size, memory bounded
  bool open = false;          // answered without credentials
  std::function<void(std::shared_ptr<HttpExchange> exchange)> handle;
};

/// Every route, in the order in which they are tried.
std::vector<HttpRoute> make_routes(const HttpServices& services);

}  // namespace callslip
