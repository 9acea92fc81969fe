#include "plugin/connect/server_address.h"

#include <array>
#include <string_view>

namespace callslip {

Result<ServerAddress> ServerAddress::of(const std::string& url, const std::string& listen) {
  struct Scheme {
    std::string_view prefix;
    bool secure;
    bool websocket;
  };
  static constexpr std::array<Scheme, 4> schemes{{{"http://", false, false},
                                                  {"https://", true, false},
                                                  {"ws://", false, true},
                                                  {"wss://", true, true}}};
  ServerAddress address;
  address.path = "/mcp";
  if (url.empty()) {
    address.authority = listen;
    // To be called at every address is to be called at this one.
    for (const std::string_view any : {"0.0.0.0:", "[::]:", "*:", ":"}) {
      if (listen.starts_with(any)) address.authority = "127.0.0.1:" + listen.substr(any.size());
    }
    return address;
  }
  for (const Scheme& scheme : schemes) {
    if (!url.starts_with(scheme.prefix)) continue;
    const std::string rest = url.substr(scheme.prefix.size());
    const std::size_t slash = rest.find('/');
    address.secure = scheme.secure;
    address.websocket = scheme.websocket;
    address.authority = rest.substr(0, slash);
    if (slash != std::string::npos && slash + 1 < rest.size()) address.path = rest.substr(slash);
    const bool printable = rest.find_first_of(" \"'\\<>?#@\t\r\n") == std::string::npos;
    if (!address.authority.empty() && printable) return address;
  }
  return Error{ErrorKind::invalid_argument,
               "--url: \"" + url + "\" is not the URL of a server, such as http://127.0.0.1:8137"};
}

}  // namespace callslip
