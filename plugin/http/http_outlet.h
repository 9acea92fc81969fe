// HttpOutlet: the response to one POST as an outlet of the protocol core. A reply that nothing
// precedes is one JSON document; what precedes it, or a call that takes long, makes the response a
// stream of server-sent events, of which the reply is the last.
//
// Any thread may call. Streams are not resumable: events have no ids.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "plugin/http/http_exchange.h"
#include "plugin/http/keep_alive.h"
#include "plugin/mcp/outlet.h"

namespace callslip {

/// A message as a server-sent event.
std::string sse_event(const std::string& message);
/// The head of a stream of them.
HttpResponse sse_head();

class HttpOutlet final : public Outlet, public KeptAlive {
 public:
  struct Accepted {
    bool json = true;
    bool stream = true;
  };

  HttpOutlet(std::shared_ptr<HttpExchange> exchange, Accepted accepted, bool modern)
      : exchange_(std::move(exchange)), accepted_(accepted), modern_(modern) {}

  /// Of the response; before it begins.
  void add_header(std::string name, std::string value);

  void send(std::string message) override;
  void reply(std::string message, int error_code) override;
  void refuse(std::string message, int error_code) override;
  void abandon() override;
  bool streams() const override { return accepted_.stream; }

  bool keep_alive() override;
  bool ended() const;

 private:
  void start();
  void finish(std::string message, int status);

  // Constant.
  const std::shared_ptr<HttpExchange> exchange_;
  const Accepted accepted_;
  const bool modern_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  HttpHeaders headers_;
  bool streaming_ = false;
  bool ended_ = false;
};

}  // namespace callslip
