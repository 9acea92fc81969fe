#include "plugin/access/origin_gate.h"

namespace callslip {

std::variant<Principal, Refusal> OriginGate::admit(const RequestHead& head) const {
  if (!policy_.allows_host(head.header("host"))) {
    return Refusal{403,
                   {},
                   "this Host is not served; use the address that the server listens on, or allow "
                   "the name in its configuration"};
  }
  if (!policy_.allows_origin(head.header("origin"))) {
    return Refusal{
        403, {}, "pages of this Origin may not connect; allow it in the server's configuration"};
  }
  return Principal{};
}

}  // namespace callslip
