// GET /metrics: everything that is counted, in Prometheus' text format. Not open: the numbers say
// what others do.

#include "plugin/http/http_response.h"
#include "plugin/http/http_route.h"
#include "plugin/metrics.h"
#include "plugin/worker_pool.h"

namespace callslip {

std::vector<HttpRoute> metrics_routes(const HttpServices& services) {
  HttpRoute route;
  route.method = "GET";
  route.path = "/metrics";
  // On a worker: what gauges read may have to wait for a lock or a disk.
  route.handle = [&metrics = services.metrics,
                  &pool = services.pool](const std::shared_ptr<HttpExchange>& exchange) {
    const bool taken = pool.submit([&metrics, exchange] {
      exchange->respond({200, "text/plain; version=0.0.4; charset=utf-8", metrics.text(), {}});
    });
    if (!taken) exchange->respond(error_response(503, "busy: too many calls wait; try again"));
  };
  return {route};
}

}  // namespace callslip
