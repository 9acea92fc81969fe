#include "plugin/documents/url_fetch.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "index/formats/text_document.h"
#include "plugin/documents/address_rule.h"
#include "plugin/documents/document_name.h"

namespace callslip {
namespace {

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

constexpr std::size_t kMaxUrl = 4096;
constexpr std::size_t kMaxHeader = 64U << 10;  // all of them

/// What the callbacks of one hop work with.
struct Hop {
  const UrlFetch::Options& options;
  const CallContext& context;
  std::string body;
  std::string disposition;
  std::size_t header_bytes = 0;
  bool refused_address = false;
  bool too_large = false;
};

curl_socket_t open_socket(void* data, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& hop = *static_cast<Hop*>(data);
  const bool allowed = hop.options.allows
                           ? hop.options.allows(address->addr)
                           : is_public_address(address->addr) && is_web_port(address->addr);
  if (!allowed) {
    hop.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* data) {
  auto& hop = *static_cast<Hop*>(data);
  if (hop.body.size() + size * count > hop.options.max_bytes) {
    hop.too_large = true;
    return 0;
  }
  hop.body.append(bytes, size * count);
  return size * count;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* data) {
  auto& hop = *static_cast<Hop*>(data);
  const std::string_view line(bytes, size * count);
  hop.header_bytes += line.size();
  if (hop.header_bytes > kMaxHeader) return 0;
  constexpr std::string_view name = "content-disposition:";
  if (ascii_lower(line.substr(0, name.size())) == name) {
    hop.disposition = trimmed(line.substr(name.size()));
  }
  return line.size();
}

int watch(void* data, curl_off_t /*total*/, curl_off_t /*now*/, curl_off_t, curl_off_t) {
  return static_cast<Hop*>(data)->context.should_stop() ? 1 : 0;
}

Error bad_url(const std::string& why) { return {ErrorKind::invalid_argument, "url: " + why}; }

std::string part_of(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

Result<Url> parse_url(const std::string& text) {
  if (text.size() > kMaxUrl) return bad_url("is longer than " + std::to_string(kMaxUrl) + " bytes");
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
  });
  if (!clean) return bad_url("holds a space or a control character");
  Url url(curl_url(), &curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return bad_url("is not a URL");
  }
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return bad_url("is neither http nor https");
  }
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty()) {
    return bad_url("holds a user name or a password; only public documents are fetched");
  }
  if (part_of(url, CURLUPART_HOST).empty()) return bad_url("names no host");
  return url;
}

/// Types of which no text comes.
bool may_be_document(const std::string& media_type) {
  const std::string type = ascii_lower(media_type);
  constexpr std::array<std::string_view, 5> kNone{"image/", "audio/", "video/", "font/", "model/"};
  return std::none_of(kNone.begin(), kNone.end(),
                      [&](std::string_view start) { return type.starts_with(start); }) ||
         type.starts_with("image/svg");
}

Error transfer_error(CURLcode code, const Hop& hop) {
  if (hop.refused_address) {
    return bad_url(
        "leads to an address that is not public (or to a port that is not of the web); "
        "such are not fetched");
  }
  if (hop.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return {ErrorKind::unsupported, "url: what is there is larger than " +
                                        std::to_string(hop.options.max_bytes) +
                                        " bytes (--max-file-size)"};
  }
  if (hop.context.cancelled()) return {ErrorKind::cancelled, "cancelled"};
  if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK) {
    return {ErrorKind::unavailable, "url: it took too long"};
  }
  if (code == CURLE_WRITE_ERROR) return {ErrorKind::unavailable, "url: its headers are too large"};
  return {ErrorKind::unavailable, std::string("url: ") + curl_easy_strerror(code)};
}

std::string media_type_of(CURL* easy) {
  const char* type = nullptr;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
  return type == nullptr ? "" : type;
}

void prepare(CURL* easy, Hop& hop, const std::string& url, std::chrono::milliseconds left) {
  const auto set = [easy](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);  // each hop is judged here
  set(CURLOPT_PROXY, "");           // a proxy would connect in our place, unjudged
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(CURLOPT_OPENSOCKETDATA, &hop);
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, &hop);
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_HEADERDATA, &hop);
  set(CURLOPT_XFERINFOFUNCTION, &watch);
  set(CURLOPT_XFERINFODATA, &hop);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(hop.options.connect_timeout.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, hop.options.slowest);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(hop.options.slowest_for.count()));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(hop.options.max_bytes));
  set(CURLOPT_ACCEPT_ENCODING, "");  // decoded bytes are what is counted
  set(CURLOPT_USERAGENT, "callslip");
}

