#include "plugin/commands/gate_options.h"

#include <charconv>
#include <iostream>

namespace callslip {

GateOptions gate_options(const Settings& settings) {
  GateOptions options;
  // Whether it is an address and a port is checked where it is bound.
  const std::size_t colon = settings.listen.rfind(':');
  options.address = settings.listen.substr(0, colon);
  if (colon != std::string::npos) {
    const char* const end = settings.listen.data() + settings.listen.size();
    std::from_chars(settings.listen.data() + colon + 1, end, options.port);
  }
  options.tls = !settings.tls_cert.empty();
  options.allowed_origins = settings.allowed_origins;
  options.allowed_hosts = settings.allowed_hosts;
  options.token_files = settings.token_files;
  options.oauth.issuer = settings.oauth_issuer;
  options.oauth_audience = settings.oauth_audience;
  options.log = [](const std::string& message) { std::cerr << "callslip: " + message + "\n"; };
  return options;
}

}  // namespace callslip
