// StdioBridge: stdin and stdout, passed on to a server that runs already, and back.
//
// Bytes as they come: nothing is parsed. One thread, the one that calls run(). What is in hand is
// bounded by a buffer each way: who does not read is not read from.
#pragma once

#include <chrono>
#include <stop_token>

#include "index/result.h"
#include "plugin/transports/own_streams.h"

namespace callslip {

class StdioBridge {
 public:
  /// `server` does not block.
  StdioBridge(OwnStreams client, FileDescriptor server)
      : client_(std::move(client)), server_(std::move(server)) {}

  /// Until the server has answered all after the end of input, or the client has closed our output.
  /// `stop` ends it like the end of input, and after `patience` in any case.
  /// Error unavailable: the server went away first.
  Status run(const std::stop_token& stop,
             std::chrono::milliseconds patience = std::chrono::milliseconds(5000));

 private:
  const OwnStreams client_;
  const FileDescriptor server_;
};

}  // namespace callslip
