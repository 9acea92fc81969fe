#include "plugin/transports/stdio_transport.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "index/files/file_descriptor.h"
#include "plugin/transports/own_streams.h"
#include "plugin/transports/sigpipe_guard.h"

namespace callslip {
namespace {

constexpr std::size_t read_size = 65536;
/// What a queued line costs besides its text.
constexpr std::size_t line_overhead_bytes = 64;

/// Cuts a stream into lines; drops the blank ones and those that are too long.
class LineReader {
 public:
  explicit LineReader(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Calls `line` with each whole line, and `too_long` once for each that exceeds the bound.
  template <class OnLine, class OnTooLong>
  void feed(std::string_view bytes, const OnLine& line, const OnTooLong& too_long) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      take(bytes.substr(0, end), too_long);
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end + 1);
      finish(line);
    }
  }

  /// The last line may lack its newline.
  template <class OnLine>
  void finish(const OnLine& line) {
    std::string text = std::exchange(text_, {});
    if (std::exchange(skipping_, false)) return;
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.find_first_not_of(" \t\r") != std::string::npos) line(std::move(text));
  }

 private:
  template <class OnTooLong>
  void take(std::string_view part, const OnTooLong& too_long) {
    if (skipping_) return;
    const bool carriage_return = !part.empty() && part.back() == '\r';
    if (text_.size() + part.size() - (carriage_return ? 1 : 0) > max_bytes_) {
      skipping_ = true;
      text_ = {};
      too_long();
      return;
    }
    text_ += part;
  }

  const std::size_t max_bytes_;
  std::string text_;
  bool skipping_ = false;
};

}  // namespace

