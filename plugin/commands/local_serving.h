// Serving the processes of one user from one process: a server offers itself on the socket of its
// index, and `serve --stdio` attaches to it.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "plugin/commands/settings.h"
#include "plugin/transports/transport.h"

namespace callslip {

/// For `serve --stdio`: the exit code, when a running server of the index did the work; nothing
/// when this process is to serve by itself (and why, on stderr, where that may surprise).
std::optional<int> serve_through_running_server(const Settings& settings,
                                                const std::string& index_directory,
                                                const std::stop_token& stop);

/// For the other servers: offers the handler on the socket of the index for as long as this lives,
/// on a thread of its own. A server that cannot offer itself says so on stderr and serves on.
class LocalServing {
 public:
  LocalServing(const Settings& settings, const std::string& index_directory,
               ConnectionHandler& handler);
  ~LocalServing();
  LocalServing(const LocalServing&) = delete;
  LocalServing& operator=(const LocalServing&) = delete;

 private:
  struct Service;
  std::unique_ptr<Service> service_;
};

}  // namespace callslip
