#include "plugin/http/http_response.h"

#include <array>
#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

namespace callslip {
namespace port {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 36> kReasons{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
}};

/// Made anew once a second and thread.
const std::string& date_line() {
  thread_local std::time_t made_at = 0;
  thread_local std::string line;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 64> text{};
    const std::size_t size =
        std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    line.assign(text.data(), size);
    made_at = now;
  }
  return line;
}

void append_safely(std::string& out, std::string_view value) {
  for (const char c : value) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

}  // namespace

std::string_view reason_phrase(int status) {
  for (const auto& [code, phrase] : kReasons) {
    if (code == status) return phrase;
  }
  return "Other";
}

std::string response_head(const HttpResponse& response, Framing framing, std::size_t length,
                          bool keep_alive, bool http_1_1) {
  std::string head;
  head.reserve(256);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason_phrase(response.status);
  head += "\r\n";
  head += date_line();
  if (!response.type.empty() && framing != Framing::none) {
    head += "Content-Type: ";
    append_safely(head, response.type);
    head += "\r\n";
  }
  if (framing == Framing::length) head += "Content-Length: " + std::to_string(length) + "\r\n";
  if (framing == Framing::chunked) head += "Transfer-Encoding: chunked\r\n";
  if (!keep_alive) {
    head += "Connection: close\r\n";
  } else if (!http_1_1) {
    head += "Connection: keep-alive\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    append_safely(head, name);
    head += ": ";
    append_safely(head, value);
    head += "\r\n";
  }
  return head += "\r\n";
}

void append_chunk(std::string& out, std::string_view piece) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16);
  out.append(digits.data(), end.ptr);
  out += "\r\n";
  out += piece;
  out += "\r\n";
}

}  // namespace port

HttpResponse error_response(int status, std::string_view message) {
  HttpResponse response;
  response.status = status;
  // A message may quote what a peer sent, which need not be UTF-8.
  response.body = nlohmann::json{{"error", std::string(message)}}.dump(
                      -1, ' ', false, nlohmann::json::error_handler_t::replace) +
                  "\n";
  return response;
}

}  // namespace callslip
