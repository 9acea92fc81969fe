#include "plugin/http/port_metrics.h"

namespace callslip::port {
namespace {

constexpr const char* kBytes = "callslip_bytes_total";
constexpr const char* kBytesHelp = "Bytes of HTTP, and of WebSocket messages.";
constexpr const char* kOpened = "callslip_connections_opened_total";
constexpr const char* kOpenedHelp = "Connections that were taken, by kind.";

PortMetrics::Gauge open_connections(Metrics& metrics, const char* kind) {
  auto count = std::make_shared<std::atomic<std::int64_t>>(0);
  metrics.gauge("callslip_connections", "Open connections, by kind.",
                [count] { return static_cast<double>(count->load()); }, {{"kind", kind}});
  return count;
}

}  // namespace

PortMetrics::PortMetrics(Metrics& metrics)
    : http(open_connections(metrics, "http")),
      websocket(open_connections(metrics, "websocket")),
      http_in(metrics.counter(kBytes, kBytesHelp, {{"kind", "http"}, {"direction", "in"}})),
      http_out(metrics.counter(kBytes, kBytesHelp, {{"kind", "http"}, {"direction", "out"}})),
      websocket_in(
          metrics.counter(kBytes, kBytesHelp, {{"kind", "websocket"}, {"direction", "in"}})),
      websocket_out(
          metrics.counter(kBytes, kBytesHelp, {{"kind", "websocket"}, {"direction", "out"}})),
      http_opened(metrics.counter(kOpened, kOpenedHelp, {{"kind", "http"}})),
      websocket_opened(metrics.counter(kOpened, kOpenedHelp, {{"kind", "websocket"}})),
      messages_in(metrics.counter("callslip_websocket_messages_total",
                                  "Messages that came over WebSocket.")),
      metrics_(metrics) {}

void PortMetrics::refused(const char* reason) {
  metrics_
      .counter("callslip_refusals_total", "What the port refused, by reason.", {{"reason", reason}})
      .add();
}

void PortMetrics::answered(const std::string& route, int status, double seconds) {
  Series& series = series_[{route, status}];
  if (series.requests == nullptr) {
    series.requests =
        &metrics_.counter("callslip_http_requests_total", "Requests, by route and status.",
                          {{"route", route}, {"status", std::to_string(status)}});
    series.seconds = &metrics_.histogram("callslip_http_request_seconds",
                                         "From a request's head to the end of its response.",
                                         {{"route", route}});
  }
  series.requests->add();
  series.seconds->observe(seconds);
}

}  // namespace callslip::port
