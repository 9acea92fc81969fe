#include "plugin/access/access_policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace callslip {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return result;
}

/// `name:port`, `[address]:port`, either without the port. The name keeps no brackets.
struct Authority {
  std::string name;
  bool bracketed = false;
};

std::optional<Authority> parse_authority(std::string_view text) {
  Authority result;
  std::string_view rest;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    result.name = lower(text.substr(1, end - 1));
    result.bracketed = true;
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = text.find(':');
    result.name = lower(text.substr(0, colon));
    if (colon != std::string_view::npos) rest = text.substr(colon);
  }
  if (result.name.empty()) return std::nullopt;
  if (!rest.empty()) {
    const std::string_view port = rest.substr(1);
    const bool digits =
        std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (rest.front() != ':' || port.empty() || port.size() > 5 || !digits) return std::nullopt;
  }
  return result;
}

std::optional<in_addr> ipv4(const std::string& name) {
  in_addr address{};
  if (inet_pton(AF_INET, name.c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::optional<in6_addr> ipv6(const std::string& name) {
  in6_addr address{};
  if (inet_pton(AF_INET6, name.c_str(), &address) != 1) return std::nullopt;
  return address;
}

bool is_literal(const Authority& host) {
  return host.bracketed ? ipv6(host.name).has_value() : ipv4(host.name).has_value();
}

bool is_loopback(const Authority& host) {
  if (host.bracketed) {
    const std::optional<in6_addr> address = ipv6(host.name);
    return address && IN6_IS_ADDR_LOOPBACK(&*address);
  }
  if (host.name == "localhost") return true;
  const std::optional<in_addr> address = ipv4(host.name);
  return address && (ntohl(address->s_addr) >> 24U) == 127;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string without_brackets(std::string_view address) {
  if (address.size() >= 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  return lower(address);
}

}  // namespace

bool is_loopback_address(std::string_view address) {
  const std::string name = without_brackets(address);
  return is_loopback({name, name.find(':') != std::string::npos});
}

bool is_loopback_authority(std::string_view host) {
  const std::optional<Authority> parsed = parse_authority(host);
  return parsed && is_loopback(*parsed);
}

AccessPolicy::AccessPolicy(std::string_view listen_address,
                           const std::vector<std::string>& allowed_origins,
                           const std::vector<std::string>& allowed_hosts) {
  for (const std::string& origin : allowed_origins) {
    std::string entry = lower(origin);
    if (!entry.empty() && entry.back() == '/') entry.pop_back();
    origins_.push_back(std::move(entry));
  }
  for (const std::string& host : allowed_hosts) hosts_.push_back(without_brackets(host));
  const std::string listen = without_brackets(listen_address);
  const bool everywhere = listen == "0.0.0.0" || listen == "::" || listen.empty();
  if (!everywhere) hosts_.push_back(listen);
  any_literal_ = everywhere && allowed_hosts.empty();
}

bool AccessPolicy::allows_origin(std::string_view origin) const {
  if (origin.empty()) return true;
  const std::string text = lower(origin);
  if (text == "null") return false;
  if (contains(origins_, text)) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.compare(0, scheme.size(), scheme) != 0) continue;
    const std::optional<Authority> host =
        parse_authority(std::string_view(text).substr(scheme.size()));
    return host && is_loopback(*host);
  }
  return false;
}

bool AccessPolicy::names_origin(std::string_view origin) const {
  return contains(origins_, lower(origin));
}

bool AccessPolicy::allows_host(std::string_view host) const {
  const std::optional<Authority> parsed = parse_authority(host);
  if (!parsed) return false;
  if (is_loopback(*parsed)) return true;
  if (any_literal_ && is_literal(*parsed)) return true;
  return contains(hosts_, parsed->name) || contains(hosts_, lower(host));
}

}  // namespace callslip
