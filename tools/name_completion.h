// NameCompletion: what a user who has typed a part of a name may mean. Names that begin so come
// first, then those of which a part (behind a slash, a space, ...) begins so, then those that hold
// it anywhere; within each the given order. Letters' case is nothing.
//
// Pure functions: any thread; 100,000 names take a few milliseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index/snapshot.h"

namespace callslip {

struct NameCompletions {
  std::vector<std::string> values;  // the best, at most as many as asked for
  std::uint64_t total = 0;
};

inline constexpr std::size_t max_completions = 100;  // what the protocol allows

/// `each` calls its argument with one name after another.
NameCompletions complete_names(
    std::string_view typed,
    const std::function<void(const std::function<void(std::string_view)>&)>& each,
    std::size_t most = max_completions);

NameCompletions complete_documents(const Snapshot& snapshot, std::string_view typed);
NameCompletions complete_sections(const Snapshot& snapshot, DocumentNumber document,
                                  std::string_view typed, std::size_t most = max_completions);
/// "4f2": first chunks of documents; "4f2akq81v0z:" chunks of that one.
NameCompletions complete_chunk_ids(const Snapshot& snapshot, std::string_view typed);
NameCompletions complete_chunk_ids(const Snapshot& snapshot, DocumentNumber document,
                                   std::string_view typed);

}  // namespace callslip
