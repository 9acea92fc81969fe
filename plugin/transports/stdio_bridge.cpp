#include "plugin/transports/stdio_bridge.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/transports/sigpipe_guard.h"

namespace callslip {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBufferBytes = std::size_t{256} << 10U;
/// What a pipe that polls as writable takes without blocking (PIPE_BUF).
constexpr std::size_t kPipeBytes = 4096;

/// One direction. Reads only what it has written before.
class Flow {
 public:
  Flow(int from, int to, std::size_t at_a_time) : from_(from), to_(to), at_a_time_(at_a_time) {}

  bool pending() const { return !rest_.empty(); }
  bool ended() const { return ended_; }    // no more to read
  bool closed() const { return closed_; }  // nobody reads
  void end() { ended_ = true; }

  short wants_to_read() const { return ended_ || pending() ? 0 : POLLIN; }
  short wants_to_write() const { return pending() ? POLLOUT : 0; }

  void read() {
    const ssize_t count = ::read(from_, buffer_.data(), buffer_.size());
    if (count > 0) {
      rest_ = std::string_view(buffer_).substr(0, static_cast<std::size_t>(count));
    } else if (count == 0 || !would_block(errno)) {
      ended_ = true;  // also a server that was killed with our bytes unread (ECONNRESET)
    }
  }

  void write() {
    const ssize_t count = ::write(to_, rest_.data(), std::min(rest_.size(), at_a_time_));
    if (count >= 0) {
      rest_.remove_prefix(static_cast<std::size_t>(count));
    } else if (!would_block(errno)) {
      close();
    }
  }

  void close() {
    closed_ = true;
    rest_ = {};
  }

 private:
  const int from_;
  const int to_;
  const std::size_t at_a_time_;
  std::string buffer_ = std::string(kBufferBytes, '\0');
  std::string_view rest_;  // of buffer_
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace

Status StdioBridge::run(const std::stop_token& stop, std::chrono::milliseconds patience) {
  const FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return stream_error("creating an eventfd", errno);
  const std::stop_callback on_stop(stop, [&] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake.get(), &one, sizeof one);
  });
  const SigpipeGuard guard;
  const int server = server_.get();
  Flow requests(client_.input.get(), server, kBufferBytes);
  Flow answers(server, client_.output.get(), kPipeBytes);
  std::optional<Clock::time_point> deadline;
  bool half_closed = false;
  while (true) {
    if (answers.closed()) return {};
    if (answers.ended() && !answers.pending()) {
      if (half_closed) return {};
      return Error{ErrorKind::unavailable, "the server that we were attached to has ended"};
    }
    if (!half_closed && ((requests.ended() && !requests.pending()) || requests.closed())) {
      // A server that is gone is noticed where its answers end.
      half_closed = !requests.closed();
      requests.end();
      ::shutdown(server, SHUT_WR);
    }
    const auto left =
        deadline ? std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now())
                       .count()
                 : -1;
    if (deadline && left <= 0) return {};
    const short reading = requests.wants_to_read();
    const auto serving = static_cast<short>(answers.wants_to_read() | requests.wants_to_write());
    // Who is gone is reported unasked for, again and again: a descriptor of which nothing is wanted
    // is left out, but for our output, whose end is the end of all.
    std::array<pollfd, 4> fds{{{reading != 0 ? client_.input.get() : -1, reading, 0},
                               {client_.output.get(), answers.wants_to_write(), 0},
                               {serving != 0 ? server : -1, serving, 0},
                               {deadline ? -1 : wake.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), static_cast<int>(left)) < 0) {
      if (errno == EINTR) continue;
      return stream_error("waiting for stdin", errno);
    }
    const auto happened = [&](std::size_t i) { return fds[i].revents; };
    if (happened(3) != 0) {
      deadline = Clock::now() + patience;
      requests.end();
    }
    if ((happened(1) & (POLLERR | POLLHUP | POLLNVAL)) != 0) answers.close();
    if ((happened(1) & POLLOUT) != 0) answers.write();
    if (happened(0) != 0 && reading != 0 && !requests.ended()) requests.read();
    if ((happened(2) & (POLLOUT | POLLERR | POLLHUP)) != 0 && requests.pending()) requests.write();
    if ((happened(2) & (POLLIN | POLLERR | POLLHUP)) != 0 && answers.wants_to_read() != 0) {
      answers.read();
    }
  }
}

}  // namespace callslip
