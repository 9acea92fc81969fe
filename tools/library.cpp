#include "tools/library.h"

#include <algorithm>

#include "index/index_writer.h"

namespace callslip {
namespace {

constexpr std::chrono::seconds kFirstCommitWait{5};
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::size_t kRestrictions = 64;  // that are kept: callers come again

}  // namespace

std::string IndexingState::note() const {
  const std::string far =
      total == 0 ? "" : " (" + std::to_string(done) + " of " + std::to_string(total) + " files)";
  return "Note: indexing is under way" + far + "; there may be more later.\n";
}

Library::Library(std::shared_ptr<Index> index) : index_(std::move(index)) {}

void Library::set_indexing(std::optional<IndexingState> state) {
  {
    const std::lock_guard lock(mutex_);
    indexing_ = state;
  }
  changed_.notify_all();
}

Result<LibraryView> Library::view(const CallContext& context) {
  const auto give_up = CallContext::Clock::now() + kFirstCommitWait;
  for (;;) {
    LibraryView view;
    std::unique_lock lock(mutex_);
    view.info.indexing = indexing_;
    lock.unlock();
    auto snapshot = index_->snapshot();
    const bool first_commit_pending =
        view.info.indexing && (!snapshot || (*snapshot)->chunk_count() == 0);
    if (!snapshot && snapshot.error().kind != ErrorKind::not_found) return snapshot.error();
    if (!snapshot && !first_commit_pending) return snapshot.error();
    if (first_commit_pending && CallContext::Clock::now() < give_up && !context.should_stop()) {
      lock.lock();
      changed_.wait_for(lock, kPoll);
      continue;
    }
    view.snapshot = snapshot ? *snapshot : Snapshot::empty();
    if (context.collections) {
      view.snapshot = restricted(view.snapshot, *context.collections);
      if (view.info.indexing) view.info.indexing = IndexingState{};
    }
    auto tokens = tokens_of(*view.snapshot);
    if (!tokens) return tokens.error();
    view.tokens = std::move(tokens).value();
    view.info.documents = view.snapshot->document_count();
    view.info.chunks = view.snapshot->chunk_count();
    view.info.revision = view.snapshot->revision();
    return view;
  }
}

std::shared_ptr<const Snapshot> Library::restricted(const std::shared_ptr<const Snapshot>& whole,
                                                    Collections collections) {
  std::sort(collections.begin(), collections.end());
  collections.erase(std::unique(collections.begin(), collections.end()), collections.end());
  const std::lock_guard lock(restricted_mutex_);
  if (whole_ != whole) {
    whole_ = whole;
    restricted_.clear();
  }
  auto known = std::find_if(restricted_.begin(), restricted_.end(), [&](const Restricted& each) {
    return each.collections == collections;
  });
  if (known == restricted_.end()) {
    if (restricted_.size() == kRestrictions) restricted_.erase(restricted_.begin());
    auto snapshot = whole->restricted_to(collections);
    restricted_.push_back({std::move(collections), std::move(snapshot)});
  } else {
    std::rotate(known, known + 1, restricted_.end());
  }
  return restricted_.back().snapshot;
}

Result<std::shared_ptr<const TokenCounter>> Library::tokens_of(const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  const std::string& wanted = snapshot.manifest().tokenizer;
  if (tokens_ && tokenizer_ == wanted) return tokens_;
  auto opened = open_tokenizer_of(index_->directory(), snapshot.manifest());
  if (!opened) return opened.error();
  tokens_ = std::move(opened).value();
  tokenizer_ = wanted;
  return tokens_;
}

}  // namespace callslip
