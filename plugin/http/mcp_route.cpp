// /mcp: Streamable HTTP. WebSocket handshakes on this path never get here.
#include "plugin/http/http_route.h"
#include "plugin/http/mcp_endpoint.h"

namespace callslip {

std::vector<HttpRoute> mcp_routes(const HttpServices& services) {
  const auto endpoint = std::make_shared<McpEndpoint>(services.server, McpEndpoint::Options{});
  HttpRoute route;
  route.method = "*";
  route.path = "/mcp";
  route.handle = [endpoint](const std::shared_ptr<HttpExchange>& exchange) {
    endpoint->handle(exchange);
  };
  return {route};
}

}  // namespace callslip
