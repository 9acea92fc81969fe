#include "index/extract/helper/unpacking.h"

#include <algorithm>

namespace callslip {

Unpacking& Unpacking::instance() {
  static Unpacking unpacking;
  return unpacking;
}

Status Unpacking::enter(std::uint64_t packed_bytes) {
  if (depth_ == 0) packed_ = packed_bytes;
  ++depth_;
  if (depth_ <= kMostNested) return {};
  return Error{ErrorKind::unsupported,
               "archives nested more than " + std::to_string(kMostNested) + " deep are not opened"};
}

Status Unpacking::take(std::uint64_t bytes) {
  taken_ += bytes;
  if (taken_ > kMostInAll) {
    spent_ = true;
    return Error{ErrorKind::unsupported,
                 "it unpacks to more than " + std::to_string(kMostInAll >> 30) + " GiB"};
  }
  if (taken_ > kAlwaysAllowed && taken_ / kMostRatio > packed_) {
    spent_ = true;
    return Error{ErrorKind::unsupported,
                 "it unpacks to more than " + std::to_string(kMostRatio) + " times its size"};
  }
  return {};
}

Status Unpacking::take_member() {
  if (++members_ <= kMostMembers) return {};
  spent_ = true;
  return Error{ErrorKind::unsupported, "it has more than " + std::to_string(kMostMembers) +
                                           " members; the rest was not read"};
}

}  // namespace callslip
