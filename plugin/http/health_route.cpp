// GET /healthz: 200 from when the server answers the protocol. A server that stops answers 503,
// like every path then. The first line is for programs; the others, for people, hold no names of
// files: nobody is asked who they are.

#include "plugin/http/http_route.h"
#include "plugin/utc_time.h"
#include "plugin/watch_report.h"

namespace callslip {
namespace {

std::string health(const WatchBoard* board) {
  const auto report = board == nullptr ? std::nullopt : board->own();
  if (!report) return "ok\n";
  const WatchStatus& status = report->status;
  std::string text = "ok\nwatching: ";
  text += status.notified ? "inotify" : "polling";
  if (status.notified && !status.polled_because.empty()) text += " and polling";
  text += "\n";
  if (report->last_change != 0) text += "last change: " + utc_time(report->last_change) + "\n";
  return text;
}

}  // namespace

std::vector<HttpRoute> health_routes(const HttpServices& services) {
  HttpRoute route;
  route.method = "GET";
  route.path = "/healthz";
  route.open = true;
  route.handle = [board = services.board](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->respond(
        {200, "text/plain; charset=utf-8", health(board), {{"Cache-Control", "no-store"}}});
  };
  return {route};
}

}  // namespace callslip