/// The value of a parameter of Content-Disposition, quotes taken off.
std::string parameter(std::string_view header, std::string_view name) {
  const std::string lower = ascii_lower(header);
  for (std::size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
    const std::size_t before = at == 0 ? std::string::npos : lower.find_last_not_of(" \t", at - 1);
    const std::size_t equals = lower.find_first_not_of(" \t", at + name.size());
    if (before == std::string::npos || lower[before] != ';' || equals == std::string::npos ||
        lower[equals] != '=') {
      continue;
    }
    std::string_view value = trimmed(header.substr(equals + 1));
    if (!value.starts_with('"')) return std::string(trimmed(value.substr(0, value.find(';'))));
    std::string text;
    for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      text += value[i];
    }
    return text;
  }
  return "";
}

std::string decoded(const std::string& text) {
  int length = 0;
  char* out = curl_easy_unescape(nullptr, text.c_str(), static_cast<int>(text.size()), &length);
  if (out == nullptr) return text;
  std::string copy(out, static_cast<std::size_t>(length));
  curl_free(out);
  return copy;
}

}  // namespace

std::string file_name_of(const std::string& url_text, const std::string& disposition,
                         const std::string& media_type) {
  std::string name;
  if (const std::string extended = parameter(disposition, "filename*"); !extended.empty()) {
    // charset'language'percent-encoded
    const std::size_t second = extended.find('\'', extended.find('\'') + 1);
    if (ascii_lower(extended).starts_with("utf-8'") && second != std::string::npos) {
      name = clean_file_name(decoded(extended.substr(second + 1)));
    }
  }
  if (name.empty()) name = clean_file_name(parameter(disposition, "filename"));
  const Url url(curl_url(), &curl_url_cleanup);
  if (name.empty() && curl_url_set(url.get(), CURLUPART_URL, url_text.c_str(), 0) == CURLUE_OK) {
    std::string path = part_of(url, CURLUPART_PATH);
    while (path.ends_with('/')) path.pop_back();
    name = clean_file_name(decoded(path.substr(path.rfind('/') + 1)));
    if (name.empty()) {
      // "example.com" has no extension of its own.
      name = clean_file_name(part_of(url, CURLUPART_HOST));
      const std::string_view extension = extension_of_type(media_type);
      if (!name.empty() && !extension.empty()) name.append(1, '.').append(extension);
    }
  }
  if (name.empty()) name = "document";
  return with_extension(std::move(name), media_type);
}

UrlFetch::UrlFetch(Options options) : options_(std::move(options)) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started;
}

Result<FetchedUrl> UrlFetch::fetch(const std::string& text, const CallContext& context) const {
  using Clock = std::chrono::steady_clock;
  const auto until = std::min(Clock::now() + options_.timeout, context.deadline);
  std::string next = text;
  for (int hops = 0; hops <= options_.max_redirects; ++hops) {
    auto url = parse_url(next);
    if (!url) return url.error();
    // The parsed URL as text: what was judged is what is fetched.
    const std::string judged = part_of(*url, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return Error{ErrorKind::unavailable, "url: it took too long"};
    Hop hop{options_, context, {}, {}, 0, false, false};
    const Easy easy(curl_easy_init(), &curl_easy_cleanup);
    if (!easy) return Error{ErrorKind::io, "url: out of memory"};
    prepare(easy.get(), hop, judged, left);
    if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK) {
      return transfer_error(code, hop);
    }
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    const char* redirect = nullptr;
    curl_easy_getinfo(easy.get(), CURLINFO_REDIRECT_URL, &redirect);
    if (status >= 300 && status < 400 && redirect != nullptr) {
      next = redirect;
      continue;
    }
    if (status < 200 || status >= 300) {
      return Error{ErrorKind::unavailable,
                   "url: the server answered with status " + std::to_string(status)};
    }
    FetchedUrl fetched;
    fetched.media_type = media_type_of(easy.get());
    if (!may_be_document(fetched.media_type)) {
      return Error{ErrorKind::unsupported, "url: what is there is " +
                                               clean_heading(fetched.media_type.substr(0, 80)) +
                                               ", which holds no text"};
    }
    fetched.file_name = file_name_of(judged, hop.disposition, fetched.media_type);
    fetched.bytes = std::move(hop.body);
    fetched.url = judged;
    return fetched;
  }
  return Error{ErrorKind::unavailable,
               "url: it redirects more than " + std::to_string(options_.max_redirects) + " times"};
}

}  // namespace callslip
