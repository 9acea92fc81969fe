// Subscriptions: who wants to be told of what changes, in both eras, and the telling.
//
// Modern clients keep a subscriptions/listen request open, which says what it wants to hear of;
// its answer is the end. Legacy clients subscribe to single resources and hear of changed lists
// without asking, by what their session has for messages that belong to no request.
//
// Any thread may call. What changed is told on the thread that reports it; sending does not block.
// Messages of one subscription keep their order: it is acknowledged before anything else.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "plugin/mcp/change_feed.h"
#include "plugin/mcp/mcp_call.h"

namespace callslip {

struct Task;

class Subscriptions {
 public:
  /// What can be heard of, or is wanted.
  struct Filter {
    bool tools = false;
    bool prompts = false;
    bool resources = false;      // their list
    std::set<std::string> uris;  // contents of these
    std::set<std::string> tasks = {};
  };

  /// `changes` may be null.
  explicit Subscriptions(ChangeFeed* changes);
  ~Subscriptions();
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  /// What the server says that it tells of; `uris` is ignored. Before anything else.
  void offer(const Filter& offered) { offered_ = offered; }
  const Filter& offered() const { return offered_; }
  const ChangeFeed* feed() const { return changes_; }

  /// A modern listen; `wanted` is what is honoured of it. False: there are too many.
  bool listen(const McpCall& call, Filter wanted);

  /// A legacy session hears of lists from now on.
  void join(const std::shared_ptr<McpSession>& session);
  /// False: it has too many.
  bool subscribe(const std::shared_ptr<McpSession>& session, const std::string& uri);
  void unsubscribe(const std::shared_ptr<McpSession>& session, const std::string& uri);

  void tools_changed();
  void prompts_changed();
  void resources_changed(const ChangeEvent& event);
  void task_changed(const Task& task);

  /// Ends every listen, as the protocol has it: with an answer.
  void close();

 private:
  class Listener;
  struct Audience {
    std::weak_ptr<McpSession> session;
    bool lists = false;  // initialized: hears of lists
    std::set<std::string> uris;
  };

  using Knows = std::function<bool(const Principal& who)>;
  void list_changed(bool Filter::*which, const char* method, const Knows& knows = {});
  std::set<std::string> wanted_uris() const;
  void forget(Listener* listener);
  std::vector<std::shared_ptr<Listener>> listeners() const;
  Audience& audience_of(const std::shared_ptr<McpSession>& session);
  /// Sends to the legacy sessions that `wanted` picks.
  template <class Wanted>
  void tell_sessions(const Wanted& wanted, const std::string& message);

  ChangeFeed* const changes_;
  Filter offered_;  // constant once serving

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<Listener*, std::shared_ptr<Listener>> listeners_;
  std::map<McpSession*, Audience> audience_;
  bool closed_ = false;

  std::unique_ptr<ChangeFeed::Subscription> feeding_;  // last: it stops first
};

}  // namespace callslip
