#include "plugin/access/key_set.h"

#include <cjose/cjose.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMostKeys = 100;
constexpr std::size_t kLeastRsaBits = 2048;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Whether the key says that it is for something else.
bool for_signatures(const json& key) {
  const std::string use = text_of(key, "use");
  if (!use.empty() && use != "sig") return false;
  const auto operations = key.find("key_ops");
  return operations == key.end() || !operations->is_array() ||
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

/// What cjose gets of a key: a private part, which a careless server may publish, stays out.
json public_part(const json& key) {
  json out;
  for (const char* name : {"kty", "kid", "n", "e", "crv", "x", "y"}) {
    if (const auto found = key.find(name); found != key.end()) out[name] = *found;
  }
  return out;
}

struct ReleaseJws {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};

}  // namespace

Result<std::shared_ptr<const KeySet>> KeySet::parse(const std::string& jwks) {
  const json document = json::parse(jwks, nullptr, false);
  if (!document.is_object() || !document.contains("keys") || !document["keys"].is_array()) {
    return Error{ErrorKind::invalid_argument, "is no set of keys (JWKS)"};
  }
  const std::shared_ptr<KeySet> set(new KeySet);
  for (const json& entry : document["keys"]) {
    if (set->keys_.size() == kMostKeys) break;
    if (!entry.is_object() || !for_signatures(entry)) continue;
    const std::string type = text_of(entry, "kty");
    if (type != "RSA" && (type != "EC" || text_of(entry, "crv") != "P-256")) continue;
    const std::string text = public_part(entry).dump(-1, ' ', true, json::error_handler_t::replace);
    cjose_err error{};
    cjose_jwk_t* const imported = cjose_jwk_import(text.data(), text.size(), &error);
    if (imported == nullptr) continue;
    if (type == "RSA" && cjose_jwk_get_keysize(imported, &error) < kLeastRsaBits) {
      cjose_jwk_release(imported);
      continue;
    }
    set->keys_.push_back({imported, text_of(entry, "kid"), text_of(entry, "alg"), type == "RSA"});
  }
  return std::shared_ptr<const KeySet>(set);
}

KeySet::~KeySet() {
  for (const Key& key : keys_) cjose_jwk_release(key.key);
}

bool KeySet::takes(std::string_view algorithm) {
  return algorithm == "RS256" || algorithm == "PS256" || algorithm == "ES256";
}

bool KeySet::fits(const Key& key, std::string_view algorithm, std::string_view id) {
  return takes(algorithm) && key.rsa == (algorithm != "ES256") &&
         (key.algorithm.empty() || key.algorithm == algorithm) && (id.empty() || key.id == id);
}

bool KeySet::has_key(std::string_view algorithm, std::string_view id) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Key& key) { return fits(key, algorithm, id); });
}

Result<std::string> KeySet::verify(const std::string& token, std::string_view algorithm,
                                   std::string_view id) const {
  const std::lock_guard lock(mutex_);
  cjose_err error{};
  for (const Key& key : keys_) {
    if (!fits(key, algorithm, id)) continue;
    // Anew for each key: cjose remembers that a check failed.
    const std::unique_ptr<cjose_jws_t, ReleaseJws> jws(
        cjose_jws_import(token.data(), token.size(), &error));
    if (!jws) return Error{ErrorKind::invalid_argument, "the token is no signed JWT"};
    // What cjose goes by must be what was checked here.
    const char* const named = cjose_header_get(cjose_jws_get_protected(jws.get()), "alg", &error);
    if (named == nullptr || algorithm != named) break;
    if (!cjose_jws_verify(jws.get(), key.key, &error)) continue;
    std::uint8_t* payload = nullptr;
    std::size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &payload, &size, &error)) break;
    return std::string(reinterpret_cast<const char*>(payload), size);
  }
  return Error{ErrorKind::invalid_argument, "the token's signature does not hold"};
}

}  // namespace callslip
