// Outlet: where the messages that belong to one request go. On WebSocket and stdio that is the
// connection; over HTTP the response, which becomes a stream when something precedes the reply.
//
// Any thread may call. After the reply nothing more is sent.
#pragma once

#include <string>
#include <utility>

namespace callslip {

class Outlet {
 public:
  virtual ~Outlet() = default;
  /// A notification, or a request of ours; before the reply.
  virtual void send(std::string message) = 0;
  /// The last message. `error_code`: JSON-RPC's; 0: a result.
  virtual void reply(std::string message, int error_code) = 0;
  /// The last message too: an error of the request itself, found before anything was done for it.
  virtual void refuse(std::string message, int error_code) {
    reply(std::move(message), error_code);
  }
  /// There will be no reply: the request was cancelled.
  virtual void abandon() = 0;
  /// Whether send() reaches the client.
  virtual bool streams() const { return true; }
};

}  // namespace callslip
