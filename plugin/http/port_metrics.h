// PortMetrics: what the port tells of itself: connections, requests, bytes, refusals.
//
// Any thread; the Metrics outlive it. Gauges keep what they read, so they may outlive the port.
//
// Also compiled as C++17.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "plugin/metrics.h"

namespace callslip::port {

class PortMetrics {
 public:
  explicit PortMetrics(Metrics& metrics);

  /// Why something was refused, as a label of callslip_refusals_total.
  void refused(const char* reason);
  /// The I/O thread only. `route` is a path of the table, or "-".
  void answered(const std::string& route, int status, double seconds);

  using Gauge = std::shared_ptr<std::atomic<std::int64_t>>;
  const Gauge http;       // open connections, those not told apart yet among them
  const Gauge websocket;  // open connections
  Counter& http_in;       // bytes
  Counter& http_out;
  Counter& websocket_in;
  Counter& websocket_out;
  Counter& http_opened;
  Counter& websocket_opened;
  Counter& messages_in;

 private:
  struct Series {
    Counter* requests = nullptr;
    Histogram* seconds = nullptr;
  };

  Metrics& metrics_;
  std::map<std::pair<std::string, int>, Series> series_;  // the I/O thread's
};

/// Counts one up as long as it lives.
class Counted {
 public:
  explicit Counted(PortMetrics::Gauge gauge) : gauge_(std::move(gauge)) { ++*gauge_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*gauge_; }

 private:
  const PortMetrics::Gauge gauge_;
};

}  // namespace callslip::port
