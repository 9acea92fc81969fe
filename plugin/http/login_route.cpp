// /login and /logout: the page signs in with a token and gets a cookie, which scripts cannot read.
//
//   GET /login           {"needed": true, "signed_in": "alice" or null, "may_write": false}
//   POST /login          {"token": "..."} -> 200 {"signed_in", "may_write", "expires"} and the
//   cookie POST /logout         204; ends the login
//
// The cookie's value is the name of a login that the server keeps, not the token. SameSite=Strict;
// HttpOnly; Secure where the page came over TLS.

#include <nlohmann/json.hpp>

#include "plugin/access/credentials.h"
#include "plugin/access/gate.h"
#include "plugin/access/token_file.h"
#include "plugin/http/access_routes.h"

namespace callslip {
namespace {

using nlohmann::json;
using Exchange = std::shared_ptr<HttpExchange>;

constexpr std::size_t kMaxBody = 32U << 10U;

HttpResponse reply(int status, const json& body) {
  HttpResponse response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  response.headers = {{"Cache-Control", "no-store"}};
  return response;
}

HttpResponse refusal_reply(const Refusal& refusal) {
  HttpResponse response = reply(refusal.status, {{"error", refusal.message}});
  response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
  return response;
}

std::string_view header_of(const HttpRequest& request, std::string_view name) {
  return request.header(name).value_or("");
}

/// Other pages must sign nobody in or out. What is no browser tells no Origin.
bool is_ours(const Gate& gate, const HttpRequest& request) {
  const std::string_view origin = header_of(request, "origin");
  return origin.empty() || gate.own_origin(origin, header_of(request, "host"));
}

std::string cookie(const HttpRequest& request, std::string_view value, std::int64_t seconds) {
  // A proxy may speak TLS for us: the page's origin tells.
  const bool secure = request.secure || header_of(request, "origin").substr(0, 8) == "https://";
  return login_cookie(header_of(request, "host")) + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) +
         (secure ? "; Secure" : "");
}

HttpResponse status_of(const Gate* gate, const HttpRequest& request) {
  const Principal& principal = request.principal;
  const bool needed = gate != nullptr && gate->asks();
  return reply(200, {{"needed", needed},
                     {"signed_in", principal.name.empty() ? json() : json(principal.name)},
                     {"may_write", principal.may_write}});
}

HttpResponse log_in(const Gate& gate, const HttpRequest& request) {
  if (!is_ours(gate, request)) {
    return reply(403, {{"error", "other pages may not sign in here"}});
  }
  const json body = json::parse(request.body, nullptr, false);
  const auto token = body.is_object() ? body.find("token") : body.end();
  if (!body.is_object() || token == body.end() || !token->is_string()) {
    return reply(400, {{"error", "send {\"token\": \"...\"} as JSON"}});
  }
  auto result = gate.log_in(token->get<std::string>());
  if (const auto* refusal = std::get_if<Refusal>(&result)) return refusal_reply(*refusal);
  const auto& login = std::get<Gate::Login>(result);
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(
      std::min(login.principal.expires, std::chrono::system_clock::now() + Logins::kLifetime) -
      std::chrono::system_clock::now());
  HttpResponse response =
      reply(200, {{"signed_in", login.principal.name},
                  {"may_write", login.principal.may_write},
                  {"expires", utc_text(std::chrono::system_clock::now() + left)}});
  response.headers.emplace_back("Set-Cookie", cookie(request, login.cookie_value, left.count()));
  return response;
}

HttpResponse log_out(const Gate& gate, const HttpRequest& request) {
  if (!is_ours(gate, request)) {
    return reply(403, {{"error", "other pages may not sign out here"}});
  }
  const std::string_view value =
      cookie_value(header_of(request, "cookie"), login_cookie(header_of(request, "host")));
  if (!value.empty()) gate.log_out(value);
  HttpResponse response;
  response.status = 204;
  response.headers = {{"Cache-Control", "no-store"}, {"Set-Cookie", cookie(request, "", 0)}};
  return response;
}

}  // namespace

std::vector<HttpRoute> login_routes(const Gate* gate) {
  const auto nobody_asks = [] {
    return reply(400, {{"error", "nobody needs to sign in here: no tokens are asked for"}});
  };
  HttpRoute status;
  status.method = "GET";
  status.path = "/login";
  status.open = true;
  status.handle = [gate](const Exchange& exchange) {
    exchange->respond(status_of(gate, exchange->request()));
  };
  HttpRoute login = status;
  login.method = "POST";
  login.max_body = kMaxBody;
  login.handle = [gate, nobody_asks](const Exchange& exchange) {
    exchange->respond(gate == nullptr ? nobody_asks() : log_in(*gate, exchange->request()));
  };
  HttpRoute logout = login;
  logout.path = "/logout";
  logout.handle = [gate, nobody_asks](const Exchange& exchange) {
    exchange->respond(gate == nullptr ? nobody_asks() : log_out(*gate, exchange->request()));
  };
  return {status, login, logout};
}

std::vector<HttpRoute> login_routes(const HttpServices& services) {
  return login_routes(services.gate);
}

}  // namespace callslip
