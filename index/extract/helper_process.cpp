#include "index/extract/helper_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

namespace callslip {
namespace {

constexpr std::chrono::milliseconds kSlice{100};  // between looks at the stop token
constexpr std::chrono::milliseconds kGrace{
    2000};  // from the end of the output to that of the process
constexpr std::size_t kRead = 256U << 10;
constexpr int kPipeBytes = 1 << 20;

Error cannot_start(const std::string& what, int error_number) {
  return {ErrorKind::unavailable,
          "cannot run the helper process: " + what + ": " + std::strerror(error_number)};
}

/// What the helper needs of the environment: nothing that is a secret.
std::vector<std::string> helper_environment() {
  std::vector<std::string> variables{"OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8"};
  for (const char* name :
       {"LD_LIBRARY_PATH", "TESSDATA_PREFIX", "CALLSLIP_POPPLER_DATA", "CALLSLIP_EXTRACT_TEST",
        "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// Signals as a new process expects them, whatever this thread blocks.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t set;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes_, &set);
    sigfillset(&set);
    posix_spawnattr_setsigdefault(&attributes_, &set);
    // A group of its own: Ctrl-C is for the server, which lets files end.
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  posix_spawnattr_t* get() { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::chrono::milliseconds left_until(HelperProcess::Clock::time_point time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time - HelperProcess::Clock::now());
}

/// Waits for input. True: there is some, or its end.
bool readable(int fd, std::chrono::milliseconds wait) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(wait.count(), 0))) > 0;
}

}  // namespace

/// Frames out of a stream of bytes, each checked for its type and length before room is made.
class HelperProcess::Frames {
 public:
  explicit Frames(const ExtractLimits& limits) : limits_(limits) {}

  enum class State { more, nonsense, flooded, refused };

  State take(std::string_view bytes, const OnFrame& on_frame) {
    total_ += bytes.size();
    if (total_ > limits_.output_bytes) return State::flooded;
    while (!bytes.empty()) {
      if (!head_) {
        const std::size_t n = std::min(frame_head_bytes - buffer_.size(), bytes.size());
        buffer_.append(bytes.substr(0, n));
        bytes.remove_prefix(n);
        if (buffer_.size() < frame_head_bytes) break;
        head_ = decode_frame_head(buffer_, limits_);
        buffer_.clear();
        if (!head_) return State::nonsense;
      }
      const std::size_t n = std::min<std::size_t>(head_->bytes - buffer_.size(), bytes.size());
      buffer_.append(bytes.substr(0, n));
      bytes.remove_prefix(n);
      if (buffer_.size() < head_->bytes) break;
      const FrameType type = head_->type;
      head_.reset();
      const std::string payload = std::exchange(buffer_, {});
      if (ended_) return State::nonsense;
      ended_ = type == FrameType::done;
      if (!on_frame(type, payload)) return State::refused;
    }
    return State::more;
  }

 private:
  const ExtractLimits& limits_;
  std::uint64_t total_ = 0;
  std::optional<FrameHead> head_;
  std::string buffer_;  // of the head, then of the payload
  bool ended_ = false;
};

HelperProcess::HelperProcess(pid_t pid, FileDescriptor channel)
    : pid_(pid), channel_(std::move(channel)) {}

HelperProcess::~HelperProcess() { kill(); }

void HelperProcess::kill() {
  well_ = false;
  channel_.reset();
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);  // what it forked dies with it
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Result<std::unique_ptr<HelperProcess>> HelperProcess::start(const std::string& program) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return cannot_start("a socket", errno);
  }
  FileDescriptor ours(ends[0]);
  FileDescriptor theirs(ends[1]);
  // dup2 onto itself would keep it close-on-exec.
  if (theirs.get() == helper_channel_fd) {
    theirs = FileDescriptor(::fcntl(theirs.get(), F_DUPFD_CLOEXEC, helper_channel_fd + 1));
    if (!theirs) return cannot_start("a socket", errno);
  }
  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(actions.get(), STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  // What its libraries complain of is about files, and hostile ones complain without end.
  if (std::getenv("CALLSLIP_EXTRACT_STDERR") == nullptr) {
    posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), helper_channel_fd);
  SpawnAttributes attributes;
  std::vector<std::string> variables = helper_environment();
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::string name = program;
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(),
                                   arguments.data(), environment.data());
  if (failed != 0) return cannot_start(program, failed);
  return std::unique_ptr<HelperProcess>(new HelperProcess(pid, std::move(ours)));
}

Result<FileDescriptor> HelperProcess::write_request(const ExtractRequest& request) {
  FileDescriptor file(::memfd_create("callslip-extract", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return cannot_start("a memory file", errno);
  if (Status s = file.append(encode_request_head(request)); !s) return s.error();
  if (Status s = file.append(request.bytes); !s) return s.error();
  ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  return file;
}

HelperRun HelperProcess::run(const FileDescriptor& request, std::uint32_t first_step,
                             const ExtractLimits& limits, Clock::time_point until,
                             const OnFrame& on_frame, const std::stop_token& stop) {
  HelperRun run;
  const auto end_as = [&](HelperRun::Ended ended) {
    run.ended = ended;
    if (ended != HelperRun::Ended::done && ended != HelperRun::Ended::died) kill();
    return run;
  };
  using Ended = HelperRun::Ended;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return end_as(Ended::lost);
  FileDescriptor output(ends[0]);
  FileDescriptor far_end(ends[1]);
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(output.get(), F_SETPIPE_SZ, kPipeBytes);
  const HelperTask task{HelperTask::kMagic, first_step};
  if (!send_task(channel_.get(), task, request.get(), far_end.get())) return end_as(Ended::lost);
  far_end.reset();

  Frames frames(limits);
  Clock::time_point step_until = Clock::now() + limits.step;
  bool done = false;
  const OnFrame filtered = [&](FrameType type, std::string_view payload) {
    if (type == FrameType::step) step_until = Clock::now() + limits.step;
    if (type != FrameType::done) return on_frame(type, payload);
    auto status = decode_status(payload);
    done = status.has_value();
    if (done) run.status = std::move(*status);
    return done;
  };
  std::vector<char> buffer(kRead);
  for (bool open = true; open;) {
    if (stop.stop_requested()) return end_as(Ended::cancelled);
    const auto left = left_until(std::min(until, step_until));
    if (left.count() <= 0) {
      run.whole_late = until <= step_until;
      return end_as(Ended::late);
    }
    if (!readable(output.get(), std::min(left, kSlice))) continue;
    const ssize_t n = ::read(output.get(), buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) {
      open = false;
      continue;
    }
    switch (frames.take({buffer.data(), static_cast<std::size_t>(n)}, filtered)) {
      case Frames::State::more:
        break;
      case Frames::State::nonsense:
        return end_as(Ended::nonsense);
      case Frames::State::flooded:
        return end_as(Ended::flooded);
      case Frames::State::refused:
        return end_as(Ended::refused);
    }
  }
  // The output ended; so does the process, unless it only closed it.
  const auto grace = Clock::now() + kGrace;
  while (!readable(channel_.get(), std::min(left_until(grace), kSlice))) {
    if (stop.stop_requested()) return end_as(Ended::cancelled);
    if (Clock::now() >= grace) return end_as(done ? Ended::late : Ended::nonsense);
  }
  const auto end = receive_end(channel_.get());
  if (!end) return end_as(Ended::lost);
  run.end = *end;
  const bool clean = WIFEXITED(end->wait_status) && WEXITSTATUS(end->wait_status) == 0;
  return end_as(done && clean ? Ended::done : Ended::died);
}

}  // namespace callslip
