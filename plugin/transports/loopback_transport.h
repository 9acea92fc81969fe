// LoopbackTransport: the in-memory twin of the transports, for tests. The same handler code runs,
// on a thread of its own that blocks in run(), without a socket.
//
// connect() and the client's calls: any thread. A client may outlive the transport. Its queues are
// as long as the test makes them.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "plugin/transports/transport.h"

namespace callslip {

/// A peer. Closes when it goes out of scope.
class LoopbackClient {
 public:
  ~LoopbackClient();
  LoopbackClient(LoopbackClient&&) noexcept;
  LoopbackClient& operator=(LoopbackClient&&) noexcept;

  /// One message to the server; nothing when the connection is closed.
  void send(std::string message);

  /// The next message of the server; nothing when none came in time, or none will come because the
  /// server closed and all it had sent was received.
  std::optional<std::string> receive(
      std::chrono::milliseconds timeout = std::chrono::milliseconds(5000));

  /// Whether the server has closed.
  bool closed() const;

  void close();

 private:
  friend class LoopbackTransport;
  class Link;
  explicit LoopbackClient(std::shared_ptr<Link> link);

  std::shared_ptr<Link> link_;
};

class LoopbackTransport final : public Transport {
 public:
  LoopbackTransport();
  ~LoopbackTransport() override;
  LoopbackTransport(const LoopbackTransport&) = delete;
  LoopbackTransport& operator=(const LoopbackTransport&) = delete;

  /// Also before run(), which then serves what has queued up. After stop() the client is born
  /// closed.
  LoopbackClient connect(Principal principal = Principal::owner());

  Status run(ConnectionHandler& handler) override;
  void stop() override;

  class Hub;  // what the server's thread waits on

 private:
  std::shared_ptr<Hub> hub_;
};

}  // namespace callslip
