#include "plugin/http/route_job.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <utility>

#include "plugin/http/http_response.h"
#include "tools/percent_encoding.h"

namespace callslip {
namespace {

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
    case ErrorKind::unsupported:
      return 422;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::locked:
    case ErrorKind::unavailable:
    case ErrorKind::cancelled:
      return 503;
    case ErrorKind::version:
    case ErrorKind::damaged:
    case ErrorKind::io:
      return 500;
  }
  return 500;
}

std::string form_decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

void answer_now(const std::shared_ptr<HttpExchange>& exchange, HttpResponse response) {
  if (response.status == 503) response.headers.emplace_back("Retry-After", "1");
  exchange->respond(std::move(response));
}

void answer_from(WorkerPool& pool, const std::shared_ptr<HttpExchange>& exchange,
                 RouteAnswer answer) {
  CallContext context;  // its clock starts now, in the queue
  std::stop_source source;
  context.stop = source.get_token();
  const HttpRequest& request = exchange->request();
  context.collections = request.principal.collections;
  context.may_write = request.principal.may_write;
  exchange->on_gone([source]() mutable { source.request_stop(); });
  const bool taken = pool.submit([exchange, context, answer = std::move(answer)] {
    if (context.cancelled()) return;
    try {
      HttpResponse response = answer(exchange->request(), context);
      if (!context.cancelled()) answer_now(exchange, std::move(response));
    } catch (const std::exception& e) {
      answer_now(exchange, error_response(500, std::string("internal error: ") + e.what()));
    }
  });
  if (!taken) answer_now(exchange, error_response(503, "busy: too many calls wait; try again"));
}

HttpResponse json_response(int status, const nlohmann::json& value) {
  HttpResponse response;
  response.status = status;
  response.body = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

HttpResponse error_response_of(const Error& error) {
  return error_response(status_of(error.kind), error.message);
}

std::string rest_of_path(const HttpRequest& request, std::string_view prefix) {
  return request.path.size() < prefix.size() ? "" : request.path.substr(prefix.size());
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && form_decoded(pair.substr(0, equals)) == name) {
      return form_decoded(pair.substr(equals + 1));
    }
  }
  return "";
}

}  // namespace callslip
