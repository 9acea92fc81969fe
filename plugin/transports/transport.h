// Transport: the seam between bytes and the protocol core. WebSocket, stdio, and an in-memory
// twin for tests.
//
// A transport owns its threads and its connections. It delivers whole messages (one JSON-RPC
// message each, as text) and knows nothing of what they say.
#pragma once

#include <memory>
#include <string>

#include "index/result.h"
#include "plugin/access/principal.h"

namespace callslip {

/// One peer. Any thread may call; after the peer is gone, send is a no-op.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Who it is: constant.
  virtual const Principal& principal() const = 0;
  virtual void send(std::string message) = 0;
  /// In on_close: whether the peer, which sends no more, still reads. Then calls in flight are
  /// finished rather than cancelled, and on_close may wait for them.
  virtual bool still_listens() const { return false; }
  /// Messages that were sent before are still delivered.
  virtual void close() = 0;
};

/// What the protocol core does with what arrives. Called on the transport's I/O thread:
/// never blocks.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void on_open(const std::shared_ptr<Connection>& connection) = 0;
  virtual void on_message(const std::shared_ptr<Connection>& connection, std::string message) = 0;
  virtual void on_close(const std::shared_ptr<Connection>& connection) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;

  /// Serves until stop() or, for stdio, the end of input. Blocks; the calling thread becomes the
  /// I/O thread. The handler outlives the transport.
  virtual Status run(ConnectionHandler& handler) = 0;

  /// Stops accepting, lets what was sent go out (bounded), closes, and makes run() return.
  /// Any thread, and signal-safe callers through a thread of their own.
  virtual void stop() = 0;
};

}  // namespace callslip
