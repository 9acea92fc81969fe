// HelperProcess: one callslip-extract, as the server sees it: files go in, checked frames come out.
//
// The process forks for every file, so that no file sees or spoils another; this keeps it warm
// between them. It ends with this object, and with the server, however that ends. One thread at a
// time. After `run` has not ended well() the process is gone and so is the use of this object.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "index/extract/extract_message.h"
#include "index/extract/helper_channel.h"
#include "index/files/file_descriptor.h"
#include "index/result.h"

namespace callslip {

/// How the parse of a file went.
struct HelperRun {
  enum class Ended {
    done,       // the parser said how it went: `status`
    died,       // it crashed or was killed: `end` says how
    late,       // it took longer than a step or the whole may take
    flooded,    // it wrote more than the limit
    nonsense,   // what it wrote cannot be
    refused,    // `on_frame` did not want more
    cancelled,  // by the stop token
    lost,       // the helper itself is gone
  };
  Ended ended = Ended::lost;
  Status status;
  HelperEnd end;
  bool whole_late = false;  // with `late`: the whole, not a step
};

class HelperProcess {
 public:
  /// A frame of the file's process, whole, unchecked. False: no more of them.
  using OnFrame = std::function<bool(FrameType type, std::string_view payload)>;
  using Clock = std::chrono::steady_clock;

  /// Starts `program`. ErrorKind::unavailable says why it cannot be.
  static Result<std::unique_ptr<HelperProcess>> start(const std::string& program);
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  /// A memory file with the request, for `run`.
  static Result<FileDescriptor> write_request(const ExtractRequest& request);

  /// Parses the file of `request`, from a step on. `until` is the latest time for its end.
  HelperRun run(const FileDescriptor& request, std::uint32_t first_step,
                const ExtractLimits& limits, Clock::time_point until, const OnFrame& on_frame,
                const std::stop_token& stop);

  /// Whether it can take another file.
  bool well() const { return well_; }

 private:
  class Frames;
  HelperProcess(pid_t pid, FileDescriptor channel);
  void kill();

  pid_t pid_ = -1;
  FileDescriptor channel_;
  bool well_ = true;
};

}  // namespace callslip
