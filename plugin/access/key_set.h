// KeySet: the public keys of an authorization server (a JWKS, RFC 7517), and the check of a token's
// signature by them. Over cjose.
//
// Constant after construction but for cjose's counts of references, which a lock guards: any
// thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"

struct _cjose_jwk_int;  // cjose's own name for a key

namespace callslip {

class KeySet {
 public:
  /// Keys that we cannot use (symmetric ones, RSA below 2048 bits, curves other than P-256, those
  /// for encryption) are left out. invalid_argument where it is no JWKS.
  static Result<std::shared_ptr<const KeySet>> parse(const std::string& jwks);

  ~KeySet();
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;

  std::size_t size() const { return keys_.size(); }

  /// The algorithms that we take. Never "none", never a symmetric one: with those a public key
  /// would sign.
  static bool takes(std::string_view algorithm);

  /// Whether there is a key for it; without an id, one that fits the algorithm.
  bool has_key(std::string_view algorithm, std::string_view id) const;

  /// The payload, where the signature is by one of the keys.
  Result<std::string> verify(const std::string& token, std::string_view algorithm,
                             std::string_view id) const;

 private:
  struct Key {
    _cjose_jwk_int* key = nullptr;
    std::string id;
    std::string algorithm;  // that it is meant for; empty: any of its type
    bool rsa = false;       // else P-256
  };

  KeySet() = default;
  static bool fits(const Key& key, std::string_view algorithm, std::string_view id);

  std::vector<Key> keys_;
  mutable std::mutex mutex_;
};

}  // namespace callslip
