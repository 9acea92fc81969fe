// OAuth: the resource server's side of OAuth 2.1 as MCP asks for it: which of an authorization
// server's access tokens (JWTs, RFC 9068) are let in, and the metadata that leads clients there
// (RFC 9728).
//
// A token holds when its signature is by a key of the issuer (RS256, PS256 or ES256), `iss` is the
// issuer, `aud` names this server, and it is neither expired nor from the future. Its scopes are
// callslip:read and callslip:write, or read and write, which includes reading; the claim
// `callslip_collections`, a list of names, restricts what it sees.
//
// Any thread; asking never blocks.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <variant>

#include "index/result.h"
#include "plugin/access/challenge.h"
#include "plugin/access/key_source.h"
#include "plugin/access/principal.h"

namespace callslip {

class OAuth {
 public:
  using Time = std::chrono::system_clock::time_point;
  static constexpr std::chrono::seconds kLeeway{30};  // between clocks

  /// `audience`: the URL that clients call this server by, such as https://docs.example.org/mcp.
  OAuth(const KeySourceOptions& keys, std::string audience, KeySource::OnTrouble on_trouble = {});

  /// "https://docs.example.org/mcp" is one; what is wrong with it otherwise.
  static Status check_audience(const std::string& audience);

  /// Whether it looks like a token of this kind.
  static bool is_jwt(std::string_view token);

  std::variant<Principal, Refusal> admit(const std::string& token, Time now) const;

  const Challenge& challenge() const { return challenge_; }

  /// The metadata of RFC 9728, JSON.
  std::string metadata() const;

  KeySource& keys() const { return keys_; }

 private:
  struct Header {
    std::string algorithm;
    std::string key_id;
  };
  struct Known {
    Principal principal;
    std::uint64_t generation = 0;  // of the keys
  };

  static Result<Header> header_of(const std::string& token);
  std::variant<Principal, Refusal> check_claims(const std::string& payload, Time now) const;
  static Refusal no_keys(const std::string& why);

  const std::string issuer_;
  const std::string audience_;
  const Challenge challenge_;
  mutable KeySource keys_;

  mutable std::mutex mutex_;
  // Guarded by mutex_. By the token's hash: a client sends the same one with each request.
  mutable std::unordered_map<std::string, Known> known_;
};

}  // namespace callslip
