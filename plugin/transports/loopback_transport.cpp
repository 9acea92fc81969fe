#include "plugin/transports/loopback_transport.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

namespace callslip {

/// Events of all clients, in order, for the one I/O thread.
class LoopbackTransport::Hub {
 public:
  enum class Kind { open, message, close };
  struct Event {
    Kind kind = Kind::open;
    std::shared_ptr<LoopbackClient::Link> link;
    std::string message;
  };

  /// False when stopped.
  bool push(Event event) {
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return false;
      events_.push_back(std::move(event));
    }
    ready_.notify_one();
    return true;
  }

  /// Nothing once stopped.
  std::optional<Event> pop() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return stopped_ || !events_.empty(); });
    if (stopped_) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  void stop() {
    std::deque<Event> dropped;  // destroyed outside the lock
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      dropped.swap(events_);
    }
    ready_.notify_all();
    for (const Event& event : dropped) hang_up(event);
  }

 private:
  static void hang_up(const Event& event);

  std::mutex mutex_;  // guards what follows
  std::condition_variable ready_;
  std::deque<Event> events_;
  bool stopped_ = false;
};

/// Both ends of a connection: a Connection for the server, an inbox for the client.
class LoopbackClient::Link final : public Connection, public std::enable_shared_from_this<Link> {
 public:
  Link(std::weak_ptr<LoopbackTransport::Hub> hub, Principal principal)
      : hub_(std::move(hub)), principal_(std::move(principal)) {}

  // The server's side.

  const Principal& principal() const override { return principal_; }

  void send(std::string message) override {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      inbox_.push_back(std::move(message));
    }
    arrived_.notify_one();
  }

  void close() override {
    hang_up();
    notify_server();
  }

  /// No more messages in either direction; those in the inbox stay.
  void hang_up() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    arrived_.notify_all();
  }

  // The client's side.

  void send_to_server(std::string message) {
    if (closed()) return;
    if (const auto hub = hub_.lock()) {
      hub->push({LoopbackTransport::Hub::Kind::message, shared_from_this(), std::move(message)});
    }
  }

  std::optional<std::string> receive(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, timeout, [this] { return closed_ || !inbox_.empty(); });
    if (inbox_.empty()) return std::nullopt;
    std::string message = std::move(inbox_.front());
    inbox_.pop_front();
    return message;
  }

  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  void notify_server() {
    if (const auto hub = hub_.lock()) {
      hub->push({LoopbackTransport::Hub::Kind::close, shared_from_this(), {}});
    }
  }

  const std::weak_ptr<LoopbackTransport::Hub> hub_;
  const Principal principal_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable arrived_;
  std::deque<std::string> inbox_;
  bool closed_ = false;
};

void LoopbackTransport::Hub::hang_up(const Event& event) { event.link->hang_up(); }

LoopbackClient::LoopbackClient(std::shared_ptr<Link> link) : link_(std::move(link)) {}

LoopbackClient::~LoopbackClient() { close(); }

LoopbackClient::LoopbackClient(LoopbackClient&&) noexcept = default;

LoopbackClient& LoopbackClient::operator=(LoopbackClient&& other) noexcept {
  if (this != &other) {
    close();
    link_ = std::move(other.link_);
  }
  return *this;
}

void LoopbackClient::send(std::string message) { link_->send_to_server(std::move(message)); }

std::optional<std::string> LoopbackClient::receive(std::chrono::milliseconds timeout) {
  return link_->receive(timeout);
}

bool LoopbackClient::closed() const { return link_->closed(); }

void LoopbackClient::close() {
  if (link_) link_->close();
}

LoopbackTransport::LoopbackTransport() : hub_(std::make_shared<Hub>()) {}

LoopbackTransport::~LoopbackTransport() { hub_->stop(); }

LoopbackClient LoopbackTransport::connect(Principal principal) {
  auto link = std::make_shared<LoopbackClient::Link>(hub_, std::move(principal));
  if (!hub_->push({Hub::Kind::open, link, {}})) link->hang_up();
  return LoopbackClient(std::move(link));
}

Status LoopbackTransport::run(ConnectionHandler& handler) {
  std::set<std::shared_ptr<LoopbackClient::Link>> open;
  while (std::optional<Hub::Event> event = hub_->pop()) {
    const std::shared_ptr<LoopbackClient::Link>& link = event->link;
    switch (event->kind) {
      case Hub::Kind::open:
        open.insert(link);
        handler.on_open(link);
        break;
      case Hub::Kind::message:
        if (open.count(link) != 0) handler.on_message(link, std::move(event->message));
        break;
      case Hub::Kind::close:  // by either side, or by both
        if (open.erase(link) != 0) handler.on_close(link);
        break;
    }
  }
  for (const auto& link : open) {
    link->hang_up();
    handler.on_close(link);
  }
  return {};
}

void LoopbackTransport::stop() { hub_->stop(); }

}  // namespace callslip
