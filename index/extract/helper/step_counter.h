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

  /// A member begins; `name` is its whole path. False: it is to be passed over.
  bool next(const std::string& name);

  /// Whether the last one ended the process in an earlier attempt. An archive that is passed over
  /// for another reason is opened all the same, so that what is in it keeps its numbers.
  bool last_was_fatal() const { return number_ == first_; }

  /// The same step goes on, and gets its time anew: a page that is read by OCR.
  void still_here() const;

 private:
  const FrameWriter* writer_ = nullptr;
  std::uint32_t first_ = 0;
  std::uint32_t number_ = 0;
  std::string name_;
};

}  // namespace callslip
