// ByteSpan: where a piece of a text stands.
#pragma once

#include <cstddef>

namespace callslip {

/// Bytes [start, end) of a text.
struct ByteSpan {
  std::size_t start = 0;
  std::size_t end = 0;
  friend bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

}  // namespace callslip
