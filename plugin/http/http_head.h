// HttpHead: the head of a request, taken apart; and what is wrong with it, where it is refused.
//
// Values: any thread.
#pragma once

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "plugin/http/http_exchange.h"

namespace callslip::port {

/// Beast's, which also takes the body apart, piece by piece.
using HttpParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

struct HttpHead {
  std::string method;
  std::string target;  // as it came
  std::string path;    // decoded, without the query
  std::string query;
  HttpHeaders headers;  // names in lower case
  bool http_1_1 = true;
  bool keep_alive = true;
  bool has_body = false;
  std::optional<std::uint64_t> content_length;
  bool expects_continue = false;
  bool wants_websocket = false;

  /// Of the first header of this name; empty where there is none.
  std::string_view header(std::string_view name) const;
};

struct HeadFault {
  int status = 400;
  std::string message;
};

/// Where the head that begins in `bytes` ends, its empty line included; npos: later. Looks from
/// `seen` on, the bytes that were looked at before.
std::size_t end_of_head(std::string_view bytes, std::size_t seen);

/// Puts a whole head into a fresh parser and takes it apart.
std::variant<HttpHead, HeadFault> read_head(HttpParser& parser, std::string_view bytes);

/// "%20" is a space; nothing where an escape is broken or stands for NUL.
std::optional<std::string> percent_decoded(std::string_view text);

/// The handshake as websocketpp is to see it, with nothing in it that it need not judge.
std::string handshake_of(const HttpHead& head);

}  // namespace callslip::port
