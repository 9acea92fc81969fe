// ChangeFeed: the seam between what notices that documents changed and whoever wants to know.
//
// A listener is called on the source's thread, one event at a time, and must not block; it may
// unsubscribe, also itself. It is not called any more once its Subscription is gone.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plugin/access/principal.h"

namespace callslip {

/// What one commit changed.
struct ChangeEvent {
  bool list_changed = false;  // resources came or went
  /// In which collections they did: who sees none of these is not told.
  std::set<std::string> collections;
  std::vector<std::string> uris;  // of resources whose contents changed, went included
};

class ChangeFeed {
 public:
  using Listener = std::function<void(const ChangeEvent& event)>;

  /// Ends the subscription when it goes. May outlive the feed.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  virtual ~ChangeFeed() = default;

  /// Any thread.
  virtual std::unique_ptr<Subscription> subscribe(Listener listener) = 0;

  /// Whether this resource exists and this principal may be told of it. May read the disk.
  virtual bool covers(const std::string& uri, const Principal& principal) const = 0;
};

}  // namespace callslip
