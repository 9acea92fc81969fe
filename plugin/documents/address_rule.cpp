#include "plugin/documents/address_rule.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

namespace callslip {
namespace {

struct Range {
  std::uint32_t first;
  int bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c = 0, unsigned d = 0) {
  return a << 24 | b << 16 | c << 8 | d;
}

// The special-purpose registry of IANA, and multicast.
constexpr std::array kNotPublic{
    Range{v4(0, 0), 8},         Range{v4(10, 0), 8},      Range{v4(100, 64), 10},
    Range{v4(127, 0), 8},       Range{v4(169, 254), 16},  Range{v4(172, 16), 12},
    Range{v4(192, 0, 0), 24},   Range{v4(192, 0, 2), 24}, Range{v4(192, 88, 99), 24},
    Range{v4(192, 168), 16},    Range{v4(198, 18), 15},   Range{v4(198, 51, 100), 24},
    Range{v4(203, 0, 113), 24}, Range{v4(224, 0), 4},     Range{v4(240, 0), 4},
};

bool is_public_v4(std::uint32_t address) {
  return std::none_of(kNotPublic.begin(), kNotPublic.end(), [&](const Range& range) {
    return address >> (32 - range.bits) == range.first >> (32 - range.bits);
  });
}

using Bytes = std::array<std::uint8_t, 16>;

std::uint32_t last_four(const Bytes& b) { return v4(b[12], b[13], b[14], b[15]); }

bool is_public_v6(const Bytes& b) {
  const auto starts = [&](std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), b.begin());
  };
  if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return is_public_v4(last_four(b));
  if (starts({0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public_v4(last_four(b));
  if (b[0] >> 5 != 1) return false;                    // only 2000::/3 is global unicast
  if (starts({0x20, 0x01}) && b[2] < 2) return false;  // 2001::/23: Teredo, benchmarks, ORCHID
  if (starts({0x20, 0x01, 0x0D, 0xB8})) return false;  // documentation
  if (starts({0x20, 0x02})) return false;              // 6to4
  return !(starts({0x3F, 0xFF}) && b[2] >> 4 == 0);    // documentation
}

Bytes bytes_of(const sockaddr_in6& address) {
  Bytes bytes;
  std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
  return bytes;
}

/// A service that listens on every address of a machine may be meant for its neighbours only.
bool is_own(const sockaddr& address) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != address.sa_family) continue;
    if (address.sa_family == AF_INET &&
        reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr.s_addr ==
            reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) {
      return true;
    }
    if (address.sa_family == AF_INET6 &&
        bytes_of(*reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)) ==
            bytes_of(reinterpret_cast<const sockaddr_in6&>(address))) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return is_public_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr)) &&
           !is_own(address);
  }
  if (address.sa_family == AF_INET6) {
    return is_public_v6(bytes_of(reinterpret_cast<const sockaddr_in6&>(address))) &&
           !is_own(address);
  }
  return false;
}

bool is_web_port(const sockaddr& address) {
  const in_port_t port = address.sa_family == AF_INET
                             ? reinterpret_cast<const sockaddr_in&>(address).sin_port
                             : reinterpret_cast<const sockaddr_in6&>(address).sin6_port;
  const std::uint16_t number = ntohs(port);
  return number == 80 || number == 443 || number >= 1024;
}

}  // namespace callslip
