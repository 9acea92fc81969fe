// /.well-known/oauth-protected-resource: where clients get tokens for this server (RFC 9728). Also
// with the endpoint's path behind it, which is where the standard puts it for URLs with a path.

#include "plugin/access/gate.h"
#include "plugin/http/access_routes.h"

namespace callslip {

std::vector<HttpRoute> oauth_metadata_routes(const Gate* gate) {
  const std::string metadata = gate == nullptr ? "" : gate->oauth_metadata();
  HttpRoute route;
  route.method = "GET";
  route.path = "/.well-known/oauth-protected-resource";
  route.open = true;
  route.handle = [metadata](const std::shared_ptr<HttpExchange>& exchange) {
    HttpResponse response;
    response.body = metadata;
    if (metadata.empty()) {
      response.status = 404;
      response.body = R"({"error": "there is no OAuth here; tokens are made by: callslip token"})";
    } else {
      // A page's client reads it before it has a token.
      response.headers = {{"Access-Control-Allow-Origin", "*"},
                          {"Cache-Control", "public, max-age=300"}};
    }
    exchange->respond(std::move(response));
  };
  HttpRoute below = route;
  below.path += "/";  // what is behind it is the path that clients call us by: a proxy's, perhaps
  return {route, below};
}

std::vector<HttpRoute> oauth_metadata_routes(const HttpServices& services) {
  return oauth_metadata_routes(services.gate);
}

}  // namespace callslip
