#include "index/extract/helper/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "index/files/file_descriptor.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CALLSLIP_SHADOW_MEMORY 1  // terabytes of address space: no bound can be set
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CALLSLIP_SHADOW_MEMORY 1
#endif
#endif

namespace callslip {
namespace {

void bound(int resource, std::uint64_t soft, std::uint64_t hard) {
  rlimit limit{soft, hard};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

/// Of address space, as the process is now.
[[maybe_unused]] std::uint64_t own_address_space() {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "re"), &std::fclose);
  unsigned long pages = 0;
  if (!file || std::fscanf(file.get(), "%lu", &pages) != 1) return 512ULL << 20;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void set_bounds(const ExtractLimits& limits, bool ocr) {
  const auto total = ocr ? limits.ocr_total : limits.total;
  const std::uint64_t cpu = std::max<std::int64_t>(total.count() / 1000, 1) + 1;
  bound(RLIMIT_CPU, cpu, cpu + 2);
  bound(RLIMIT_CORE, 0, 0);
  bound(RLIMIT_FSIZE, 0, 0);
  bound(RLIMIT_NOFILE, 64, 64);
#ifndef CALLSLIP_SHADOW_MEMORY
  const std::uint64_t memory = own_address_space() + limits.memory_bytes;
  bound(RLIMIT_AS, memory, memory);
#endif
}

/// The data that libraries read while they parse; everything else is out of sight.
std::array<const char*, 6> readable_places() {
  return {"/usr/share/poppler",
          "/usr/share/fonts",
          "/usr/share/tesseract-ocr",
          "/usr/share/tessdata",
          std::getenv("CALLSLIP_POPPLER_DATA"),
          std::getenv("TESSDATA_PREFIX")};
}

/// Landlock (Linux 5.13). glibc 2.36 has no wrappers.
bool hide_files() {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr handled{};
  // All rights of the first version, in which they were a row of 13 bits; later ones are about
  // moving and truncating files, which takes rights that are gone then.
  handled.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;
  const FileDescriptor rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (!rules) return false;
  for (const char* place : readable_places()) {
    if (place == nullptr) continue;
    const FileDescriptor folder(::open(place, O_PATH | O_CLOEXEC));
    if (!folder) continue;  // not installed
    landlock_path_beneath_attr rule{};
    rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    rule.parent_fd = folder.get();
    ::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }
  return ::syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

/// seccomp: what is not listed fails with EPERM, so that a library that tries goes on without.
bool limit_system_calls() {
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)),
                                                          &seccomp_release);
  if (!filter) return false;
  bool whole = true;
  const auto allow = [&](int call) {
    whole = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) == 0 && whole;
  };
  for (const int call : {SCMP_SYS(read),
                         SCMP_SYS(readv),
                         SCMP_SYS(pread64),
                         SCMP_SYS(write),
                         SCMP_SYS(writev),
                         SCMP_SYS(close),
                         SCMP_SYS(lseek),
                         SCMP_SYS(fstat),
                         SCMP_SYS(newfstatat),
                         SCMP_SYS(stat),
                         SCMP_SYS(lstat),
                         SCMP_SYS(statx),
                         SCMP_SYS(access),
                         SCMP_SYS(faccessat),
                         SCMP_SYS(faccessat2),
                         SCMP_SYS(readlink),
                         SCMP_SYS(readlinkat),
                         SCMP_SYS(getcwd),
                         SCMP_SYS(getdents64),
                         SCMP_SYS(brk),
                         SCMP_SYS(munmap),
                         SCMP_SYS(mremap),
                         SCMP_SYS(madvise),
                         SCMP_SYS(futex),
                         SCMP_SYS(getpid),
                         SCMP_SYS(gettid),
                         SCMP_SYS(getuid),
                         SCMP_SYS(geteuid),
                         SCMP_SYS(getgid),
                         SCMP_SYS(getegid),
                         SCMP_SYS(uname),
                         SCMP_SYS(getrandom),
                         SCMP_SYS(clock_gettime),
                         SCMP_SYS(clock_getres),
                         SCMP_SYS(gettimeofday),
                         SCMP_SYS(time),
                         SCMP_SYS(clock_nanosleep),
                         SCMP_SYS(nanosleep),
                         SCMP_SYS(sched_yield),
                         SCMP_SYS(sched_getaffinity),
                         SCMP_SYS(sysinfo),
                         SCMP_SYS(getrusage),
                         SCMP_SYS(rt_sigaction),
                         SCMP_SYS(rt_sigprocmask),
                         SCMP_SYS(rt_sigreturn),
                         SCMP_SYS(sigaltstack),
                         SCMP_SYS(restart_syscall),
                         SCMP_SYS(exit),
                         SCMP_SYS(exit_group)}) {
    allow(call);
  }
#ifdef CALLSLIP_SHADOW_MEMORY
  // UBSan sees by writing into a pipe whether an object's memory is there.
  allow(SCMP_SYS(pipe));
  allow(SCMP_SYS(pipe2));
#endif
  const auto allow_where = [&](int call, const scmp_arg_cmp& condition) {
    whole = seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call, 1, &condition) == 0 && whole;
  };
  // No code is made while parsing.
  allow_where(SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
  allow_where(SCMP_SYS(mprotect), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
  // Files are opened to be read.
  constexpr unsigned writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  allow_where(SCMP_SYS(openat), {2, SCMP_CMP_MASKED_EQ, writing, 0});
  allow_where(SCMP_SYS(open), {1, SCMP_CMP_MASKED_EQ, writing, 0});
  allow_where(SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFL, 0});
  // abort(): a process may end itself.
  allow_where(SCMP_SYS(tgkill), {0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()), 0});
  return whole && seccomp_load(filter.get()) == 0;
}

}  // namespace

SandboxReport enter_sandbox(const ExtractLimits& limits, bool ocr) {
  SandboxReport report;
  ::prctl(PR_SET_DUMPABLE, 0);
  set_bounds(limits, ocr);
  const bool locked = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  report.files = locked && hide_files();
  report.system_calls = locked && limit_system_calls();
  return report;
}

}  // namespace callslip
