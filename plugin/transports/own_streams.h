// OwnStreams: the process's stdin and stdout, kept for the protocol alone.
//
// Taken once, before any thread writes. From then on stdin is empty and what is printed to stdout
// goes to stderr, so that no library, no child and no printf reaches the protocol.
#pragma once

#include <cerrno>
#include <string_view>

#include "index/files/file_descriptor.h"
#include "index/result.h"

namespace callslip {

struct OwnStreams {
  FileDescriptor input;
  FileDescriptor output;

  static Result<OwnStreams> take_over();
};

/// "reading stdin: Bad file descriptor"; kind io.
Error stream_error(std::string_view doing, int error_number);

/// Not a failure: to be tried again when poll says so.
inline bool would_block(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

}  // namespace callslip
