#include "index/extract/helper/frame_writer.h"

#include <unistd.h>

#include <cerrno>

namespace callslip {
namespace {

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(1);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

void FrameWriter::write(FrameType type, std::string_view payload) const {
  write_all(fd_, encode_frame_head(type, payload.size()));
  write_all(fd_, payload);
}

}  // namespace callslip
