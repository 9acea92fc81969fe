// FrameWriter: the frames of a file's process, written to the server. One thread.
#pragma once

#include <string_view>

#include "index/extract/extract_message.h"

namespace callslip {

class FrameWriter {
 public:
  /// `fd` stays open. A server that is gone ends the process (SIGPIPE).
  explicit FrameWriter(int fd) : fd_(fd) {}

  void write(FrameType type, std::string_view payload) const;

 private:
  int fd_;
};

}  // namespace callslip
