#include "tools/call_slots.h"

#include <algorithm>

namespace callslip {

CallSlots::Member::Member(CallSlots& slots, CURLM* multi) : slots_(slots), multi_(multi) {
  const std::lock_guard lock(slots_.mutex_);
  slots_.members_.push_back(this);
}

CallSlots::Member::~Member() {
  const std::lock_guard lock(slots_.mutex_);
  slots_.taken_ -= taken_;
  std::erase(slots_.members_, this);
  slots_.wake_others(this);
}

bool CallSlots::Member::try_take() {
  const std::lock_guard lock(slots_.mutex_);
  // Without shares a long read would hold every slot against a short one that came later.
  const std::size_t share = std::max<std::size_t>(1, slots_.slots_ / slots_.members_.size());
  if (slots_.taken_ >= slots_.slots_ || taken_ >= share) return false;
  ++slots_.taken_;
  ++taken_;
  return true;
}

void CallSlots::Member::release() {
  const std::lock_guard lock(slots_.mutex_);
  --slots_.taken_;
  --taken_;
  slots_.wake_others(this);
}

void CallSlots::wake_others(const Member* but) {
  for (const Member* member : members_) {
    if (member != but) curl_multi_wakeup(member->multi_);
  }
}

}  // namespace callslip
