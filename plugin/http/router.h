// Router: which route answers a request.
//
// Constant after construction: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/http/http_route.h"

namespace callslip::port {

class Router {
 public:
  explicit Router(std::vector<HttpRoute> routes) : routes_(std::move(routes)) {}

  struct Found {
    const HttpRoute* route = nullptr;
    std::string allowed;  // without a route: the methods that the path has; empty: no such path
  };
  /// The first that fits. HEAD is answered by the route of GET where it has none of its own.
  Found find(std::string_view method, std::string_view path) const;

  /// All that the path takes; empty: no such path.
  std::string methods(std::string_view path) const;

 private:
  const std::vector<HttpRoute> routes_;
};

}  // namespace callslip::port
