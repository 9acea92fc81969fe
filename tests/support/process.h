// Process: a program that a test runs, with its pipes, and what became of it.
//
// Belongs to one test. Two threads collect what the program prints; input is written by the caller.
// The destructor kills what still runs. A timeout is a safety net: it kills, and the outcome says
// so.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace callslip::testing_support {

inline constexpr std::chrono::seconds safety_net{120};

struct ProcessOptions {
  /// NAME=VALUE to set, NAME to unset.
  std::vector<std::string> environment;
  std::string directory;    // to run in; empty: ours
  bool as_nobody = false;   // gives up root
  bool keep_input = false;  // stdin stays open for send(); else it is empty
};

struct Outcome {
  int exit_code = -1;  // -1: a signal ended it
  int signal = 0;
  bool timed_out = false;
  long max_rss_kb = 0;
  std::string out;
  std::string err;

  std::string describe() const {
    return (timed_out     ? "timed out"
            : signal != 0 ? "signal " + std::to_string(signal)
                          : "exit code " + std::to_string(exit_code)) +
           "\nstdout: " + out.substr(0, 2000) + "\nstderr: " + err.substr(0, 2000);
  }
};

class Process {
 public:
  explicit Process(std::vector<std::string> command, const ProcessOptions& options = {}) {
    int in[2];
    int out[2];
    int err[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 ||
        ::pipe2(err, O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipes");
    }
    std::vector<std::string> variables = environment(options.environment);
    const std::vector<char*> argv = pointers(command);
    const std::vector<char*> envp = pointers(variables);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("no process");
    if (pid_ == 0) {
      // Only what is safe after a fork of a threaded program.
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      if (options.as_nobody &&
          (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0)) {
        ::_exit(125);
      }
      if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
      ::execve(argv[0], argv.data(), envp.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(err[1]);
    input_ = in[1];
    if (!options.keep_input) close_input();
    readers_.emplace_back([this, fd = out[0]] { collect(fd, out_); });
    readers_.emplace_back([this, fd = err[0]] { collect(fd, err_); });
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (!outcome_) {
      signal(SIGKILL);
      wait();
    }
  }

  pid_t pid() const { return pid_; }

  void signal(int number) const { ::kill(pid_, number); }

  /// False when the program has closed its end.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::write(input_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool send_line(const std::string& text) { return send(text + "\n"); }
  void close_input() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
  }

  /// The next line of stdout without its end; nothing when none came.
  std::optional<std::string> read_line(std::chrono::milliseconds timeout = safety_net) {
    std::unique_lock lock(mutex_);
    std::size_t end = std::string::npos;
    changed_.wait_for(lock, timeout, [&] {
      end = out_.find('\n', line_start_);
      return end != std::string::npos || open_ == 0;
    });
    if (end == std::string::npos) return std::nullopt;
    std::string line = out_.substr(line_start_, end - line_start_);
    line_start_ = end + 1;
    return line;
  }

  /// Waits until stderr holds the text; returns the rest of its line, or nothing.
  std::optional<std::string> wait_for_err(const std::string& text) {
    std::unique_lock lock(mutex_);
    std::size_t at = std::string::npos;
    std::size_t end = std::string::npos;
    changed_.wait_for(lock, safety_net, [&] {
      at = err_.find(text);
      end = at == std::string::npos ? at : err_.find('\n', at);
      return end != std::string::npos || open_ == 0;
    });
    if (end == std::string::npos) return std::nullopt;
    return err_.substr(at + text.size(), end - at - text.size());
  }

  bool running() {
    if (!outcome_) reap(WNOHANG);
    return !outcome_;
  }

  /// Waits for its end and for all that it printed.
  const Outcome& wait(std::chrono::milliseconds timeout = safety_net) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    bool timed_out = false;
    while (running()) {
      if (!timed_out && std::chrono::steady_clock::now() >= deadline) {
        timed_out = true;
        signal(SIGKILL);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    close_input();
    for (std::thread& reader : readers_) reader.join();
    readers_.clear();
    if (timed_out) outcome_->timed_out = true;
    outcome_->out = out_;
    outcome_->err = err_;
    return *outcome_;
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> all;
    for (std::string& s : strings) all.push_back(s.data());
    all.push_back(nullptr);
    return all;
  }

  static std::string name_of(const std::string& variable) {
    return variable.substr(0, variable.find('='));
  }

  /// Ours, without what would change how the program behaves.
  static std::vector<std::string> environment(const std::vector<std::string>& changes) {
    std::vector<std::string> all;
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string entry = *variable;
      bool keep = !entry.starts_with("CALLSLIP_");
      for (const std::string& change : changes) keep = keep && name_of(change) != name_of(entry);
      if (keep) all.push_back(entry);
    }
    for (const std::string& change : changes) {
      if (change.find('=') != std::string::npos) all.push_back(change);
    }
    return all;
  }

  void collect(int fd, std::string& into) {
    char bytes[65536];
    for (ssize_t n = 0; (n = ::read(fd, bytes, sizeof bytes)) != 0;) {
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) break;
      const std::lock_guard lock(mutex_);
      into.append(bytes, static_cast<std::size_t>(n));
      changed_.notify_all();
    }
    ::close(fd);
    const std::lock_guard lock(mutex_);
    --open_;
    changed_.notify_all();
  }

  void reap(int flags) {
    int status = 0;
    rusage usage{};
    if (::wait4(pid_, &status, flags, &usage) != pid_) return;
    Outcome outcome;
    if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
    outcome.max_rss_kb = usage.ru_maxrss;
    outcome_ = outcome;
  }

  pid_t pid_ = -1;
  int input_ = -1;
  std::optional<Outcome> outcome_;
  std::size_t line_start_ = 0;
  std::vector<std::thread> readers_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::string out_;
  std::string err_;
  int open_ = 2;
};

}  // namespace callslip::testing_support
