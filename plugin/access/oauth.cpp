#include "plugin/access/oauth.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "plugin/access/secrets.h"
#include "plugin/access/token_file.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kKnown = 1024;
constexpr std::size_t kMaxToken = 16U << 10U;
constexpr const char* kCollections = "callslip_collections";

/// "https://docs.example.org/mcp" -> {"https://docs.example.org", "/mcp"}; the path may be empty.
std::pair<std::string, std::string> origin_and_path(const std::string& url) {
  const std::size_t start = url.find("://");
  const std::size_t path = std::min(url.find('/', start + 3), url.size());
  std::string rest = url.substr(path);
  if (rest == "/") rest.clear();
  return {url.substr(0, path), rest};
}

std::string metadata_url(const std::string& audience) {
  const auto [origin, path] = origin_and_path(audience);
  return origin + "/.well-known/oauth-protected-resource" + path;
}

/// Schemes and hosts are compared in lower case, and a last slash does not count.
std::string canonical(const std::string& url) {
  auto [origin, path] = origin_and_path(url);
  for (char& c : origin) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (path.ends_with('/')) path.pop_back();
  return origin + path;
}

/// A claim that is a list of strings, or one string; nothing where it is something else.
std::optional<std::vector<std::string>> strings(const json& claim) {
  if (claim.is_string()) return std::vector<std::string>{claim.get<std::string>()};
  if (!claim.is_array()) return std::nullopt;
  std::vector<std::string> list;
  for (const json& item : claim) {
    if (!item.is_string()) return std::nullopt;
    list.push_back(item.get<std::string>());
  }
  return list;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> list;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) list.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

/// `scope` is a text with spaces (RFC 9068); some servers have `scp`, a list.
std::vector<std::string> scopes_of(const json& claims) {
  std::vector<std::string> scopes;
  for (const char* name : {"scope", "scp"}) {
    const auto claim = claims.find(name);
    if (claim == claims.end()) continue;
    for (const std::string& text : strings(*claim).value_or(std::vector<std::string>{})) {
      for (std::string& scope : words(text)) scopes.push_back(std::move(scope));
    }
  }
  return scopes;
}

std::string text_of(const json& claims, const char* name) {
  const auto claim = claims.find(name);
  return claim != claims.end() && claim->is_string() ? claim->get<std::string>() : "";
}

/// Seconds since the epoch, within what a clock can hold.
std::optional<OAuth::Time> time_of(const json& claims, const char* name) {
  const auto claim = claims.find(name);
  if (claim == claims.end() || !claim->is_number()) return std::nullopt;
  const auto seconds = claim->get<double>();
  if (!(seconds >= 0) || seconds > 9e9) return std::nullopt;
  return OAuth::Time(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

}  // namespace

OAuth::OAuth(const KeySourceOptions& keys, std::string audience, KeySource::OnTrouble on_trouble)
    : issuer_(keys.issuer),
      audience_(std::move(audience)),
      challenge_(metadata_url(audience_)),
      keys_(keys, std::move(on_trouble)) {}

Status OAuth::check_audience(const std::string& audience) {
  const bool http = audience.starts_with("http://") || audience.starts_with("https://");
  const std::size_t start = audience.find("://") + 3;
  if (http && audience.size() > start && audience[start] != '/' &&
      audience.find_first_of("?# \"\\") == std::string::npos) {
    return {};
  }
  return Error{ErrorKind::invalid_argument,
               "--oauth-audience: \"" + audience +
                   "\" is not a URL like https://docs.example.org/mcp, by which clients call this "
                   "server"};
}

bool OAuth::is_jwt(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2;
}

Refusal OAuth::no_keys(const std::string& why) { return {503, {{"Retry-After", "2"}}, why}; }

std::variant<Principal, Refusal> OAuth::admit(const std::string& token, Time now) const {
  const KeySource::Keys keys = keys_.keys();
  const std::string hash = sha256_hex(token);
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(hash);
    if (known != known_.end() && known->second.generation == keys.generation &&
        known->second.principal.expires > now) {
      return known->second.principal;
    }
  }
  const auto header = header_of(token);
  if (!header) return challenge_.invalid_token(header.error().message);
  if (!keys.set) {
    return no_keys("the keys of " + issuer_ + " could not be fetched yet; try again soon");
  }
  if (!keys.set->has_key(header->algorithm, header->key_id)) {
    if (keys_.look_for_new_keys()) {
      return no_keys("the token's key is being looked for; try again soon");
    }
    return challenge_.invalid_token("the token is signed by a key that " + issuer_ +
                                    " does not have");
  }
  const auto payload = keys.set->verify(token, header->algorithm, header->key_id);
  if (!payload) return challenge_.invalid_token(payload.error().message);
  auto admitted = check_claims(*payload, now);
  if (const auto* principal = std::get_if<Principal>(&admitted)) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kKnown) known_.clear();
    known_.insert_or_assign(hash, Known{*principal, keys.generation});
  }
  return admitted;
}

