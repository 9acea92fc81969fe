// GET /healthz: 200 from when the server answers the protocol. A server that stops answers 503,
// like every path then.

#include "plugin/http/http_route.h"

namespace callslip {

std::vector<HttpRoute> health_routes(const HttpServices& /*services*/) {
  HttpRoute route;
  route.method = "GET";
  route.path = "/healthz";
  route.open = true;
  route.handle = [](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->respond({200, "text/plain; charset=utf-8", "ok\n", {{"Cache-Control", "no-store"}}});
  };
  return {route};
}

}  // namespace callslip
