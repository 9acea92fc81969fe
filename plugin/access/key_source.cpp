#include "plugin/access/key_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "plugin/access/access_policy.h"
#include "plugin/access/http_get.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = 512U << 10U;
constexpr std::chrono::milliseconds kMaxRetry{60'000};

struct IssuerUrl {
  std::string origin;  // scheme and authority
  std::string path;    // without the last slash
};

IssuerUrl split(const std::string& url) {
  const std::size_t authority = url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', authority), url.size());
  IssuerUrl parts{url.substr(0, path), url.substr(path)};
  while (parts.path.ends_with('/')) parts.path.pop_back();
  return parts;
}

bool may_be_called(const std::string& url) {
  if (url.starts_with("https://")) return url.size() > std::string("https://").size();
  static const std::string kPlain = "http://";
  if (!url.starts_with(kPlain)) return false;
  const std::size_t end = std::min(url.find('/', kPlain.size()), url.size());
  return is_loopback_authority(url.substr(kPlain.size(), end - kPlain.size()));
}

}  // namespace

Status KeySource::check_issuer(const std::string& issuer) {
  if (may_be_called(issuer) && issuer.find_first_of("?# \"") == std::string::npos) return {};
  return Error{ErrorKind::invalid_argument,
               "--oauth-issuer: \"" + issuer + "\" is not a URL like https://login.example.org"};
}

KeySource::KeySource(KeySourceOptions options, OnTrouble on_trouble)
    : options_(std::move(options)),
      on_trouble_(std::move(on_trouble)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

KeySource::~KeySource() = default;

Status KeySource::wait_for_keys(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [this] { return keys_.set || !trouble_.message.empty(); });
  if (keys_.set) return {};
  if (!trouble_.message.empty()) return trouble_;
  return Error{ErrorKind::unavailable, options_.issuer + ": does not answer"};
}

KeySource::Keys KeySource::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

bool KeySource::look_for_new_keys() {
  const std::lock_guard lock(mutex_);
  if (!wanted_ && Clock::now() - fetched_ >= options_.least_between) {
    wanted_ = true;
    changed_.notify_all();
  }
  return wanted_;
}

void KeySource::run(const std::stop_token& stop) {
  std::chrono::milliseconds retry = options_.first_retry;
  while (!stop.stop_requested()) {
    const Status taken = take(fetch(stop));
    if (stop.stop_requested()) return;
    std::unique_lock lock(mutex_);
    wanted_ = false;
    fetched_ = Clock::now();
    bool told = taken.ok();
    if (!taken) {
      told = std::exchange(trouble_, taken.error()).message == taken.error().message;
      keys_url_.clear();
    }
    changed_.notify_all();
    if (!told && on_trouble_) {
      lock.unlock();
      on_trouble_(taken.error().message);
      lock.lock();
    }
    const auto wait = taken ? options_.every : retry;
    retry = taken ? options_.first_retry : std::min(retry * 2, kMaxRetry);
    changed_.wait_for(lock, stop, wait, [this] { return wanted_; });
    wanted_ = true;
  }
}

Status KeySource::take(const Result<std::string>& jwks) {
  if (!jwks) return jwks.error();
  if (*jwks == jwks_) return {};
  auto set = KeySet::parse(*jwks);
  if (!set) return set.error().within(keys_url_);
  if ((*set)->size() == 0) {
    return Error{ErrorKind::unavailable, keys_url_ + ": has no key for RS256, PS256 or ES256"};
  }
  jwks_ = *jwks;
  const std::lock_guard lock(mutex_);
  keys_.set = std::move(set).value();
  ++keys_.generation;
  trouble_.message.clear();
  return {};
}

Result<std::string> KeySource::fetch(const std::stop_token& stop) {
  if (keys_url_.empty()) {
    auto url = find_keys_url(stop);
    if (!url) return url.error();
    keys_url_ = std::move(url).value();
  }
  return http_get(keys_url_, kMaxBytes, options_.fetch_timeout, stop);
}

Result<std::string> KeySource::find_keys_url(const std::stop_token& stop) {
  const IssuerUrl issuer = split(options_.issuer);
  std::vector<std::string> places{
      issuer.origin + "/.well-known/oauth-authorization-server" + issuer.path,
      issuer.origin + "/.well-known/openid-configuration" + issuer.path};
  if (!issuer.path.empty()) {
    places.push_back(issuer.origin + issuer.path + "/.well-known/openid-configuration");
  }
  Error trouble{ErrorKind::unavailable, ""};
  for (const std::string& place : places) {
    const auto body = http_get(place, kMaxBytes, options_.fetch_timeout, stop);
    if (!body) {
      // Any refusal: some servers answer 401 or 400 where they have nothing.
      if (trouble.message.empty() || body.error().kind != ErrorKind::not_found) {
        trouble = body.error();
      }
      continue;
    }
    const json metadata = json::parse(*body, nullptr, false);
    const auto text = [&metadata](const char* name) {
      const auto found = metadata.is_object() ? metadata.find(name) : metadata.end();
      return found != metadata.end() && found->is_string() ? found->get<std::string>() : "";
    };
    if (const std::string named = text("issuer"); named != options_.issuer) {
      return Error{ErrorKind::unavailable, place + ": says that its issuer is \"" + named +
                                               "\"; give exactly that as --oauth-issuer"};
    }
    std::string url = text("jwks_uri");
    if (!may_be_called(url)) {
      return Error{ErrorKind::unavailable, place + ": names no jwks_uri that is https"};
    }
    return url;
  }
  trouble.kind = ErrorKind::unavailable;
  return trouble;
}

}  // namespace callslip
