#include "plugin/http/router.h"

namespace callslip::port {
namespace {

bool fits(const HttpRoute& route, std::string_view path) {
  if (route.path.size() > 1 && route.path.back() == '/') {
    return path.substr(0, route.path.size()) == route.path;
  }
  return path == route.path;
}

void add(std::string& list, std::string_view method) {
  if (list.find(method) != std::string::npos) return;
  list += (list.empty() ? "" : ", ") + std::string(method);
}

}  // namespace

Router::Found Router::find(std::string_view method, std::string_view path) const {
  Found found;
  const HttpRoute* get = nullptr;
  for (const HttpRoute& route : routes_) {
    if (!fits(route, path)) continue;
    if (route.method == "*" || route.method == method) {
      found.route = &route;
      return found;
    }
    if (route.method == "GET" && get == nullptr) get = &route;
    add(found.allowed, route.method);
    if (route.method == "GET") add(found.allowed, "HEAD");
  }
  if (method == "HEAD" && get != nullptr) found.route = get;
  return found;
}

std::string Router::methods(std::string_view path) const {
  const Found found = find("", path);
  return found.route == nullptr ? found.allowed : "GET, POST, PUT, DELETE";
}

}  // namespace callslip::port
