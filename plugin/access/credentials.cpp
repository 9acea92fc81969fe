#include "plugin/access/credentials.h"

#include <algorithm>
#include <array>

#include "plugin/access/secrets.h"

namespace callslip {
namespace {

constexpr std::string_view kSubprotocol = "callslip.bearer.";
constexpr std::array<std::string_view, 5> kTokenParameters{"access_token", "token", "api_key",
                                                           "apikey", "bearer"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// Calls `take` with each part until it says that it found what it looks for.
template <class Take>
void split(std::string_view text, char separator, const Take& take) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (take(text.substr(0, end)) || end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

Credentials from_authorization(std::string_view value) {
  Credentials credentials{Credentials::From::header, ""};
  const std::size_t space = value.find(' ');
  if (space != std::string_view::npos && lower(value.substr(0, space)) == "bearer") {
    credentials.secret = trimmed(value.substr(space + 1));
  }
  return credentials;
}

}  // namespace

Credentials find_credentials(const RequestHead& head) {
  if (const auto value = head.header("authorization"); !value.empty()) {
    return from_authorization(trimmed(value));
  }
  Credentials found;
  if (head.websocket) {
    split(head.header("sec-websocket-protocol"), ',', [&](std::string_view part) {
      part = trimmed(part);
      if (!part.starts_with(kSubprotocol)) return false;
      found.from = Credentials::From::subprotocol;
      found.secret = base64url_decode(part.substr(kSubprotocol.size())).value_or("");
      return true;
    });
    if (found.from != Credentials::From::nowhere) return found;
  }
  const auto cookie = cookie_value(head.header("cookie"), login_cookie(head.header("host")));
  if (!cookie.empty()) found = {Credentials::From::cookie, std::string(cookie)};
  return found;
}

std::string token_in_query(std::string_view target) {
  std::string found;
  const std::size_t start = target.find('?');
  if (start == std::string_view::npos) return found;
  split(target.substr(start + 1, target.find('#', start) - start - 1), '&',
        [&](std::string_view part) {
          const std::string name = lower(percent_decoded(part.substr(0, part.find('='))));
          const auto* const known =
              std::find(kTokenParameters.begin(), kTokenParameters.end(), name);
          if (known != kTokenParameters.end()) found = name;
          return !found.empty();
        });
  return found;
}

std::string login_cookie(std::string_view host) {
  std::string name = "callslip";
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos) {
    return name;
  }
  const std::string_view port = host.substr(colon + 1);
  const bool digits = !port.empty() && port.find_first_not_of("0123456789") == std::string::npos;
  return digits ? name.append("-").append(port) : name;
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
  std::string_view value;
  split(header, ';', [&](std::string_view part) {
    part = trimmed(part);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || part.substr(0, equals) != name) return false;
    value = part.substr(equals + 1);
    return true;
  });
  return value;
}

bool same_origin(std::string_view origin, std::string_view host) {
  const std::string text = lower(origin);
  std::string own = lower(host);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    // Browsers leave a scheme's own port out of both; a proxy may write it.
    const std::string_view port = scheme == "http://" ? ":80" : ":443";
    std::string authority = text.substr(scheme.size());
    for (std::string* each : {&authority, &own}) {
      if (each->ends_with(port)) each->resize(each->size() - port.size());
    }
    return !authority.empty() && authority == own;
  }
  return false;
}

bool is_open(const RequestHead& head) {
  if (head.websocket) return false;
  if (head.method == "OPTIONS") {
    return !head.header("origin").empty() && !head.header("access-control-request-method").empty();
  }
  const std::string_view path = head.target.substr(0, head.target.find('?'));
  return head.open && path.starts_with('/') &&
         path.find_first_of("%\\") == std::string_view::npos &&
         path.find("..") == std::string_view::npos && path.find("//") == std::string_view::npos;
}

}  // namespace callslip
