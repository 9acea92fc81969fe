#include "index/extract/helper_channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace callslip {
namespace {

constexpr std::size_t kDescriptors = 2;

/// Room for the descriptors of a message, aligned as the kernel wants it.
union Control {
  cmsghdr header;
  char bytes[CMSG_SPACE(kDescriptors * sizeof(int))];
};

template <class T>
msghdr message_of(T& value, iovec& part) {
  part = {&value, sizeof value};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return message;
}

}  // namespace

bool send_task(int channel, const HelperTask& task, int input, int output) {
  HelperTask copy = task;
  iovec part{};
  msghdr message = message_of(copy, part);
  Control control{};
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(kDescriptors * sizeof(int));
  const std::array<int, kDescriptors> descriptors{input, output};
  std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(channel, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof copy);
}

std::optional<HelperJob> receive_job(int channel) {
  HelperJob job;
  iovec part{};
  msghdr message = message_of(job.task, part);
  Control control{};
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  ssize_t got = 0;
  do {
    got = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  const cmsghdr* header = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(kDescriptors * sizeof(int))) {
    return std::nullopt;
  }
  std::array<int, kDescriptors> descriptors{};
  std::memcpy(descriptors.data(), CMSG_DATA(header), sizeof descriptors);
  job.input = FileDescriptor(descriptors[0]);
  job.output = FileDescriptor(descriptors[1]);
  if (got != static_cast<ssize_t>(sizeof job.task) || job.task.magic != HelperTask::kMagic) {
    return std::nullopt;
  }
  return job;
}

bool send_end(int channel, const HelperEnd& end) {
  return ::send(channel, &end, sizeof end, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof end);
}

std::optional<HelperEnd> receive_end(int channel) {
  HelperEnd end;
  ssize_t got = 0;
  do {
    got = ::recv(channel, &end, sizeof end, 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof end)) return std::nullopt;
  return end;
}

}  // namespace callslip
