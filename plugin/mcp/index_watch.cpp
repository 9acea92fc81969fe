#include "plugin/mcp/index_watch.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "tools/document_uri.h"
#include "tools/percent_encoding.h"

namespace callslip {
namespace {

constexpr std::size_t kUrisOfAnEvent = 10'000;  // a collection may have a million records

using Known = std::pair<std::uint64_t, DocumentNumber>;  // id and number

bool holds(const Snapshot& snapshot, std::uint64_t key) {
  return std::any_of(snapshot.segments().begin(), snapshot.segments().end(),
                     [&](const SegmentView& view) { return view.key == key; });
}

/// The living documents of the segments that the other snapshot does not have as they are.
std::vector<Known> candidates(const Snapshot& snapshot, const Snapshot* other) {
  std::vector<Known> found;
  for (const SegmentView& view : snapshot.segments()) {
    if (other != nullptr && holds(*other, view.key)) continue;
    const auto count = static_cast<DocumentNumber>(view.segment->catalog().documents().size());
    for (DocumentNumber i = 0; i < count; ++i) {
      const DocumentNumber document = view.first_document + i;
      if (snapshot.alive(document)) found.emplace_back(snapshot.document(document).id, document);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Whether a document that both have says the same in both.
bool same(const Snapshot& before, DocumentNumber old, const Snapshot& after, DocumentNumber now) {
  const DocumentRow& a = before.document(old);
  const DocumentRow& b = after.document(now);
  const auto shape = [](const DocumentRow& row) {
    return std::tuple(row.text_bytes, row.tokens, row.chunks, row.headings, row.flags);
  };
  if (&a == &b) return true;  // the same row of a segment that both share
  if (shape(a) != shape(b)) return false;
  // A merge moves documents as they are. Records and members all have their file's time.
  if (a.mtime_ns == b.mtime_ns) return true;
  if ((b.flags & DocumentRow::kRecord) == 0 && b.member_bytes == 0) return false;
  const auto text = before.text(old, 0, a.text_bytes);
  const auto text_now = after.text(now, 0, b.text_bytes);
  return text && text_now && *text == *text_now;
}

/// A document's URIs: the listed one, and that of the template.
void add_uris(const Snapshot& snapshot, DocumentNumber document, std::vector<std::string>& uris) {
  uris.push_back(document_uri(snapshot, document));
  uris.push_back(std::string(document_uri_prefix) + percent_encode(snapshot.name(document)));
}

class Collector {
 public:
  void changed(const Snapshot& snapshot, DocumentNumber document, bool came_or_went) {
    if (events_.empty() || events_.back().uris.size() >= kUrisOfAnEvent) events_.emplace_back();
    // Said once: a list is fetched anew as a whole.
    if (came_or_went) {
      events_.front().list_changed = true;
      events_.front().collections.emplace(snapshot.collection(document));
    }
    add_uris(snapshot, document, events_.back().uris);
  }
  std::vector<ChangeEvent> take() { return std::move(events_); }

 private:
  std::vector<ChangeEvent> events_;
};

}  // namespace

std::vector<ChangeEvent> changes_between(const Snapshot* before, const Snapshot& after) {
  static const std::shared_ptr<const Snapshot> nothing = Snapshot::empty();
  const bool comparable =
      before != nullptr && before->manifest().index_id == after.manifest().index_id;
  const std::vector<Known> old =
      before == nullptr ? std::vector<Known>() : candidates(*before, comparable ? &after : nullptr);
  const std::vector<Known> now = candidates(after, comparable ? before : nullptr);
  Collector collector;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < old.size() || j < now.size()) {
    if (j == now.size() || (i < old.size() && old[i].first < now[j].first)) {
      collector.changed(*before, old[i++].second, true);
    } else if (i == old.size() || now[j].first < old[i].first) {
      collector.changed(after, now[j++].second, true);
    } else {
      if (!same(*before, old[i].second, after, now[j].second)) {
        collector.changed(after, now[j].second, false);
      }
      ++i;
      ++j;
    }
  }
  return collector.take();
}

/// The listeners; outlives the watch in the tickets.
class IndexWatch::Audience {
 public:
  using Seen = std::shared_ptr<const Snapshot>;

  /// `seen`: what is there before the listener is told of anything.
  std::uint64_t add(Listener listener, Seen seen) {
    const std::lock_guard lock(mutex_);
    if (listeners_.empty()) seen_ = std::move(seen);
    listeners_[++last_] = std::make_shared<const Listener>(std::move(listener));
    changed_.notify_all();
    return last_;
  }

  /// Returns when the listener does not run any more, unless it is the one that asks.
  void remove(std::uint64_t ticket) {
    std::unique_lock lock(mutex_);
    listeners_.erase(ticket);
    if (telling_ != std::this_thread::get_id()) {
      changed_.wait(lock, [&] { return running_ != ticket; });
    }
    changed_.notify_all();
  }

  void tell(const ChangeEvent& event) {
    std::unique_lock lock(mutex_);
    telling_ = std::this_thread::get_id();
    for (auto at = listeners_.begin(); at != listeners_.end();) {
      running_ = at->first;
      const auto listener = at->second;
      lock.unlock();
      (*listener)(event);
      lock.lock();
      at = listeners_.upper_bound(running_);
      running_ = 0;
      changed_.notify_all();
    }
    telling_ = {};
  }

  /// Waits for a listener, and returns what it has seen; nothing: `stop` came first.
  std::optional<Seen> wait_for_listeners(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return !listeners_.empty(); });
    if (stop.stop_requested()) return std::nullopt;
    return std::exchange(seen_, nullptr);
  }

