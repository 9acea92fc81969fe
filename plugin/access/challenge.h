// Challenge: the header WWW-Authenticate that goes with a refusal, after RFC 6750 and RFC 9728.
//
// Constant after construction: any thread.
#pragma once

#include <string>
#include <string_view>

#include "plugin/access/access_control.h"

namespace callslip {

/// What the scopes are called in OAuth's tokens. "read" and "write" are taken, too.
inline constexpr std::string_view kReadScope = "callslip:read";
inline constexpr std::string_view kWriteScope = "callslip:write";

class Challenge {
 public:
  /// `metadata_url`: of RFC 9728; empty: without OAuth.
  explicit Challenge(std::string metadata_url = "") : metadata_url_(std::move(metadata_url)) {}

  /// Nothing was given to be let in by: 401.
  Refusal nothing_given() const;
  /// What was given does not hold: 401.
  Refusal invalid_token(const std::string& why) const;
  /// It stood where it must not: 400.
  Refusal invalid_request(const std::string& why) const;
  /// It holds, and not for this: 403.
  Refusal insufficient_scope(std::string_view scope, const std::string& why) const;

 private:
  Refusal refuse(int status, std::string_view error, std::string_view scope,
                 const std::string& message) const;

  const std::string metadata_url_;
};

}  // namespace callslip
