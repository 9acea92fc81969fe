#include <iterator>

#include "plugin/http/http_route.h"

// What answers below a path is a file, and a line here. The first that fits answers.
#define CALLSLIP_ROUTES(X) \
  X(mcp_routes)            \
  X(tool_routes)           \
  X(document_routes)       \
  X(openapi_routes)        \
  X(login_routes)          \
  X(oauth_metadata_routes) \
  X(health_routes)         \
  X(metrics_routes)        \
  X(page_routes)

namespace callslip {

#define CALLSLIP_DECLARE(function) std::vector<HttpRoute> function(const HttpServices& services);
CALLSLIP_ROUTES(CALLSLIP_DECLARE)

std::vector<HttpRoute> make_routes(const HttpServices& services) {
  std::vector<HttpRoute> routes;
  const auto add = [&routes](std::vector<HttpRoute> more) {
    routes.insert(routes.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
  };
#define CALLSLIP_ADD(function) add(function(services));
  CALLSLIP_ROUTES(CALLSLIP_ADD)
  return routes;
}

}  // namespace callslip
