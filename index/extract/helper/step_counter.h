// StepCounter: tells the server where a parse is, in steps that each have a time limit: members of
// an archive, pages that are read by OCR.
//
// A process parses one file, so there is one counter: archives in archives go on counting. After a
// crash the file is parsed again from the step behind, with the same numbers. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "index/extract/helper/frame_writer.h"

namespace callslip {

class StepCounter {
 public:
  static StepCounter& instance();

  void begin(const FrameWriter& writer, std::uint32_t first) {
    writer_ = &writer;
    first_ = first;
  }

  /// A step begins; `name` is a member's whole path, empty for a page. False: it is to be passed
  /// over.
  bool next(const std::string& name);

 private:
  const FrameWriter* writer_ = nullptr;
  std::uint32_t first_ = 0;
  std::uint32_t number_ = 0;
};

}  // namespace callslip
