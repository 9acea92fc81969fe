// CallContext: what travels with one call: when to stop, and whom to tell how far it is.
//
// Owned by the caller of a tool for the length of the call.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {

/// A chunk that a reading has judged. The document and the id are those of relevant ones.
struct JudgedChunk {
  enum class Kind : std::uint8_t { none, relevant, failed };
  std::size_t position = 0;  // in the order of BM25's belief, among the chunks in scope
  Kind kind = Kind::none;
  std::string chunk_id;
  std::string document;
};

struct CallContext {
  using Clock = std::chrono::steady_clock;
  /// Called on the thread that runs the call; must not block.
  using Progress = std::function<void(double done, double total, const std::string& message)>;

  Clock::time_point started = Clock::now();  // when the call was received
  std::stop_token stop;                      // requested when the client cancels or goes
  Clock::time_point deadline = Clock::time_point::max();
  Progress progress;  // may be empty
  /// Each verdict of a reading, a few at a time; as Progress.
  std::function<void(const std::vector<JudgedChunk>& judged)> verdicts;  // may be empty
  /// The collections (first parts of documents' names) that the caller can see; null: all.
  std::shared_ptr<const std::vector<std::string>> collections;
  bool may_write = false;
  /// A name of new_read_handle(): what a read has found is kept under it while it goes on, and a
  /// call with the same name goes on from there, in a later process too. Empty: it is not kept.
  std::string keep_as;

  /// Whether a document of this name would be among what the caller can see.
  bool may_see(std::string_view document) const {
    const std::string_view collection = document.substr(0, document.find('/'));
    return !collections ||
           std::find(collections->begin(), collections->end(), collection) != collections->end();
  }

  bool cancelled() const { return stop.stop_requested(); }
  bool expired() const { return Clock::now() >= deadline; }
  bool should_stop() const { return cancelled() || expired(); }
};

}  // namespace callslip
