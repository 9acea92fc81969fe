#include "plugin/transports/own_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>

namespace callslip {

Error stream_error(std::string_view doing, int error_number) {
  return {ErrorKind::io, std::string(doing) + ": " +
                             std::error_code(error_number, std::generic_category()).message()};
}

Result<OwnStreams> OwnStreams::take_over() {
  OwnStreams streams;
  streams.input = FileDescriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!streams.input) return stream_error("stdin is not open", errno);
  streams.output = FileDescriptor(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!streams.output) return stream_error("stdout is not open", errno);

  const FileDescriptor nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nowhere) return stream_error("opening /dev/null", errno);
  if (::dup2(nowhere.get(), STDIN_FILENO) < 0) return stream_error("moving stdin", errno);
  if (::dup2(STDERR_FILENO, STDOUT_FILENO) < 0 && ::dup2(nowhere.get(), STDOUT_FILENO) < 0) {
    return stream_error("moving stdout", errno);
  }
  return streams;
}

}  // namespace callslip
