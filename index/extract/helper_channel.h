// HelperChannel: the socket between the server and callslip-extract: a task one way with two
// descriptors, its end the other way.
//
// The process at the far end parses nothing itself: it forks one that does, which cannot write to
// this socket. Plain structs of one build; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "index/files/file_descriptor.h"

namespace callslip {

inline constexpr int helper_channel_fd = 3;  // in callslip-extract, from its start

/// The exit code of a file's process that was short of memory and could not say so.
inline constexpr int helper_memory_exit = 77;

struct HelperTask {
  std::uint32_t magic = kMagic;
  std::uint32_t first_step = 0;  // steps before it are passed over: the last attempt ended there

  static constexpr std::uint32_t kMagic = 0x58434C53;
};

/// How the process that parsed a file came to its end.
struct HelperEnd {
  std::int32_t wait_status = 0;  // as of waitpid
  std::uint64_t peak_kib = 0;
  std::uint64_t cpu_ms = 0;
};

struct HelperJob {
  HelperTask task;
  FileDescriptor input;   // a memory file: an ExtractRequest
  FileDescriptor output;  // the pipe that frames are written to
};

/// False when the other end is gone.
bool send_task(int channel, const HelperTask& task, int input, int output);
/// Waits. Nothing when the other end is gone, or what came is no task.
std::optional<HelperJob> receive_job(int channel);

bool send_end(int channel, const HelperEnd& end);
std::optional<HelperEnd> receive_end(int channel);

}  // namespace callslip
