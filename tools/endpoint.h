// Endpoint: where calls to a model go.
#pragma once

#include <string>

#include "index/result.h"

namespace callslip {

struct Endpoint {
  std::string base;       // as given, without the call: http://HOST:PORT/v1
  std::string url;        // .../chat/completions
  std::string label;      // "HOST:PORT", for messages: no user, no password
  bool loopback = false;  // then no proxy is asked
};

/// From a base such as http://HOST:PORT/v1. ErrorKind::invalid_argument says what is wrong with it.
Result<Endpoint> parse_endpoint(const std::string& url);

}  // namespace callslip
