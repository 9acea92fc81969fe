// ByteRange: the header Range, as far as a single range of bytes is asked for.
//
// Stateless; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace callslip {

struct ByteRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;  // one behind the last byte
};

/// Nothing where all is to be sent: no range, several, or one that is not understood. `false`:
/// there are no such bytes.
std::variant<std::monostate, ByteRange, bool> parse_range(std::string_view header,
                                                          std::uint64_t size);

}  // namespace callslip
