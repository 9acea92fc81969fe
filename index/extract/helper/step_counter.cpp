#include "index/extract/helper/step_counter.h"

namespace callslip {

StepCounter& StepCounter::instance() {
  static StepCounter counter;
  return counter;
}

bool StepCounter::next(const std::string& name) {
  const std::uint32_t number = number_++;
  if (number < first_) return false;
  if (writer_ != nullptr) writer_->write(FrameType::step, encode_step({number, name}));
  return true;
}

}  // namespace callslip
