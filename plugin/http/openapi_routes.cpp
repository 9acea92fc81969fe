// GET /openapi.json: what POST /tools/NAME takes and answers.

#include "plugin/commands/settings.h"
#include "plugin/http/http_route.h"
#include "plugin/http/openapi_document.h"
#include "plugin/http/route_job.h"
#include "plugin/version.h"

namespace callslip {

std::vector<HttpRoute> openapi_routes(const HttpServices& services) {
  constexpr const char* path = "/openapi.json";
  HttpRoute get;
  get.method = "GET";
  get.path = path;
  get.handle = [services](const std::shared_ptr<HttpExchange>& exchange) {
    const HttpRequest& request = exchange->request();
    OpenApiOptions options;
    options.version = version();
    // The gate has judged the Host.
    options.server_url = std::string(request.secure ? "https://" : "http://") +
                         std::string(request.header("host").value_or(services.settings.listen));
    options.tokens =
        !services.settings.token_files.empty() || !services.settings.oauth_issuer.empty();
    options.may_write = request.principal.may_write;
    HttpResponse response = json_response(200, openapi_document(services.tools, options));
    response.headers.emplace_back("Cache-Control", "no-cache");
    answer_now(exchange, std::move(response));
  };
  return {get};
}

}  // namespace callslip