/// The connection, and the loop that serves it. Shared with workers that still hold it.
class StdioTransport::Channel final : public Connection,
                                      public std::enable_shared_from_this<Channel> {
 public:
  Channel(const StdioOptions& options, FileDescriptor owned_input, FileDescriptor owned_output,
          FileDescriptor wake)
      : options_(options),
        owned_input_(std::move(owned_input)),
        owned_output_(std::move(owned_output)),
        wake_(std::move(wake)) {}

  const Principal& principal() const override { return principal_; }

  bool still_listens() const override { return !gone_; }

  void send(std::string message) override {
    // JSON escapes line breaks inside strings; those between tokens are white space.
    std::replace(message.begin(), message.end(), '\n', ' ');
    std::replace(message.begin(), message.end(), '\r', ' ');
    message += '\n';
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || overflowed_) return;
      const std::size_t bytes = message.size() + line_overhead_bytes;
      if (!outbox_.empty() && unread_bytes_ + bytes > options_.max_unread_bytes) {
        overflowed_ = true;
      } else {
        unread_bytes_ += bytes;
        outbox_.push_back(std::move(message));
      }
    }
    wake();
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    stop();
  }

  void stop() {
    stopping_ = true;
    wake();
  }

  Status run(ConnectionHandler& handler) {
    const SigpipeGuard guard;
    const std::shared_ptr<Connection> self = shared_from_this();
    handler.on_open(self);
    Status status = serve(handler);
    handler.on_close(self);
    if (status.ok() && !gone_) status = drain();
    const std::lock_guard lock(mutex_);
    closed_ = true;
    outbox_.clear();
    return status;
  }

 private:
  void wake() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the loop is awake.
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  }

  /// Until the end of input, stop(), or the peer's going.
  Status serve(ConnectionHandler& handler) {
    LineReader lines(options_.max_message_bytes);
    const auto deliver = [&](std::string line) {
      if (!stopping_) handler.on_message(shared_from_this(), std::move(line));
    };
    const auto refuse = [&] {
      send(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"message exceeds )" +
           std::to_string(options_.max_message_bytes) + R"( bytes"}})");
    };
    std::string buffer(read_size, '\0');
    while (!stopping_ && !gone_) {
      const Result<bool> readable = wait(POLLIN, -1);
      if (!readable) return readable.error();
      if (Status status = write_some(); !status) return status;
      if (!*readable) continue;
      const ssize_t count = ::read(options_.input, buffer.data(), buffer.size());
      if (count == 0) {
        lines.finish(deliver);
        return {};
      }
      if (count < 0) {
        if (would_block(errno)) continue;
        return stream_error("reading stdin", errno);
      }
      lines.feed(std::string_view(buffer).substr(0, static_cast<std::size_t>(count)), deliver,
                 refuse);
    }
    return {};
  }

  /// Writes what is queued, for as long as the peer keeps reading.
  Status drain() {
    while (!gone_ && pending()) {
      writable_ = false;
      if (const Result<bool> waited = wait(0, static_cast<int>(options_.drain_timeout.count()));
          !waited) {
        return waited.error();
      }
      if (!writable_ && !gone_ && !woken_) {
        return Error{ErrorKind::io, "the client did not read its last answers"};
      }
      if (Status status = write_some(); !status) return status;
    }
    return {};
  }

  bool pending() {
    const std::lock_guard lock(mutex_);
    return !outbox_.empty();
  }

  /// Sleeps until something can be done. Returns whether the input can be read; sets the rest.
  Result<bool> wait(short input_events, int timeout_ms) {
    const int input = input_events == 0 ? -1 : options_.input;
    const short output_events = pending() ? POLLOUT : 0;
    std::array<pollfd, 3> fds{
        {{input, input_events, 0}, {options_.output, output_events, 0}, {wake_.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), timeout_ms) < 0) {
      if (errno != EINTR) return stream_error("waiting for stdin", errno);
      woken_ = true;
      return false;
    }
    woken_ = fds[2].revents != 0;
    if (woken_) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t cleared = ::read(wake_.get(), &count, sizeof count);
    }
    writable_ = (fds[1].revents & POLLOUT) != 0;
    // Reported unasked for, as soon as the reader of a pipe or the other end of a socket is gone.
    if ((fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) gone_ = true;
    return fds[0].revents != 0;
  }

  /// As much as goes without blocking, if wait() found the output writable.
  Status write_some() {
    if (!std::exchange(writable_, false)) {
      const std::lock_guard lock(mutex_);
      return overflowed_ ? overflow_error() : Status();
    }
    std::string_view rest;
    {
      const std::lock_guard lock(mutex_);
      if (overflowed_) return overflow_error();
      if (outbox_.empty()) return {};
      rest = std::string_view(outbox_.front()).substr(written_);  // only this thread pops
    }
    const ssize_t count =
        ::write(options_.output, rest.data(), std::min(rest.size(), options_.max_write_bytes));
    if (count < 0) {
      if (would_block(errno)) return {};
      if (errno == EPIPE) {
        gone_ = true;
        return {};
      }
      return stream_error("writing stdout", errno);
    }
    written_ += static_cast<std::size_t>(count);
    if (static_cast<std::size_t>(count) < rest.size()) return {};
    const std::lock_guard lock(mutex_);
    unread_bytes_ -= outbox_.front().size() + line_overhead_bytes;
    outbox_.pop_front();
    written_ = 0;
    return {};
  }

  Status overflow_error() const {
    return Error{ErrorKind::io, "the client does not read its answers: " +
                                    std::to_string(options_.max_unread_bytes) +
                                    " bytes are waiting"};
  }

  // Constant.
  const StdioOptions options_;
  const Principal principal_ = Principal::owner();
  const FileDescriptor owned_input_;
  const FileDescriptor owned_output_;
  const FileDescriptor wake_;

  std::atomic<bool> stopping_{false};
  std::atomic<bool> gone_{false};

  // The I/O thread's.
  bool writable_ = false;
  bool woken_ = false;
  std::size_t written_ = 0;  // of the first line in the outbox

  std::mutex mutex_;  // guards what follows
  std::deque<std::string> outbox_;
  std::size_t unread_bytes_ = 0;
  bool overflowed_ = false;
  bool closed_ = false;
};

Result<std::unique_ptr<StdioTransport>> StdioTransport::open(StdioOptions options) {
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return stream_error("creating an eventfd", errno);
  return std::unique_ptr<StdioTransport>(new StdioTransport(
      std::make_shared<Channel>(options, FileDescriptor(), FileDescriptor(), std::move(wake))));
}

Result<std::unique_ptr<StdioTransport>> StdioTransport::take_over(StdioOptions options) {
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return stream_error("creating an eventfd", errno);
  auto streams = OwnStreams::take_over();
  if (!streams) return streams.error();
  options.input = streams->input.get();
  options.output = streams->output.get();
  return std::unique_ptr<StdioTransport>(new StdioTransport(std::make_shared<Channel>(
      options, std::move(streams->input), std::move(streams->output), std::move(wake))));
}

StdioTransport::StdioTransport(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}

StdioTransport::~StdioTransport() = default;

Status StdioTransport::run(ConnectionHandler& handler) { return channel_->run(handler); }

void StdioTransport::stop() { channel_->stop(); }

}  // namespace callslip
