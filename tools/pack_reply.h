// PackReply: what a model says of a pack of passages: of each by its number, or of all together, in
// whatever form it chose.
//
// Pure functions: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/reader_reply.h"

namespace callslip {

struct PackReply {
  /// By passage; nothing for one that the model passed over, as {} does with all. Empty: it named
  /// no passages.
  std::vector<std::optional<ReaderReply>> by_passage;
  ReaderReply loose;  // what it said without a passage's number

  bool keyed() const { return !by_passage.empty(); }
};

/// Takes an object by numbers, {"1": [], "2": ["..."]}, a list of objects with a number each, and
/// both of them inside another object, fences, thinking or prose; and whatever parse_reader_reply
/// takes, which is then loose.
PackReply parse_pack_reply(std::string_view reply, std::size_t passages);

}  // namespace callslip
