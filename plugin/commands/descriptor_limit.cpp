#include "plugin/commands/descriptor_limit.h"

#include <sys/resource.h>

#include <iostream>
#include <string>

namespace callslip {
namespace {

/// For the index, its writers, calls to models, and connections that are being refused.
constexpr rlim_t kOthers = 256;

}  // namespace

void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  if (limit.rlim_cur >= connections + kOthers) return;
  std::cerr << "warning: --max-connections " + std::to_string(connections) +
                   " is more than the limit of open files (" + std::to_string(limit.rlim_cur) +
                   ") allows; raise it with ulimit -n, or LimitNOFILE= in the service\n";
}

}  // namespace callslip
