#include "plugin/http/http_head.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <utility>

namespace callslip {

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

namespace port {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Whether a comma-separated list (in lower case) has this item.
bool lists(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
    if (one == item) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// "/a/../b" is nobody's way to ask for "/b".
bool climbs(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // a slash
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (part == "." || part == "..") return true;
    path.remove_prefix(slash);
  }
  return false;
}

std::optional<HeadFault> take_target(HttpHead& head) {
  if (head.target.empty() || head.target.front() != '/') {
    return HeadFault{400, "the request must name a path of this server, such as /mcp"};
  }
  const std::string_view target = head.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = percent_decoded(target.substr(0, mark));
  if (!path) return HeadFault{400, "the path has a % that is not followed by two hex digits"};
  if (climbs(*path)) return HeadFault{400, "the path may not have the parts . and .."};
  head.path = std::move(*path);
  if (mark < target.size()) head.query = target.substr(mark + 1);
  return std::nullopt;
}

std::optional<HeadFault> check(const HttpHead& head, const HttpParser& parser) {
  const auto hosts = std::count_if(head.headers.begin(), head.headers.end(),
                                   [](const auto& header) { return header.first == "host"; });
  if (hosts > 1 || (hosts == 0 && head.http_1_1)) {
    return HeadFault{400, "a request must have one Host header"};
  }
  if (!head.header("transfer-encoding").empty()) {
    if (!head.http_1_1) return HeadFault{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (!parser.chunked() || lower(head.header("transfer-encoding")) != "chunked") {
      return HeadFault{501, "Transfer-Encoding: only chunked is read"};
    }
  }
  if (const std::string_view expect = head.header("expect");
      !expect.empty() && lower(expect) != "100-continue") {
    return HeadFault{417, "Expect: only 100-continue is met"};
  }
  if (head.wants_websocket && head.has_body) {
    return HeadFault{400, "a WebSocket handshake has no body"};
  }
  return std::nullopt;
}

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::size_t end_of_head(std::string_view bytes, std::size_t seen) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t from = seen < kEnd.size() ? 0 : seen - kEnd.size() + 1;
  const std::size_t found = bytes.find(kEnd, from);
  return found == std::string_view::npos ? found : found + kEnd.size();
}

std::variant<HttpHead, HeadFault> read_head(HttpParser& parser, std::string_view bytes) {
  boost::system::error_code error;
  parser.header_limit(static_cast<std::uint32_t>(bytes.size() + 1));
  parser.body_limit(~std::uint64_t{0});  // the route's; none at all is taken for zero by 1.74
  parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error || !parser.is_header_done()) {
    return HeadFault{400, "this is not HTTP/1.1: " + error.message()};
  }
  const auto& message = parser.get();
  HttpHead head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  head.headers.reserve(16);
  for (const auto& field : message) {
    head.headers.emplace_back(
        lower(std::string_view(field.name_string().data(), field.name_string().size())),
        std::string(field.value()));
  }
  head.http_1_1 = message.version() >= 11;
  head.keep_alive = parser.keep_alive();
  if (const auto length = parser.content_length()) head.content_length = *length;
  head.has_body = parser.chunked() || head.content_length.value_or(0) > 0;
  head.expects_continue = head.http_1_1 && !head.header("expect").empty();
  head.wants_websocket = head.method == "GET" && head.http_1_1 &&
                         lists(lower(head.header("upgrade")), "websocket") &&
                         lists(lower(head.header("connection")), "upgrade");
  if (auto fault = take_target(head)) return std::move(*fault);
  if (auto fault = check(head, parser)) return std::move(*fault);
  return head;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

std::string handshake_of(const HttpHead& head) {
  std::string result = "GET " + head.target.substr(0, head.target.find('?')) + " HTTP/1.1\r\n";
  constexpr std::array kNeeded{"host", "sec-websocket-key", "sec-websocket-version",
                               "sec-websocket-protocol"};
  for (const std::string_view name : kNeeded) {
    std::string all;
    for (const auto& [key, value] : head.headers) {
      if (key == name) all += (all.empty() ? "" : ", ") + value;
    }
    if (!all.empty()) result += std::string(name) + ": " + all + "\r\n";
  }
  return result + "upgrade: websocket\r\nconnection: upgrade\r\n\r\n";
}

}  // namespace port
}  // namespace callslip
