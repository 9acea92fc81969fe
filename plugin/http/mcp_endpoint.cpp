#include "plugin/http/mcp_endpoint.h"

#include <algorithm>
#include <utility>

#include "plugin/http/header_check.h"
#include "plugin/http/media_range.h"
#include "plugin/mcp/envelope.h"
#include "plugin/mcp/protocol_names.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr const char* kSessionHeader = "mcp-session-id";
constexpr const char* kVersionHeader = "mcp-protocol-version";

/// Before there is a message to answer: an error without an id.
void refuse(HttpExchange& exchange, int status, const RpcError& error) {
  HttpResponse response;
  response.status = status;
  response.body = rpc_error_reply(error);
  exchange.respond(std::move(response));
}

void refuse(HttpExchange& exchange, int status, std::string message) {
  refuse(exchange, status, RpcError{rpc_error::invalid_request, std::move(message), {}, {}});
}

void no_session(HttpExchange& exchange) {
  refuse(exchange, 404, "no such session; send initialize again, without Mcp-Session-Id");
}

void not_allowed(HttpExchange& exchange, const char* why) {
  HttpResponse response;
  response.status = 405;
  response.headers = {{"Allow", "POST"}};
  response.body = rpc_error_reply({rpc_error::invalid_request, why, {}, {}});
  exchange.respond(std::move(response));
}

void accepted(HttpExchange& exchange) {
  HttpResponse response;
  response.status = 202;
  response.type.clear();
  exchange.respond(std::move(response));
}

bool is_legacy(std::string_view version) {
  const auto& known = mcp::kLegacyVersions;
  return std::find(known.begin(), known.end(), version) != known.end();
}

std::optional<std::string> session_id(const HttpRequest& request) {
  const auto id = request.header(kSessionHeader);
  if (!id) return std::nullopt;
  return std::string(*id);
}

const RpcRequest* request_in(const RpcMessage& message) {
  const auto* request = std::get_if<RpcRequest>(&message);
  return request == nullptr || request->is_notification() ? nullptr : request;
}

}  // namespace

McpEndpoint::McpEndpoint(McpServer& server, Options options)
    : server_(server),
      sessions_(std::make_shared<LegacySessions>(options.sessions)),
      keep_alive_(options.keep_alive, [this] { sessions_->sweep(); }) {
  // Nobody else ends these, and a port that stops would wait for them. The server may outlive us.
  server_.on_drain([weak = std::weak_ptr(sessions_)] {
    if (const auto sessions = weak.lock()) sessions->close_streams();
  });
}

McpEndpoint::~McpEndpoint() { sessions_->close_all(); }

void McpEndpoint::handle(const Exchange& exchange) {
  const std::string& method = exchange->request().method;
  if (method == "POST") {
    post(exchange);
  } else if (method == "GET") {
    get(exchange);
  } else if (method == "DELETE") {
    remove(exchange);
  } else {
    not_allowed(*exchange, "this path takes POST");
  }
}

void McpEndpoint::post(const Exchange& exchange) {
  const HttpRequest& http = exchange->request();
  if (const auto type = http.header("content-type"); type && !is_json_type(*type)) {
    return refuse(*exchange, 415, "send JSON, with Content-Type: application/json");
  }
  const auto accept = http.header("accept");
  HttpOutlet::Accepted answer;
  answer.json = !accept || accepts(*accept, "application/json");
  answer.stream = !accept || accepts(*accept, "text/event-stream");
  if (!answer.json && !answer.stream) {
    return refuse(*exchange, 406,
                  "the answer is JSON or a stream; accept application/json, text/event-stream");
  }
  RpcMessage message = parse_rpc(http.body);
  if (const auto* error = std::get_if<RpcError>(&message)) return refuse(*exchange, 400, *error);

  const auto version = http.header(kVersionHeader);
  const RpcRequest* request = request_in(message);
  const bool stated = request != nullptr && stated_version(*request) != nullptr;
  if (stated || version == mcp::kModernVersion) {
    return post_modern(exchange, std::move(message), answer);
  }
  if (version && !is_legacy(*version)) {
    RpcError error = unsupported_version(std::string(*version));
    if (request != nullptr) error.id = request->id;
    return refuse(*exchange, 400, error);
  }
  post_legacy(exchange, std::move(message), answer);
}

