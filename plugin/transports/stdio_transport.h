// StdioTransport: one peer, newline-delimited JSON over a pair of descriptors.
//
// One I/O thread, the one that calls run(); it reads, and it writes what any thread has queued, as
// whole lines. So a peer that reads nothing while it writes does not deadlock with us.
//
// The end of input: on_close comes first and, here only, may take its time, because a client that
// pipes its requests in and closes still wants the answers: whatever is sent until on_close returns
// is written before run() returns. A peer that has closed its reading end is gone at once.
//
// What is bounded: a line (answered with a parse error), and what the peer has not read yet (run()
// then ends with an error).
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "index/result.h"
#include "plugin/transports/transport.h"

namespace callslip {

struct StdioOptions {
  int input = 0;  // descriptors; blocking or not; not closed
  int output = 1;
  /// At a time: what a pipe that polls as writable takes without blocking (PIPE_BUF).
  std::size_t max_write_bytes = 4096;
  std::size_t max_message_bytes = std::size_t{16} << 20U;
  std::size_t max_unread_bytes = std::size_t{64} << 20U;
  std::chrono::milliseconds drain_timeout{5000};  // at the end, without the peer reading a byte
};

class StdioTransport final : public Transport {
 public:
  static Result<std::unique_ptr<StdioTransport>> open(StdioOptions options);

  /// The process's own stdin and stdout (OwnStreams). `options.input` and `output` are ignored.
  static Result<std::unique_ptr<StdioTransport>> take_over(StdioOptions options = {});

  ~StdioTransport() override;
  StdioTransport(const StdioTransport&) = delete;
  StdioTransport& operator=(const StdioTransport&) = delete;

  Status run(ConnectionHandler& handler) override;

  /// Also from a signal handler.
  void stop() override;

 private:
  class Channel;
  explicit StdioTransport(std::shared_ptr<Channel> channel);

  std::shared_ptr<Channel> channel_;
};

}  // namespace callslip
