// ClientRequests: what we have asked a client and it has not answered yet. Only clients of the
// legacy era can be asked: for a sampling, or for what the user says.
//
// Any thread may call; wait() blocks the thread of a call.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "plugin/mcp/json_rpc.h"

namespace callslip {

class ClientRequests {
 public:
  /// The id of a new request.
  std::string open();

  /// What the client answered; nothing when `stop` was requested, the client went, or `timeout`
  /// passed. Once for each id.
  std::optional<RpcReply> wait(const std::string& id, const std::stop_token& stop,
                               std::chrono::milliseconds timeout);

  /// A reply that nobody waits for is dropped.
  void answered(RpcReply reply);

  /// The client answers no more: what waits is let go, also in future.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  std::map<std::string, std::optional<RpcReply>> open_;
  std::uint64_t next_ = 1;
  bool closed_ = false;
};

}  // namespace callslip
