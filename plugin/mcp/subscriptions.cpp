#include "plugin/mcp/subscriptions.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <stop_token>

#include "plugin/mcp/protocol_names.h"
#include "plugin/tasks/task.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxListeners = 4096;
constexpr std::size_t kMaxListenersOfSession = 64;
constexpr std::size_t kMaxUrisOfSession = 10'000;

constexpr const char* kListChanged[]{"notifications/tools/list_changed",
                                     "notifications/prompts/list_changed",
                                     "notifications/resources/list_changed"};

}  // namespace

/// One subscriptions/listen.
class Subscriptions::Listener {
 public:
  Listener(const McpCall& call, Filter wanted)
      : id_(call.request->id),
        session_(call.session),
        outlet_(call.outlet),
        stop_(call.context.stop),
        wanted_(std::move(wanted)) {}

  const std::shared_ptr<McpSession>& session() const { return session_; }
  const Filter& wanted() const { return wanted_; }

  /// `ended` is called once when the client ends it, perhaps at once.
  void start(std::function<void()> ended) {
    json honoured = json::object();
    if (wanted_.tools) honoured["toolsListChanged"] = true;
    if (wanted_.prompts) honoured["promptsListChanged"] = true;
    if (wanted_.resources) honoured["resourcesListChanged"] = true;
    if (!wanted_.uris.empty()) honoured["resourceSubscriptions"] = wanted_.uris;
    if (!wanted_.tasks.empty()) honoured["taskIds"] = wanted_.tasks;
    {
      const std::lock_guard lock(mutex_);
      outlet_->send(rpc_notification("notifications/subscriptions/acknowledged",
                                     tagged({{"notifications", std::move(honoured)}})));
      acknowledged_ = true;
    }
    on_stop_.emplace(stop_, std::move(ended));
  }

  void tell(const char* method, json params) {
    const std::lock_guard lock(mutex_);
    // What changed before the acknowledgement is not news to who reads the resource after it.
    if (!acknowledged_ || ended_) return;
    outlet_->send(rpc_notification(method, tagged(std::move(params))));
  }

  /// The client is gone, or wants no more.
  void abandon() {
    if (!end()) return;
    session_->release(id_);
    outlet_->abandon();
  }

  /// We end it.
  void close() {
    tell("notifications/cancelled", {{"requestId", id_}, {"reason", "the server is stopping"}});
    if (!end()) return;
    json result = tagged({{"resultType", "complete"}});
    session_->release(id_);
    outlet_->reply(rpc_result(id_, result), 0);
  }

 private:
  json tagged(json params) const {
    params["_meta"][mcp::kSubscriptionKey] = id_;
    return params;
  }

  /// Whether this call is the one that ended it.
  bool end() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(ended_, true);
  }

  const json id_;
  const std::shared_ptr<McpSession> session_;
  const std::shared_ptr<Outlet> outlet_;
  const std::stop_token stop_;
  const Filter wanted_;

  std::mutex mutex_;
  bool acknowledged_ = false;  // guarded by mutex_
  bool ended_ = false;         // guarded by mutex_

  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

Subscriptions::Subscriptions(ChangeFeed* changes) : changes_(changes) {
  if (changes_ == nullptr) return;
  feeding_ =
      changes_->subscribe([this](const ChangeEvent& event) { this->resources_changed(event); });
}

Subscriptions::~Subscriptions() {
  feeding_.reset();
  close();
}

bool Subscriptions::listen(const McpCall& call, Filter wanted) {
  const auto listener = std::make_shared<Listener>(call, std::move(wanted));
  {
    const std::lock_guard lock(mutex_);
    const auto of_session =
        std::count_if(listeners_.begin(), listeners_.end(),
                      [&](const auto& entry) { return entry.second->session() == call.session; });
    if (closed_ || listeners_.size() >= kMaxListeners ||
        static_cast<std::size_t>(of_session) >= kMaxListenersOfSession) {
      return false;
    }
    listeners_.emplace(listener.get(), listener);
  }
  // Outside the lock: it may be stopped already, and forgotten at once.
  listener->start([this, raw = listener.get()] { forget(raw); });
  return true;
}

void Subscriptions::forget(Listener* listener) {
  std::shared_ptr<Listener> last;
  {
    const std::lock_guard lock(mutex_);
    const auto found = listeners_.find(listener);
    if (found == listeners_.end()) return;
    last = std::move(found->second);
    listeners_.erase(found);
  }
  last->abandon();
}

