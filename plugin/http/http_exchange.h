// HttpExchange: one request and its response; the seam between the port and what answers.
//
// A route is told of each request on the port's I/O thread and must not block there: it answers at
// once, or hands the exchange to a worker. The exchange's calls: any thread, in the order of one
// response. After the peer is gone they do nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/access/principal.h"

namespace callslip {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string path;     // decoded, without the query; starts with '/'
  std::string query;    // not decoded, without '?'
  HttpHeaders headers;  // names in lower case
  std::string body;
  std::string body_file;  // where the route asked for a file: its path; removed with the exchange
  std::string peer;       // address, without port
  bool secure = false;    // came over TLS
  Principal principal;

  /// The first with this name (in lower case).
  std::optional<std::string_view> header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  HttpHeaders headers;
};

class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual const HttpRequest& request() const = 0;

  /// All of a response.
  virtual void respond(HttpResponse response) = 0;

  /// Or piece by piece, each sent at once: start, write..., end.
  virtual void start(HttpResponse head) = 0;
  virtual void write(std::string piece) = 0;
  virtual void end() = 0;

  /// `gone` is called once, on the I/O thread, when the peer closes before the response has ended.
  /// Called at once where that has happened already.
  virtual void on_gone(std::function<void()> gone) = 0;
};

}  // namespace callslip
