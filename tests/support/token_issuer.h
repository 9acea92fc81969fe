// TokenIssuer: an authorization server inside the test: its metadata, its keys, and tokens signed
// by them or by others.
//
// The keys are made once for all tests of a process: RSA ones take a while.
#pragma once

#include <cjose/cjose.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/scripted_http_server.h"

namespace callslip::testing_support {

/// A key pair, or a shared secret.
class SigningKey {
 public:
  static SigningKey rsa(const std::string& id, std::size_t bits = 2048) {
    const std::uint8_t exponent[] = {1, 0, 1};
    return SigningKey(cjose_jwk_create_RSA_random(bits, exponent, sizeof exponent, nullptr), id);
  }
  static SigningKey p256(const std::string& id) {
    return SigningKey(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nullptr), id);
  }
  static SigningKey p384(const std::string& id) {
    return SigningKey(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_384, nullptr), id);
  }
  static SigningKey secret(const std::string& bytes, const std::string& id) {
    return SigningKey(cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                bytes.size(), nullptr),
                      id);
  }

  /// What a server publishes of it; of a secret: all.
  nlohmann::json published() const {
    char* const text = cjose_jwk_to_json(
        key_.get(), cjose_jwk_get_kty(key_.get(), nullptr) == CJOSE_JWK_KTY_OCT, nullptr);
    auto json = nlohmann::json::parse(text);
    cjose_get_dealloc()(text);
    return json;
  }

  /// A compact JWS. `header` is added to alg and kid, or takes their place.
  std::string sign(const std::string& algorithm, const std::string& payload,
                   const nlohmann::json& header = nlohmann::json::object()) const {
    nlohmann::json all{{"alg", algorithm}, {"kid", id_}};
    all.update(header);
    cjose_header_t* const fields = cjose_header_new(nullptr);
    for (const auto& [name, value] : all.items()) {
      if (value.is_string()) {
        cjose_header_set(fields, name.c_str(), value.get<std::string>().c_str(), nullptr);
      } else if (!value.is_null()) {
        cjose_header_set_raw(fields, name.c_str(), value.dump().c_str(), nullptr);
      }
    }
    cjose_err error{};
    cjose_jws_t* const jws =
        cjose_jws_sign(key_.get(), fields, reinterpret_cast<const std::uint8_t*>(payload.data()),
                       payload.size(), &error);
    if (jws == nullptr) throw std::runtime_error(error.message);
    const char* compact = nullptr;
    cjose_jws_export(jws, &compact, nullptr);
    std::string token = compact;
    cjose_jws_release(jws);
    cjose_header_release(fields);
    return token;
  }

 private:
  struct Release {
    void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
  };
  SigningKey(cjose_jwk_t* key, std::string id) : key_(key, Release()), id_(std::move(id)) {
    if (!key_) throw std::runtime_error("cjose makes no key");
    cjose_jwk_set_kid(key, id_.data(), id_.size(), nullptr);
  }

  std::shared_ptr<cjose_jwk_t> key_;
  std::string id_;
};

class TokenIssuer {
 public:
  enum class Metadata { oauth, openid_inserted, openid_appended, none };

  explicit TokenIssuer(Metadata metadata = Metadata::oauth) : metadata_(metadata) {}

  /// Has a path, as those of tenants do.
  std::string url() const { return server_.url(); }

  static const SigningKey& rsa() {
    static const SigningKey key = SigningKey::rsa("rsa-1");
    return key;
  }
  static const SigningKey& other_rsa() {
    static const SigningKey key = SigningKey::rsa("rsa-2");
    return key;
  }
  static const SigningKey& p256() {
    static const SigningKey key = SigningKey::p256("ec-1");
    return key;
  }

  /// Claims that hold for the audience for an hour.
  nlohmann::json claims(const std::string& audience) const {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    return {{"iss", url()}, {"aud", audience},   {"sub", "alice"},
            {"iat", now},   {"exp", now + 3600}, {"scope", "callslip:read"}};
  }

  void publish(std::vector<nlohmann::json> keys) {
    const std::lock_guard lock(mutex_);
    keys_ = std::move(keys);
  }
  void fail(bool fails) { fails_ = fails; }
  /// What the metadata says, if it is not url().
  void call_itself(const std::string& issuer) {
    const std::lock_guard lock(mutex_);
    named_ = issuer;
  }
  std::size_t key_fetches() const { return key_fetches_; }
  /// Called on the thread of the server before the keys are told.
  void before_keys(std::function<void()> hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

 private:
  HttpReply answer(const HttpRequest& request) {
    if (fails_) return {503, "{}", "", {}, HttpReply::Fault::none};
    const std::string path = request.head.substr(4, request.head.find(' ', 4) - 4);
    if (path == "/keys") {
      ++key_fetches_;
      std::function<void()> hook;
      {
        const std::lock_guard lock(mutex_);
        hook = hook_;
      }
      if (hook) hook();
      const std::lock_guard lock(mutex_);
      return {200, nlohmann::json{{"keys", keys_}}.dump(), "", {}, HttpReply::Fault::none};
    }
    static const char* const kPlaces[] = {"/.well-known/oauth-authorization-server/v1",
                                          "/.well-known/openid-configuration/v1",
                                          "/v1/.well-known/openid-configuration"};
    if (metadata_ == Metadata::none || path != kPlaces[static_cast<int>(metadata_)]) {
      return {404, "{}", "", {}, HttpReply::Fault::none};
    }
    const std::lock_guard lock(mutex_);
    const std::string origin = url().substr(0, url().rfind('/'));
    return {
        200,
        nlohmann::json{{"issuer", named_.empty() ? url() : named_}, {"jwks_uri", origin + "/keys"}}
            .dump(),
        "",
        {},
        HttpReply::Fault::none};
  }

  const Metadata metadata_;
  std::atomic<bool> fails_ = false;
  std::atomic<std::size_t> key_fetches_ = 0;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<nlohmann::json> keys_{rsa().published(), p256().published()};
  std::string named_;
  std::function<void()> hook_;

  ScriptedHttpServer server_{[this](const HttpRequest& request) { return answer(request); }};
};

}  // namespace callslip::testing_support