std::vector<std::shared_ptr<Subscriptions::Listener>> Subscriptions::listeners() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Listener>> all;
  all.reserve(listeners_.size());
  for (const auto& [key, listener] : listeners_) all.push_back(listener);
  return all;
}

Subscriptions::Audience& Subscriptions::audience_of(const std::shared_ptr<McpSession>& session) {
  const auto found = audience_.find(session.get());
  if (found != audience_.end() && !found->second.session.expired()) return found->second;
  std::erase_if(audience_, [](const auto& entry) { return entry.second.session.expired(); });
  return audience_.emplace(session.get(), Audience{session, false, {}}).first->second;
}

void Subscriptions::join(const std::shared_ptr<McpSession>& session) {
  if (!session->can_notify()) return;
  const std::lock_guard lock(mutex_);
  audience_of(session).lists = true;
}

bool Subscriptions::subscribe(const std::shared_ptr<McpSession>& session, const std::string& uri) {
  if (!session->can_notify()) return true;  // a plain client: there is no way to tell it
  const std::lock_guard lock(mutex_);
  Audience& audience = audience_of(session);
  if (audience.uris.size() >= kMaxUrisOfSession && !audience.uris.contains(uri)) return false;
  audience.uris.insert(uri);
  return true;
}

void Subscriptions::unsubscribe(const std::shared_ptr<McpSession>& session,
                                const std::string& uri) {
  const std::lock_guard lock(mutex_);
  const auto found = audience_.find(session.get());
  if (found != audience_.end()) found->second.uris.erase(uri);
}

template <class Wanted>
void Subscriptions::tell_sessions(const Wanted& wanted, const std::string& message) {
  std::vector<std::shared_ptr<McpSession>> sessions;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, audience] : audience_) {
      if (!wanted(audience)) continue;
      if (auto session = audience.session.lock()) sessions.push_back(std::move(session));
    }
  }
  for (const auto& session : sessions) session->notify(message);
}

void Subscriptions::list_changed(bool Filter::*which, const char* method, const Knows& knows) {
  const auto may_know = [&](const McpSession& session) {
    return !knows || knows(session.principal());
  };
  for (const auto& listener : listeners()) {
    if (listener->wanted().*which && may_know(*listener->session())) {
      listener->tell(method, json::object());
    }
  }
  if (!(offered_.*which)) return;
  const auto wants = [&](const Audience& audience) {
    const auto session = audience.session.lock();
    return audience.lists && session && may_know(*session);
  };
  tell_sessions(wants, rpc_notification(method, json::object()));
}

void Subscriptions::tools_changed() { list_changed(&Filter::tools, kListChanged[0]); }

void Subscriptions::prompts_changed() { list_changed(&Filter::prompts, kListChanged[1]); }

/// All of them together: a commit may change a million resources that nobody asked for.
std::set<std::string> Subscriptions::wanted_uris() const {
  std::set<std::string> wanted;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, listener] : listeners_) {
    wanted.insert(listener->wanted().uris.begin(), listener->wanted().uris.end());
  }
  for (const auto& [key, audience] : audience_) {
    wanted.insert(audience.uris.begin(), audience.uris.end());
  }
  return wanted;
}

void Subscriptions::resources_changed(const ChangeEvent& event) {
  const auto knows = [&](const Principal& who) {
    return !who.collections ||
           std::any_of(who.collections->begin(), who.collections->end(),
                       [&](const auto& one) { return event.collections.contains(one); });
  };
  if (event.list_changed) list_changed(&Filter::resources, kListChanged[2], knows);
  constexpr const char* method = "notifications/resources/updated";
  const auto all = listeners();
  const auto wanted = wanted_uris();
  for (const std::string& uri : event.uris) {
    if (!wanted.contains(uri)) continue;
    for (const auto& listener : all) {
      if (listener->wanted().uris.contains(uri)) listener->tell(method, {{"uri", uri}});
    }
    tell_sessions([&](const Audience& audience) { return audience.uris.contains(uri); },
                  rpc_notification(method, {{"uri", uri}}));
  }
}

void Subscriptions::task_changed(const Task& task) {
  for (const auto& listener : listeners()) {
    if (listener->wanted().tasks.contains(task.id)) {
      listener->tell("notifications/tasks", task.described(true));
    }
  }
}

void Subscriptions::close() {
  std::map<Listener*, std::shared_ptr<Listener>> ended;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ended.swap(listeners_);
  }
  for (const auto& [key, listener] : ended) listener->close();
}

}  // namespace callslip