  /// Whether there still are listeners after `time`.
  bool wait(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, time, [&] { return listeners_.empty(); });
    return !listeners_.empty() && !stop.stop_requested();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  std::map<std::uint64_t, std::shared_ptr<const Listener>> listeners_;
  Seen seen_;  // by the first of them
  std::uint64_t last_ = 0;
  std::uint64_t running_ = 0;  // the listener that is being called; 0: none
  std::thread::id telling_;
};

class IndexWatch::Ticket final : public Subscription {
 public:
  Ticket(std::shared_ptr<Audience> audience, std::uint64_t number)
      : audience_(std::move(audience)), number_(number) {}
  ~Ticket() override { audience_->remove(number_); }

 private:
  const std::shared_ptr<Audience> audience_;
  const std::uint64_t number_;
};

IndexWatch::IndexWatch(Library& library, std::chrono::milliseconds interval)
    : library_(library),
      interval_(interval),
      audience_(std::make_shared<Audience>()),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

IndexWatch::~IndexWatch() = default;

std::shared_ptr<const Snapshot> IndexWatch::latest() const {
  auto snapshot = library_.index().snapshot();
  return snapshot ? std::move(snapshot).value() : nullptr;
}

std::unique_ptr<ChangeFeed::Subscription> IndexWatch::subscribe(Listener listener) {
  return std::make_unique<Ticket>(audience_, audience_->add(std::move(listener), latest()));
}

void IndexWatch::watch(const std::stop_token& stop) {
  while (auto seen = audience_->wait_for_listeners(stop)) {
    std::shared_ptr<const Snapshot> before = std::move(*seen);
    while (audience_->wait(interval_, stop)) {
      auto now = latest();
      if (!now || now == before) continue;  // what cannot be read now is looked at again
      const auto events = changes_between(before.get(), *now);
      before = std::move(now);
      for (const ChangeEvent& event : events) {
        if (!stop.stop_requested()) audience_->tell(event);
      }
    }
  }
}

bool IndexWatch::covers(const std::string& uri, const Principal& principal) const {
  CallContext context;
  context.collections = principal.collections;
  const auto view = library_.view(context);
  if (!view) return false;
  const auto target = resolve_uri(*view->snapshot, uri);
  if (!target || target->kind != UriTarget::Kind::document) return false;
  std::vector<std::string> told;
  add_uris(*view->snapshot, target->document, told);
  return std::find(told.begin(), told.end(), uri) != told.end();
}

}  // namespace callslip
