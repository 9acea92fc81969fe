// RawXapian: the baseline: chunks' texts in a Xapian database of their own, indexed and searched as
// its documentation does it.
#pragma once

#include <xapian.h>

#include <cstdint>
#include <string>

#include "index/snapshot.h"

namespace callslip::bench {

/// Makes the database of a snapshot's chunks; returns the seconds of indexing, the reading of the
/// texts not among them. Ends the program when the index cannot be read.
double index_raw(const Snapshot& snapshot, const std::string& directory, std::uint64_t& bytes);

class RawXapian {
 public:
  explicit RawXapian(const std::string& directory) : database_(directory) {}

  /// The bytes of the best `top` chunks for an OR of the words.
  std::size_t search(const std::string& text, Xapian::doccount top) const;

 private:
  const Xapian::Database database_;
};

}  // namespace callslip::bench
