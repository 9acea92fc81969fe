// Gate: who comes in to a server that listens: the AccessControl of `callslip serve`.
//
// In this order: the Host (403), the Origin (403), a token in the query (400), credentials (401, or
// 403 for those without a scope, or 503 while OAuth's keys are fetched). Without token files and
// without OAuth whoever can connect may read: then only this machine may be able to.
//
// The page's cookie counts for requests of the page alone: others' pages could make a browser send
// it, so that anything but GET and HEAD must tell its Origin, and that must be ours.
//
// Any thread; never blocks (a token file that changed is read, which is small and local).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "index/result.h"
#include "plugin/access/access_control.h"
#include "plugin/access/access_policy.h"
#include "plugin/access/challenge.h"
#include "plugin/access/logins.h"
#include "plugin/access/oauth.h"
#include "plugin/access/token_store.h"

namespace callslip {

struct Credentials;

struct GateOptions {
  std::string address = "127.0.0.1";  // that is listened at, without port
  std::uint16_t port = 0;             // 0: not known yet
  bool tls = false;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> token_files;
  KeySourceOptions oauth;                       // without an issuer: off
  std::string oauth_audience;                   // empty: the URL of the address and port
  std::chrono::milliseconds keys_wait{5000};    // at the start
  std::function<void(const std::string&)> log;  // troubles that somebody should look at
};

class Gate final : public AccessControl {
 public:
  /// invalid_argument where the server could be reached from other machines and would let everybody
  /// in, and for options that are wrong; else what is wrong with a token file.
  static Result<std::unique_ptr<Gate>> open(const GateOptions& options);

  std::variant<Principal, Refusal> admit(const RequestHead& head) const override;
  bool still_admits(const Principal& principal) const override;
  Refusal write_refusal(const Principal& principal) const override;

  /// Whether credentials are needed at all.
  bool asks() const { return tokens_ != nullptr || oauth_ != nullptr; }

  /// For the page: what a token is worth, as the value of a cookie; or the refusal.
  struct Login {
    std::string cookie_value;
    Principal principal;
  };
  std::variant<Login, Refusal> log_in(const std::string& token) const;
  void log_out(std::string_view cookie_value) const;

  /// Whether a page of this origin is the server's own.
  bool own_origin(std::string_view origin, std::string_view host) const;

  /// The metadata of RFC 9728; empty without OAuth.
  std::string oauth_metadata() const;

 private:
  explicit Gate(const GateOptions& options);

  using Admission = std::variant<Principal, Refusal>;
  std::optional<Refusal> check_origin(const RequestHead& head) const;
  Admission admit_from_there(const RequestHead& head) const;  // the Origin is an allowed one
  Admission identify(const RequestHead& head) const;
  Admission identify_token(const std::string& token) const;
  Admission identify_cookie(const std::string& value, const RequestHead& head) const;
  const Challenge& challenge() const { return oauth_ ? oauth_->challenge() : plain_challenge_; }

  const AccessPolicy policy_;
  const Challenge plain_challenge_;
  std::unique_ptr<TokenStore> tokens_;  // null: no token files
  std::unique_ptr<OAuth> oauth_;        // null: off
  mutable Logins logins_;
};

}  // namespace callslip
