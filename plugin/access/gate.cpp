#include "plugin/access/gate.h"

#include "plugin/access/credentials.h"

namespace callslip {
namespace {

using SystemClock = std::chrono::system_clock;

Refusal forbidden(const std::string& message) { return {403, {}, message}; }

/// For open paths: whoever asks, and no document.
Principal nobody() {
  static const auto none = std::make_shared<const std::vector<std::string>>();
  return {"", false, none};
}

Principal principal_of(const TokenRecord& record) {
  Principal principal{record.name, record.may_write, record.collections};
  principal.credential = record.sha256;
  if (record.expires) principal.expires = *record.expires;
  return principal;
}

bool same_rights(const Principal& principal, const TokenRecord& record) {
  if (principal.may_write != record.may_write) return false;
  if (!principal.collections || !record.collections) {
    return principal.collections == record.collections;
  }
  return *principal.collections == *record.collections;
}

bool is_path(std::string_view target, std::string_view path) {
  return target.substr(0, target.find('?')) == path;
}

/// IPv6 addresses stand in brackets in a URL.
std::string url_of(const GateOptions& options) {
  const bool bare_ipv6 =
      options.address.find(':') != std::string::npos && !options.address.starts_with('[');
  const std::string host = bare_ipv6 ? "[" + options.address + "]" : options.address;
  return (options.tls ? "https://" : "http://") + host + ":" + std::to_string(options.port) +
         "/mcp";
}

bool is_everywhere(const std::string& address) {
  return address.empty() || address == "0.0.0.0" || address == "::" || address == "[::]";
}

Status check_options(const GateOptions& options) {
  const bool open = options.token_files.empty() && options.oauth.issuer.empty();
  if (open && !is_loopback_address(options.address)) {
    return Error{ErrorKind::invalid_argument,
                 "--listen: other machines can reach " +
                     (options.address.empty() ? "every address" : options.address) +
                     ", so tokens are needed: make one with `callslip token --token-file FILE` and "
                     "add --token-file FILE (or --oauth-issuer URL), or listen at 127.0.0.1"};
  }
  if (options.oauth.issuer.empty()) {
    if (options.oauth_audience.empty()) return {};
    return Error{ErrorKind::invalid_argument, "--oauth-audience needs --oauth-issuer"};
  }
  if (Status s = KeySource::check_issuer(options.oauth.issuer); !s) return s;
  if (!options.oauth_audience.empty()) return OAuth::check_audience(options.oauth_audience);
  if (options.port == 0 || is_everywhere(options.address)) {
    return Error{ErrorKind::invalid_argument,
                 "--oauth-issuer: say by which URL clients call this server, with "
                 "--oauth-audience https://HOST/mcp; the address and port do not tell"};
  }
  return {};
}

}  // namespace

Gate::Gate(const GateOptions& options)
    : policy_(options.address, options.allowed_origins, options.allowed_hosts) {}

Result<std::unique_ptr<Gate>> Gate::open(const GateOptions& options) {
  if (Status s = check_options(options); !s) return s.error();
  std::unique_ptr<Gate> gate(new Gate(options));
  const auto log = options.log ? options.log : [](const std::string&) {};
  if (!options.token_files.empty()) {
    gate->tokens_ = std::make_unique<TokenStore>(options.token_files, log);
    if (Status s = gate->tokens_->load(); !s) return s.error().within("--token-file");
  }
  if (!options.oauth.issuer.empty()) {
    const std::string audience =
        options.oauth_audience.empty() ? url_of(options) : options.oauth_audience;
    gate->oauth_ = std::make_unique<OAuth>(options.oauth, audience, [log](const std::string& why) {
      log("--oauth-issuer: " + why + "; its tokens are refused until it answers");
    });
    // Whether or not they come: the server may be up before the issuer is.
    static_cast<void>(gate->oauth_->keys().wait_for_keys(options.keys_wait));
  }
  return gate;
}

bool Gate::own_origin(std::string_view origin, std::string_view host) const {
  return same_origin(origin, host) || policy_.names_origin(origin);
}

std::optional<Refusal> Gate::check_origin(const RequestHead& head) const {
  const std::string_view host = head.header("host");
  if (!policy_.allows_host(host)) {
    return forbidden("the Host \"" + std::string(host.substr(0, 100)) +
                     "\" is not one of this server's; see --allow-host");
  }
  const std::string_view origin = head.header("origin");
  if (!policy_.allows_origin(origin) && !own_origin(origin, host)) {
    return forbidden("pages of \"" + std::string(origin.substr(0, 100)) +
                     "\" may not connect; see --allow-origin");
  }
  return std::nullopt;
}

Gate::Admission Gate::admit(const RequestHead& head) const {
  if (auto refusal = check_origin(head)) return *std::move(refusal);
  Admission admission = admit_from_there(head);
  if (auto* refusal = std::get_if<Refusal>(&admission)) refusal->origin_allowed = true;
  return admission;
}

Gate::Admission Gate::admit_from_there(const RequestHead& head) const {
  if (const std::string name = token_in_query(head.target); !name.empty()) {
    return challenge().invalid_request("the query has \"" + name +
                                       "\": a token in a URL ends up in logs, so none is taken "
                                       "there; send it as Authorization: Bearer TOKEN");
  }
  if (!asks()) return Principal();
  Admission admission = identify(head);
  if (std::holds_alternative<Refusal>(admission) && is_open(head)) return nobody();
  const auto* principal = std::get_if<Principal>(&admission);
  if (principal != nullptr && principal->collections && is_path(head.target, "/metrics")) {
    return forbidden("what is counted is of all collections, and the token is for some");
  }
  return admission;
}

Gate::Admission Gate::identify(const RequestHead& head) const {
  const Credentials credentials = find_credentials(head);
  if (credentials.from == Credentials::From::nowhere) return challenge().nothing_given();
  if (credentials.secret.empty()) {
    return challenge().invalid_token(
        credentials.from == Credentials::From::header
            ? "the header Authorization is not of the form: Bearer TOKEN"
            : "the subprotocol callslip.bearer. is not followed by the token as base64url");
  }
  if (credentials.from == Credentials::From::cookie) {
    return identify_cookie(credentials.secret, head);
  }
  return identify_token(credentials.secret);
}

Gate::Admission Gate::identify_token(const std::string& token) const {
  const auto now = SystemClock::now();
  if (tokens_) {
    if (const auto record = tokens_->find(token)) {
      if (!record->expired(now)) return principal_of(*record);
      return challenge().invalid_token("the token \"" + record->name + "\" has expired");
    }
  }
  if (oauth_ && OAuth::is_jwt(token)) return oauth_->admit(token, now);
  return challenge().invalid_token("the token is not known here, or was revoked");
}

Gate::Admission Gate::identify_cookie(const std::string& value, const RequestHead& head) const {
  const auto ended = [this] { return challenge().invalid_token("signed out; sign in again"); };
  const std::string_view origin = head.header("origin");
  const bool reads = !head.websocket && (head.method == "GET" || head.method == "HEAD");
  if (origin.empty() ? !reads : !own_origin(origin, head.header("host"))) {
    return forbidden(
        "the page's cookie counts for requests of the page alone, which tell their "
        "Origin; use a token");
  }
  const auto now = SystemClock::now();
  auto principal = logins_.find(value, now);
  if (!principal) return ended();
  if (principal->credential.empty()) return *std::move(principal);
  // As the token is now: it may have been revoked, or its rights changed.
  const auto record = tokens_ ? tokens_->find_hash(principal->credential) : std::nullopt;
  if (!record || record->expired(now)) return ended();
  Principal current = principal_of(*record);
  current.expires = std::min(current.expires, principal->expires);
  return current;
}

bool Gate::still_admits(const Principal& principal) const {
  const auto now = SystemClock::now();
  if (principal.expires <= now) return false;
  if (principal.credential.empty()) return true;
  const auto record = tokens_ ? tokens_->find_hash(principal.credential) : std::nullopt;
  return record && !record->expired(now) && same_rights(principal, *record);
}

Refusal Gate::write_refusal(const Principal& principal) const {
  if (!asks()) {
    return forbidden(
        "nobody may write here without a token: make one with `callslip token --scope "
        "write --token-file FILE` and serve with --token-file FILE");
  }
  const std::string who = principal.name.empty() ? "" : " \"" + principal.name + "\"";
  return challenge().insufficient_scope(kWriteScope, "the token" + who +
                                                         " may read only: this needs the scope "
                                                         "write");
}

std::variant<Gate::Login, Refusal> Gate::log_in(const std::string& token) const {
  if (!asks()) return Refusal{400, {}, "nobody needs to sign in here: no tokens are asked for"};
  auto admission = identify_token(token);
  if (auto* refusal = std::get_if<Refusal>(&admission)) return std::move(*refusal);
  Login login;
  login.principal = std::get<Principal>(std::move(admission));
  login.cookie_value = logins_.begin(login.principal, SystemClock::now());
  return login;
}

void Gate::log_out(std::string_view cookie_value) const { logins_.end(cookie_value); }

std::string Gate::oauth_metadata() const { return oauth_ ? oauth_->metadata() : ""; }

}  // namespace callslip
