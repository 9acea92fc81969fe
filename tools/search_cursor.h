// SearchCursor: where the next page of a search begins. It holds all of its state: none is kept.
#pragma once

#include <cstdint>
#include <string>

#include "index/result.h"

namespace callslip {

struct SearchCursor {
  std::string revision;
  std::uint64_t rank = 0;        // of the next chunk, from 0
  std::uint64_t skip_bytes = 0;  // of it that were returned already
  std::uint64_t digest = 0;      // of the arguments that it belongs to

  std::string text() const;

  /// ErrorKind::invalid_argument for a text that is no cursor, or one of other arguments.
  static Result<SearchCursor> parse(const std::string& text, std::uint64_t digest);
};

}  // namespace callslip
