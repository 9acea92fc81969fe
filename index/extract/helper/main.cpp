// callslip-extract: parses the files that the server hands it, each in a process of its own.
//
// Started by the server, with one end of a socket as descriptor 3. Stays warm: libraries are
// loaded and their tables made before it forks. It reads nothing of a file itself. It ends when
// the server's end of the socket goes, and takes what it forked with it.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>

#include "index/extract/helper/file_process.h"
#include "index/extract/helper/warm_up.h"
#include "index/extract/helper_channel.h"

namespace callslip {
namespace {

void on_child(int) {}  // only ends the wait

/// Runs in the forked process; does not return.
[[noreturn]] void run_job(const HelperJob& job, pid_t parent, const sigset_t& signals) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::close(helper_channel_fd);
  ::signal(SIGCHLD, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  parse_and_exit(job);
}

/// Waits for the end of the process, or for that of the server.
HelperEnd wait_for(pid_t child, const sigset_t& signals) {
  HelperEnd end;
  for (;;) {
    rusage usage{};
    const pid_t ended = ::wait4(child, &end.wait_status, WNOHANG, &usage);
    if (ended == child) {
      end.peak_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
      end.cpu_ms =
          static_cast<std::uint64_t>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
          static_cast<std::uint64_t>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
      return end;
    }
    pollfd channel{helper_channel_fd, 0, 0};  // only its end is reported
    if (::ppoll(&channel, 1, nullptr, &signals) > 0) {
      ::kill(child, SIGKILL);
      ::_exit(0);
    }
  }
}

int serve() {
  // SIGCHLD is taken only while waiting, so that none is missed.
  sigset_t child_signal;
  sigset_t signals;
  sigemptyset(&child_signal);
  sigaddset(&child_signal, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child_signal, &signals);
  struct sigaction action {};
  action.sa_handler = &on_child;
  ::sigaction(SIGCHLD, &action, nullptr);
  warm_up();
  const pid_t self = ::getpid();
  while (auto job = receive_job(helper_channel_fd)) {
    const pid_t child = ::fork();
    if (child == 0) run_job(*job, self, signals);
    job.reset();  // so that the output ends with the child
    HelperEnd end;
    if (child < 0) {
      end.wait_status = 1 << 8;
    } else {
      end = wait_for(child, signals);
    }
    if (!send_end(helper_channel_fd, end)) break;
  }
  return 0;
}

}  // namespace
}  // namespace callslip

int main() {
  if (::fcntl(callslip::helper_channel_fd, F_GETFD) < 0) {
    std::cerr << "callslip-extract is started by callslip; it has no use by itself\n";
    return 2;
  }
  return callslip::serve();
}
