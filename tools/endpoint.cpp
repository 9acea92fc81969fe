#include "tools/endpoint.h"

#include <curl/curl.h>

#include <memory>
#include <string_view>

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
  const std::string base = complete ? path.substr(0, path.size() - call.size()) : path;
  path = base + std::string(call);
  curl_url_set(parsed.get(), CURLUPART_FRAGMENT, nullptr, 0);
  curl_url_set(parsed.get(), CURLUPART_PATH, base.c_str(), 0);
  const std::string port = part_of(parsed.get(), CURLUPART_PORT);
  Endpoint endpoint;
  endpoint.base = part_of(parsed.get(), CURLUPART_URL);
  while (endpoint.base.ends_with('/')) endpoint.base.pop_back();
  curl_url_set(parsed.get(), CURLUPART_PATH, path.c_str(), 0);
  endpoint.url = part_of(parsed.get(), CURLUPART_URL);
  endpoint.label = port.empty() ? host : host + ":" + port;
  endpoint.loopback = host == "localhost" || host == "[::1]" || host.rfind("127.", 0) == 0;
  return endpoint;
}

}  // namespace callslip
