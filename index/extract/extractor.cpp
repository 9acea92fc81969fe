#include "index/extract/extractor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "index/extract/helper_process.h"

namespace callslip {
namespace {

constexpr int kMaxRestarts = 32;  // behind members of an archive that ended the process

std::string seconds(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                  : std::to_string(time.count()) + " ms";
}

std::string mebibytes(std::uint64_t bytes) {
  if (bytes % (1ULL << 30) == 0) return std::to_string(bytes >> 30) + " GiB";
  return std::to_string(bytes >> 20) + " MiB";
}

std::string cause_of_death(const HelperEnd& end, const ExtractLimits& limits) {
  if (WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == helper_memory_exit) {
    return "needs more than " + mebibytes(limits.memory_bytes) + " of memory";
  }
  if (!WIFSIGNALED(end.wait_status)) return "damaged: its parser gave up";
  switch (const int number = WTERMSIG(end.wait_status)) {
    case SIGXCPU:
      return "took longer than " + seconds(limits.total) + " of CPU time";
    case SIGKILL:
      return "there was not enough memory to read it";
    default:
      return std::string("damaged: its parser crashed (") + ::strsignal(number) + ")";
  }
}

std::string reason_of(const HelperRun& run, const ExtractLimits& limits, bool ocr) {
  switch (run.ended) {
    case HelperRun::Ended::late:
      return "took longer than " + seconds(!run.whole_late ? limits.step
                                           : ocr           ? limits.ocr_total
                                                           : limits.total);
    case HelperRun::Ended::flooded:
      return "holds more than " + mebibytes(limits.output_bytes) + " of text";
    case HelperRun::Ended::nonsense:
      return "damaged or hostile: its parser lost its way";
    case HelperRun::Ended::lost:
      return "the helper process ended";
    default:
      return cause_of_death(run.end, limits);
  }
}

Error cancelled() { return {ErrorKind::cancelled, "cancelled"}; }

}  // namespace

Extractor::Extractor(Options options) : options_(std::move(options)) {}

Extractor::~Extractor() = default;

Status Extractor::parse(const Parser& parser, std::string_view name, std::string bytes,
                        const ParseOptions& options, const Parser::Sink& sink,
                        const std::stop_token& stop) {
  if (!parser.isolated()) return parser.parse(name, std::move(bytes), options, sink);
  const ExtractLimits& limits = options_.limits;
  ExtractRequest request{std::string(name), options, limits, std::move(bytes)};
  const auto written = HelperProcess::write_request(request);
  if (!written) return written.error();
  request.bytes = std::string();

  const auto until = HelperProcess::Clock::now() + (options.ocr ? limits.ocr_total : limits.total);
  std::optional<Error> refused;
  std::optional<ExtractStep> step;  // the last that began
  bool sound = true;
  const auto on_frame = [&](FrameType type, std::string_view payload) {
    if (type == FrameType::sandbox) {
      const auto report = decode_sandbox(payload);
      if (report) note(*report);
      return sound = report.has_value();
    }
    if (type == FrameType::step) {
      auto next = decode_step(payload);
      sound = next && (!step || next->number >= step->number);
      if (sound) step = std::move(next);
      return sound;
    }
    auto document = decode_document(payload);
    if (!document) return sound = false;
    Status taken = sink(std::move(*document));
    if (!taken) refused = taken.error();
    return taken.ok();
  };
  const Error no_fault_of_the_file{ErrorKind::unavailable,
                                   "the helper process ended; the next indexing reads it again"};
  bool lost = false;
  std::uint32_t first_step = 0;
  for (int restarts = 0;; ++restarts) {
    auto helper = take_helper();
    if (!helper) return helper.error();
    HelperRun run = (*helper)->run(*written, first_step, limits, until, on_frame, stop);
    if ((*helper)->well()) give_back(std::move(helper).value());
    if (run.ended == HelperRun::Ended::done)
      return lost ? Status(no_fault_of_the_file) : run.status;
    if (run.ended == HelperRun::Ended::cancelled) return cancelled();
    if (refused) return *refused;
    if (run.ended == HelperRun::Ended::refused) run.ended = HelperRun::Ended::nonsense;
    std::string reason = reason_of(run, limits, options.ocr);
    lost = lost || run.ended == HelperRun::Ended::lost;
    const bool goes_on = step && !step->name.empty() && step->number >= first_step &&
                         !run.whole_late && run.ended != HelperRun::Ended::flooded;
    if (!goes_on) {
      return lost ? no_fault_of_the_file : Error{ErrorKind::unsupported, std::move(reason)};
    }
    // A member ended the process: it is named, and the others are read.
    ParsedDocument unread;
    unread.member = step->name;
    unread.skipped = reason;
    if (Status s = sink(std::move(unread)); !s) return s;
    if (restarts == kMaxRestarts) {
      return Error{ErrorKind::unsupported,
                   "too many damaged members; those behind " + step->name + " were not read"};
    }
    first_step = step->number + 1;
  }
}

Result<std::unique_ptr<HelperProcess>> Extractor::take_helper() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto helper = std::move(idle_.back());
      idle_.pop_back();
      return helper;
    }
  }
  if (!options_.program.empty()) return HelperProcess::start(options_.program);
  const auto program = find_program();
  if (!program) return program.error();
  return HelperProcess::start(*program);
}

void Extractor::give_back(std::unique_ptr<HelperProcess> helper) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(helper));
}

void Extractor::note(const SandboxReport& report) {
  const std::lock_guard lock(mutex_);
  sandbox_ = report;
}

std::string Extractor::weakness() const {
  const std::lock_guard lock(mutex_);
  if (!sandbox_ || sandbox_->whole()) return "";
  if (!sandbox_->system_calls && !sandbox_->files) {
    return "this system offers neither seccomp nor Landlock: parsers of binary formats run in a "
           "process of their own, with limits, but could reach files and the network";
  }
  return sandbox_->system_calls
             ? "this system offers no Landlock: parsers of binary formats could read other files "
               "(and send or write nothing)"
             : "this system offers no seccomp: parsers of binary formats could reach the network "
               "(and no files)";
}

Result<std::string> Extractor::find_program() {
  if (const char* named = std::getenv("CALLSLIP_EXTRACT"); named != nullptr && *named != '\0') {
    return std::string(named);
  }
  char path[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  const std::string own(path, n > 0 ? static_cast<std::size_t>(n) : 0);
  const std::string folder = own.substr(0, own.rfind('/') + 1);
  for (const char* place : {"callslip-extract", "../libexec/callslip-extract"}) {
    const std::string candidate = folder + place;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return Error{ErrorKind::unavailable,
               "callslip-extract, which reads this format, is missing: "
               "install it beside " +
                   own};
}

}  // namespace callslip
