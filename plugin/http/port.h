// Port: what the connections of the one port share.
//
// The I/O thread only, but for posting to `io`. Outlives its connections.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>

#include "plugin/access/access_control.h"
#include "plugin/http/client_limits.h"
#include "plugin/http/port_metrics.h"
#include "plugin/http/port_options.h"
#include "plugin/http/port_stream.h"
#include "plugin/http/router.h"
#include "plugin/http/websocket_acceptor.h"

namespace callslip::port {

class HttpConnection;

struct Port {
  Port(PortOptions settings, const AccessControl& control, std::vector<HttpRoute> routes,
       Metrics& counters)
      : options(std::move(settings)),
        access(control),
        router(std::move(routes)),
        metrics(counters),
        limits(options) {}

  // Constant.
  const PortOptions options;
  const AccessControl& access;
  const Router router;
  std::function<void(Upgrade)> take_websocket;
  std::function<void()> on_connection_gone;

  PortMetrics metrics;
  ClientLimits limits;
  std::size_t bodies_bytes = 0;  // in memory, of requests that are being received
  bool stopping = false;

  // What is left of connections goes with the context: before what they count in.
  asio::io_context io{1};
  std::set<std::shared_ptr<HttpConnection>> connections;
  std::list<HttpConnection*> idle;  // those that wait for a request, the longest first

  /// Writes bodies to files: a disk may be slow.
  asio::thread_pool& spool() {
    if (!spool_) spool_ = std::make_unique<asio::thread_pool>(1);
    return *spool_;
  }

 private:
  std::unique_ptr<asio::thread_pool> spool_;
};

}  // namespace callslip::port
