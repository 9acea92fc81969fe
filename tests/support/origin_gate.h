// OriginGate: an AccessControl for tests: Host and Origin are checked, nobody is asked who they
// are, and nobody may write.
//
// Constant after construction: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugin/access/access_control.h"
#include "plugin/access/access_policy.h"

namespace callslip {

class OriginGate final : public AccessControl {
 public:
  /// As AccessPolicy has them.
  OriginGate(std::string_view listen_address, const std::vector<std::string>& allowed_origins,
             const std::vector<std::string>& allowed_hosts)
      : policy_(listen_address, allowed_origins, allowed_hosts) {}

  std::variant<Principal, Refusal> admit(const RequestHead& head) const override {
    if (!policy_.allows_host(head.header("host"))) return Refusal{403, {}, "a foreign Host"};
    if (!policy_.allows_origin(head.header("origin"))) return Refusal{403, {}, "a foreign Origin"};
    return Principal{};
  }

 private:
  const AccessPolicy policy_;
};

}  // namespace callslip
