#include "index/extract/helper/step_counter.h"

namespace callslip {

StepCounter& StepCounter::instance() {
  static StepCounter counter;
  return counter;
}

bool StepCounter::next(const std::string& name) {
  const std::uint32_t number = number_++;
  if (number < first_) return false;
  name_ = name;
  if (writer_ != nullptr) writer_->write(FrameType::step, encode_step({number, name}));
  return true;
}

void StepCounter::still_here() const {
  if (writer_ == nullptr) return;
  const std::uint32_t last = number_ == 0 ? 0 : number_ - 1;
  writer_->write(FrameType::step, encode_step({last, name_}));
}

}  // namespace callslip
