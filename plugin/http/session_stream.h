// SessionStream: the way to a legacy client for what belongs to no request: the response to its
// GET. While there is none, messages wait, a few of them.
//
// Any thread may call. It has one exchange at a time: a new GET takes the place of the one before,
// which may be a line that died unnoticed.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "plugin/http/http_exchange.h"
#include "plugin/http/keep_alive.h"
#include "plugin/mcp/outlet.h"

namespace callslip {

class SessionStream final : public Outlet,
                            public KeptAlive,
                            public std::enable_shared_from_this<SessionStream> {
 public:
  void attach(const std::shared_ptr<HttpExchange>& exchange);
  bool attached() const;
  /// Ends the response; there will be no other.
  void close();

  void send(std::string message) override;
  void reply(std::string message, int) override { send(std::move(message)); }
  void abandon() override {}

  bool keep_alive() override;

 private:
  void detach(const HttpExchange* exchange);

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<HttpExchange> exchange_;
  std::deque<std::string> waiting_;
  bool closed_ = false;
};

}  // namespace callslip
