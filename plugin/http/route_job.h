// RouteJob: what a route answers from a worker: its context, its errors.
//
// Functions are called on the I/O thread; the answers run on the pool's.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "index/result.h"
#include "plugin/http/http_route.h"
#include "plugin/worker_pool.h"
#include "tools/call_context.h"

namespace callslip {

using RouteAnswer =
    std::function<HttpResponse(const HttpRequest& request, const CallContext& context)>;

/// Answers from the pool, with 503 when it is full. The context's stop is requested when the peer
/// goes; then nothing is sent.
void answer_from(WorkerPool& pool, const std::shared_ptr<HttpExchange>& exchange,
                 RouteAnswer answer);

/// Answers at once.
void answer_now(const std::shared_ptr<HttpExchange>& exchange, HttpResponse response);

HttpResponse json_response(int status, const nlohmann::json& value);

/// {"error": message}; the status by the kind of the error.
HttpResponse error_response_of(const Error& error);

/// What follows the prefix in the request's path: the name of a tool or of a document.
std::string rest_of_path(const HttpRequest& request, std::string_view prefix);

/// The value of a parameter of the query, decoded; empty where there is none.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace callslip
