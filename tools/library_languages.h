// LibraryLanguages: the languages in which an index's documents are written.
//
// Any thread may ask. Reads a sample the first time a revision is asked for (a few milliseconds in
// an index of any size), and keeps what it found for the revisions asked for last: callers who see
// different collections see different ones.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "index/snapshot.h"

namespace callslip {

struct LanguageShare {
  std::string language;  // ISO 639-1
  double share = 0;      // of the chunks that are in any language, 0 to 1
};

class LibraryLanguages {
 public:
  /// The most common one first, without those below 3 %. Empty where no chunk tells: an empty
  /// index, or one of figures and code without comments. A chunk that cannot be read is left out.
  std::vector<LanguageShare> of(const Snapshot& snapshot);

 private:
  std::mutex mutex_;
  // Guarded by mutex_.
  struct Known {
    std::string revision;  // with the index's id and who may see it
    std::vector<LanguageShare> languages;
  };
  std::deque<Known> known_;  // the latest first
};

}  // namespace callslip
