#include "plugin/commands/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

namespace callslip {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

SignalWatch::SignalWatch() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::jthread([this, set](const std::stop_token& ended) {
    for (int received = 0;;) {
      const int signal = sigwaitinfo(&set, nullptr);
      if (ended.stop_requested()) return;
      if (signal < 0) continue;
      if (++received > 1) _exit(128 + signal);
      stop_.request_stop();
    }
  });
}

SignalWatch::~SignalWatch() {
  thread_.request_stop();
  pthread_kill(thread_.native_handle(), SIGTERM);  // wakes it
}

}  // namespace callslip
