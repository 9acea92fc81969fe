#include "tools/model_endpoints.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace callslip {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

Error bad_url(const std::string& url) {
  // What stands before an @ may be a password.
  const std::string shown = url.find('@') == std::string::npos ? "'" + url + "'" : "given";
  return {ErrorKind::invalid_argument,
          "the reader URL " + shown + " is not of the form http://HOST:PORT/v1"};
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& url) {
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return bad_url(url);
  }
  const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  const std::string host = part_of(parsed.get(), CURLUPART_HOST);
  if ((scheme != "http" && scheme != "https") || host.empty()) return bad_url(url);
  constexpr std::string_view call = "/chat/completions";
  std::string path = part_of(parsed.get(), CURLUPART_PATH);
  while (!path.empty() && path.back() == '/') path.pop_back();
  const bool complete = path.size() >= call.size() &&
                        std::string_view(path).substr(path.size() - call.size()) == call;
  if (!complete) path += call;
  curl_url_set(parsed.get(), CURLUPART_PATH, path.c_str(), 0);
  curl_url_set(parsed.get(), CURLUPART_FRAGMENT, nullptr, 0);
  const std::string port = part_of(parsed.get(), CURLUPART_PORT);
  Endpoint endpoint;
  endpoint.url = part_of(parsed.get(), CURLUPART_URL);
  endpoint.label = port.empty() ? host : host + ":" + port;
  endpoint.loopback = host == "localhost" || host == "[::1]" || host.rfind("127.", 0) == 0;
  return endpoint;
}

std::optional<std::size_t> ModelEndpoints::pick(Clock::time_point now, Failed failed) const {
  std::optional<std::size_t> best;
  const auto rank = [&](std::size_t i) {
    return std::pair((failed & bit(i)) != 0, states_[i].in_flight);
  };
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].dead || states_[i].paused_until > now) continue;
    if (!best || rank(i) < rank(*best)) best = i;
  }
  return best;
}

ModelEndpoints::Clock::time_point ModelEndpoints::next_available(Clock::time_point now) const {
  auto soonest = Clock::time_point::max();
  for (const State& state : states_) {
    if (!state.dead) soonest = std::min(soonest, std::max(state.paused_until, now));
  }
  return soonest;
}

void ModelEndpoints::answered(std::size_t endpoint) {
  states_[endpoint].dead = false;
  states_[endpoint].limited = false;
}

void ModelEndpoints::limited(std::size_t endpoint, Clock::time_point until) {
  if (std::exchange(states_[endpoint].limited, true)) pause(endpoint, until);
}

void ModelEndpoints::pause(std::size_t endpoint, Clock::time_point until) {
  states_[endpoint].paused_until = std::max(states_[endpoint].paused_until, until);
}

void ModelEndpoints::give_up(std::size_t endpoint, Error why) {
  states_[endpoint].dead = true;
  states_[endpoint].why = std::move(why);
}

const Error* ModelEndpoints::hopeless() const {
  const bool all =
      std::all_of(states_.begin(), states_.end(), [](const State& s) { return s.dead; });
  return all && !states_.empty() ? &states_.front().why : nullptr;
}

bool ModelEndpoints::has_other(std::size_t endpoint, Clock::time_point now) const {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (i != endpoint && !states_[i].dead && states_[i].paused_until <= now) return true;
  }
  return false;
}

}  // namespace callslip
