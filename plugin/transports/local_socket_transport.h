// LocalSocketTransport: a running server, for the stdio processes of the same user that attach to
// it. Newline-delimited JSON as on stdio, over the socket of an index (LocalEndpoint).
//
// run() accepts, on its own thread; each connection is a StdioTransport on a thread of its own, so
// that the end of one's input may be waited upon (Connection::still_listens). Connections are those
// of the owner of this process: others are turned away by the kernel's word for who they are.
//
// While another server has the socket, this one waits to take over.
//
// What is bounded: connections (one too many is closed without a greeting), and each as
// StdioTransport is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/transports/stdio_transport.h"
#include "plugin/transports/transport.h"

namespace callslip {

struct LocalSocketOptions {
  std::vector<std::string> folders;  // local_endpoint_folders
  std::string greeting;              // the first line that a peer gets, without its end
  std::size_t max_connections = 128;
  std::size_t max_message_bytes = std::size_t{16} << 20U;
  std::chrono::milliseconds retry{2000};  // when another server has the socket
};

class LocalSocketTransport final : public Transport {
 public:
  /// Peers can connect from now on, unless another server has the socket; run() serves them.
  /// Fails when no folder of the options can hold a socket.
  static Result<std::unique_ptr<LocalSocketTransport>> open(LocalSocketOptions options);

  ~LocalSocketTransport() override;
  LocalSocketTransport(const LocalSocketTransport&) = delete;
  LocalSocketTransport& operator=(const LocalSocketTransport&) = delete;

  Status run(ConnectionHandler& handler) override;
  void stop() override;

 private:
  class Acceptor;
  explicit LocalSocketTransport(std::unique_ptr<Acceptor> acceptor);

  const std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace callslip
