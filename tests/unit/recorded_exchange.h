// RecordedExchange: a request made by a test, and what a route answered to it.
//
// Any thread may answer; the test waits.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plugin/http/http_exchange.h"
#include "plugin/http/http_route.h"

namespace callslip::test {

class RecordedExchange final : public HttpExchange {
 public:
  explicit RecordedExchange(HttpRequest request) : request_(std::move(request)) {}

  const HttpRequest& request() const override { return request_; }

  void respond(HttpResponse response) override {
    const std::lock_guard lock(mutex_);
    if (answered_) ADD_FAILURE() << "answered twice";
    response_ = std::move(response);
    answered_ = true;
    changed_.notify_all();
  }
  void start(HttpResponse head) override {
    const std::lock_guard lock(mutex_);
    response_ = std::move(head);
  }
  void write(std::string piece) override {
    const std::lock_guard lock(mutex_);
    response_.body += piece;
  }
  void end() override {
    const std::lock_guard lock(mutex_);
    answered_ = true;
    changed_.notify_all();
  }
  void on_gone(std::function<void()> gone) override {
    const std::lock_guard lock(mutex_);
    gone_ = std::move(gone);
  }

  /// The peer closes.
  void go() {
    std::function<void()> gone;
    {
      const std::lock_guard lock(mutex_);
      gone = gone_;
    }
    if (gone) gone();
  }
  bool answered() {
    const std::lock_guard lock(mutex_);
    return answered_;
  }
  HttpResponse wait() {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(20), [&] { return answered_; });
    EXPECT_TRUE(came) << "no answer";
    return response_;
  }

 private:
  const HttpRequest request_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  HttpResponse response_;
  bool answered_ = false;
  std::function<void()> gone_;
};

/// The value of a header of the response; empty where there is none.
inline std::string header_of(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

/// Hands the request to the route that fits it, as the port does, but for its judgements.
inline std::shared_ptr<RecordedExchange> send_to(const std::vector<HttpRoute>& routes,
                                                 HttpRequest request) {
  const auto route = std::find_if(routes.begin(), routes.end(), [&](const HttpRoute& one) {
    const bool prefix = one.path.size() > 1 && one.path.ends_with('/');
    return (one.method == "*" || one.method == request.method) &&
           (prefix ? request.path.starts_with(one.path) : request.path == one.path);
  });
  auto exchange = std::make_shared<RecordedExchange>(std::move(request));
  if (route == routes.end()) {
    ADD_FAILURE() << "no route";
  } else {
    route->handle(exchange);
  }
  return exchange;
}

}  // namespace callslip::test