void McpEndpoint::post_modern(const Exchange& exchange, RpcMessage message,
                              HttpOutlet::Accepted answer) {
  const HttpRequest& http = exchange->request();
  const RpcRequest* request = request_in(message);
  if (request == nullptr) {
    if (!std::holds_alternative<RpcRequest>(message)) {
      return refuse(*exchange, 400, "send one request or notification in a POST");
    }
    return accepted(*exchange);  // there is no notification over HTTP that asks for anything
  }
  if (stated_version(*request) == nullptr) {
    return refuse(*exchange, 400,
                  RpcError{rpc_error::invalid_params,
                           std::string("_meta: \"") + mcp::kVersionKey + "\" is missing",
                           {},
                           request->id});
  }
  if (const auto mismatch = header_mismatch(http, *request, server_.param_headers())) {
    return refuse(*exchange, 400, *mismatch);
  }
  const auto session = std::make_shared<McpSession>(http.principal, nullptr);
  const auto outlet = std::make_shared<HttpOutlet>(exchange, answer, true);
  server_.handle(session, std::move(message), outlet);
  if (!outlet->ended()) keep_alive_.add(outlet);
  exchange->on_gone([weak = std::weak_ptr(session)] {
    if (const auto gone = weak.lock()) gone->cancel_all();
  });
}

void McpEndpoint::post_legacy(const Exchange& exchange, RpcMessage message,
                              HttpOutlet::Accepted answer) {
  const HttpRequest& http = exchange->request();
  const RpcRequest* request = request_in(message);
  const bool initializes = request != nullptr && request->method == "initialize";
  const auto outlet = std::make_shared<HttpOutlet>(exchange, answer, false);
  std::shared_ptr<McpSession> session;
  bool lasting = true;
  if (const auto id = session_id(http)) {
    const auto found = sessions_->find(*id, http.principal);
    if (!found) return no_session(*exchange);
    session = found->session;
  } else if (initializes) {
    const auto opened = sessions_->open(http.principal);
    if (!opened) return refuse(*exchange, 503, "too many sessions; try again later");
    keep_alive_.add(opened->stream);
    outlet->add_header("Mcp-Session-Id", opened->id);
    session = opened->session;
  } else {
    // A plain client, which never opened a session: each request stands by itself.
    session = std::make_shared<McpSession>(http.principal, nullptr);
    const auto version = http.header(kVersionHeader);
    session->initialize(version ? std::string(*version) : mcp::kBatchVersion, json::object());
    lasting = false;
  }
  if (!wants_answer(message)) {
    const bool batch = std::holds_alternative<RpcBatch>(message);
    if (batch && session->legacy_version() != mcp::kBatchVersion) {
      return refuse(*exchange, 400, "batches are not supported; send one message each");
    }
    server_.handle(session, std::move(message), outlet);
    return accepted(*exchange);
  }
  server_.handle(session, std::move(message), outlet);
  if (!outlet->ended()) keep_alive_.add(outlet);
  // A line that breaks is no cancellation in this era, where a session is left to cancel it in.
  if (lasting) return;
  exchange->on_gone([weak = std::weak_ptr(session)] {
    if (const auto gone = weak.lock()) gone->cancel_all();
  });
}

void McpEndpoint::get(const Exchange& exchange) {
  const HttpRequest& http = exchange->request();
  const auto id = session_id(http);
  if (!id || http.header(kVersionHeader) == mcp::kModernVersion) {
    return not_allowed(*exchange, "there is no stream without a session; send POST");
  }
  const auto accept = http.header("accept");
  if (accept && !accepts(*accept, "text/event-stream")) {
    return refuse(*exchange, 406, "the answer is a stream; accept text/event-stream");
  }
  const auto found = sessions_->find(*id, http.principal);
  if (!found) return no_session(*exchange);
  found->stream->attach(exchange);
}

void McpEndpoint::remove(const Exchange& exchange) {
  const HttpRequest& http = exchange->request();
  const auto id = session_id(http);
  if (!id || http.header(kVersionHeader) == mcp::kModernVersion) {
    return not_allowed(*exchange, "there is no session to end; send POST");
  }
  if (!sessions_->close(*id, http.principal)) return no_session(*exchange);
  HttpResponse response;
  response.status = 204;
  response.type.clear();
  exchange->respond(std::move(response));
}

}  // namespace callslip
