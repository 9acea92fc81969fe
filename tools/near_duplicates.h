// NearDuplicates: recognises a text that says nearly the same as one before, by the share of their
// runs of four words (Broder's resemblance over w-shingles, 1997).
//
// Belongs to one call. Time is linear in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callslip {

class NearDuplicates {
 public:
  /// Which of the texts added before, by number from 0, this one nearly repeats; else it is added.
  std::optional<std::size_t> find_or_add(std::string_view text);

 private:
  std::vector<std::size_t> sizes_;                                         // shingles of each text
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> holders_;  // by shingle
};

}  // namespace callslip
