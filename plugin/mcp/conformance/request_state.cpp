#include "plugin/mcp/conformance/request_state.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <array>
#include <chrono>
#include <ctime>
#include <stdexcept>

namespace callslip::conformance {
namespace {

using nlohmann::json;

constexpr std::time_t kLifetimeSeconds = 600;
constexpr std::size_t kMacDigits = 64;

const std::string& key() {
  static const std::string bytes = [] {
    std::string random(32, '\0');
    if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
      throw std::runtime_error("the system gives no random bytes");
    }
    return random;
  }();
  return bytes;
}

std::string mac_of(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key().data(), static_cast<int>(key().size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += digits[mac[i] >> 4U];
    hex += digits[mac[i] & 15U];
  }
  return hex;
}

/// What the state belongs to.
json origin(const McpCall& call) {
  const json* name = call.param("name");
  return {call.session->principal().name, call.request->method, name == nullptr ? json() : *name};
}

}  // namespace

std::string seal_state(const McpCall& call, const std::string& state) {
  const std::string text = json{
      {"of", origin(call)},
      {"until", std::time(nullptr) + kLifetimeSeconds},
      {"state", state}}.dump();
  return mac_of(text) + text;
}

std::optional<std::string> unseal_state(const McpCall& call) {
  const json* given = call.param("requestState");
  if (given == nullptr || !given->is_string()) return std::nullopt;
  const auto& sealed = given->get_ref<const std::string&>();
  if (sealed.size() < kMacDigits) return std::nullopt;
  const std::string text = sealed.substr(kMacDigits);
  if (CRYPTO_memcmp(mac_of(text).data(), sealed.data(), kMacDigits) != 0) return std::nullopt;
  const json opened = json::parse(text, nullptr, false);
  if (!opened.is_object() || opened.value("of", json()) != origin(call)) return std::nullopt;
  if (opened.value("until", std::time_t{0}) < std::time(nullptr)) return std::nullopt;
  return opened.value("state", "");
}

}  // namespace callslip::conformance
