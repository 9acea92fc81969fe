// IndexWatch: notices commits, whoever made them, and says which documents changed.
//
// While anyone listens, a thread of its own looks at the index every half second (one stat; more
// only after a commit) and calls the listeners. Any thread may subscribe; a subscription may be
// ended in a listener. The library outlives this.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "index/snapshot.h"
#include "plugin/mcp/change_feed.h"
#include "tools/library.h"

namespace callslip {

/// What tells `after` from `before`, in events of bounded size. Null: there was no index.
std::vector<ChangeEvent> changes_between(const Snapshot* before, const Snapshot& after);

class IndexWatch final : public ChangeFeed {
 public:
  explicit IndexWatch(Library& library,
                      std::chrono::milliseconds interval = std::chrono::milliseconds(500));
  ~IndexWatch() override;
  IndexWatch(const IndexWatch&) = delete;
  IndexWatch& operator=(const IndexWatch&) = delete;

  std::unique_ptr<Subscription> subscribe(Listener listener) override;
  bool covers(const std::string& uri, const Principal& principal) const override;

 private:
  class Audience;
  class Ticket;
  std::shared_ptr<const Snapshot> latest() const;
  void watch(const std::stop_token& stop);

  Library& library_;
  const std::chrono::milliseconds interval_;
  const std::shared_ptr<Audience> audience_;
  std::jthread thread_;  // last: joined first
};

}  // namespace callslip
