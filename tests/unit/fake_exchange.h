// The in-memory twin of the port's exchange: what a route answered, to be looked at.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/http/http_exchange.h"

namespace callslip {

class FakeExchange final : public HttpExchange {
 public:
  explicit FakeExchange(HttpRequest request) : request_(std::move(request)) {}

  const HttpRequest& request() const override { return request_; }

  void respond(HttpResponse response) override {
    const std::lock_guard lock(mutex_);
    head_ = std::move(response);
    body_ = head_->body;
    ended_ = true;
    changed_.notify_all();
  }
  void start(HttpResponse head) override {
    const std::lock_guard lock(mutex_);
    head_ = std::move(head);
    changed_.notify_all();
  }
  void write(std::string piece) override {
    const std::lock_guard lock(mutex_);
    body_ += piece;
    changed_.notify_all();
  }
  void end() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void on_gone(std::function<void()> gone) override {
    const std::lock_guard lock(mutex_);
    gone_ = std::move(gone);
  }

  /// The peer closes.
  void vanish() {
    std::function<void()> gone;
    {
      const std::lock_guard lock(mutex_);
      gone = std::exchange(gone_, nullptr);
    }
    if (gone) gone();
  }

  /// Waits until the response holds this text, or has ended with `text` empty.
  bool wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      return text.empty() ? ended_ : body_.find(text) != std::string::npos;
    });
  }
  bool wait() { return wait_for({}); }

  bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }
  bool begun() const {
    const std::lock_guard lock(mutex_);
    return head_.has_value();
  }
  int status() const {
    const std::lock_guard lock(mutex_);
    return head_ ? head_->status : 0;
  }
  std::string type() const {
    const std::lock_guard lock(mutex_);
    return head_ ? head_->type : "";
  }
  std::string header(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    if (!head_) return {};
    for (const auto& [key, value] : head_->headers) {
      if (key == name) return value;
    }
    return {};
  }
  std::string body() const {
    const std::lock_guard lock(mutex_);
    return body_;
  }
  nlohmann::json json() const { return nlohmann::json::parse(body(), nullptr, false); }
  /// The messages of a stream of events.
  std::vector<nlohmann::json> events() const {
    std::vector<nlohmann::json> all;
    const std::string text = body();
    const std::string mark = "data: ";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      const std::size_t begin = at + mark.size();
      at = text.find('\n', begin);
      all.push_back(nlohmann::json::parse(text.substr(begin, at - begin)));
    }
    return all;
  }

 private:
  const HttpRequest request_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::optional<HttpResponse> head_;
  std::string body_;
  std::function<void()> gone_;
  bool ended_ = false;
};

}  // namespace callslip