Result<OAuth::Header> OAuth::header_of(const std::string& token) {
  const Error bad{ErrorKind::invalid_argument, "the token is no signed JWT"};
  if (token.size() > kMaxToken || !is_jwt(token)) return bad;
  const auto bytes = base64url_decode(std::string_view(token).substr(0, token.find('.')));
  if (!bytes) return bad;
  const json object = json::parse(*bytes, nullptr, false);
  if (!object.is_object()) return bad;
  Header header{text_of(object, "alg"), text_of(object, "kid")};
  if (!KeySet::takes(header.algorithm)) {
    return Error{ErrorKind::invalid_argument,
                 "the token's algorithm is not taken; RS256, PS256 and ES256 are"};
  }
  // What must be understood and is not; keys that the token itself brings along are not looked at.
  if (object.contains("crit")) {
    return Error{ErrorKind::invalid_argument, "the token asks for an extension that is not known"};
  }
  std::string type = text_of(object, "typ");
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!type.empty() && type != "jwt" && type != "at+jwt" && type != "application/at+jwt") {
    return Error{ErrorKind::invalid_argument, "the token is no access token"};
  }
  return header;
}

std::variant<Principal, Refusal> OAuth::check_claims(const std::string& payload, Time now) const {
  const auto refuse = [this](const std::string& why) { return challenge_.invalid_token(why); };
  const json claims = json::parse(payload, nullptr, false);
  if (!claims.is_object()) return refuse("the token holds no claims");
  if (text_of(claims, "iss") != issuer_) return refuse("the token is of another issuer");
  const auto audiences = strings(claims.contains("aud") ? claims["aud"] : json());
  const bool for_us =
      audiences && std::any_of(audiences->begin(), audiences->end(), [&](const std::string& each) {
        return canonical(each) == canonical(audience_);
      });
  if (!for_us) {
    return refuse("the token is not meant for this server, which is " + audience_);
  }
  const auto expires = time_of(claims, "exp");
  if (!expires) return refuse("the token does not say when it expires");
  if (*expires + kLeeway <= now) return refuse("the token has expired");
  if (claims.contains("nbf")) {
    const auto begins = time_of(claims, "nbf");
    if (!begins || *begins - kLeeway > now) return refuse("the token does not hold yet");
  }

  const auto scopes = scopes_of(claims);
  const auto has = [&](std::string_view scope) {
    return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
  };
  Principal principal;
  principal.may_write = has(kWriteScope) || has("write");
  if (!principal.may_write && !has(kReadScope) && !has("read")) {
    return challenge_.insufficient_scope(kReadScope, "the token lacks the scope callslip:read");
  }
  if (const auto claim = claims.find(kCollections); claim != claims.end()) {
    // What cannot be understood must not widen what it may see.
    auto collections = claim->is_array() ? strings(*claim) : std::nullopt;
    if (!collections) return refuse("the token's callslip_collections is no list of names");
    std::sort(collections->begin(), collections->end());
    principal.collections =
        std::make_shared<const std::vector<std::string>>(std::move(*collections));
  }
  const std::string subject = text_of(claims, "sub");
  principal.name = "oauth:" + (subject.empty() ? text_of(claims, "client_id") : subject);
  principal.expires = *expires + kLeeway;
  return principal;
}

std::string OAuth::metadata() const {
  return json{{"resource", audience_},
              {"authorization_servers", json::array({issuer_})},
              {"scopes_supported", json::array({kReadScope, kWriteScope})},
              {"bearer_methods_supported", json::array({"header"})},
              {"resource_name", "Callslip"}}
      .dump();
}

}  // namespace callslip
