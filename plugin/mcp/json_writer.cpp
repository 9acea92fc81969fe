#include "plugin/mcp/json_writer.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

namespace callslip {
namespace {

using nlohmann::json;

/// What ends a run of bytes that are printed as they are: quotes, backslashes, control characters,
/// and all that is not ASCII.
constexpr std::array<bool, 256> kSpecial = [] {
  std::array<bool, 256> special{};
  for (std::size_t c = 0; c < 256; ++c) {
    special[c] = c < 0x20 || c == '"' || c == '\\' || c >= 0x80;
  }
  return special;
}();

bool is_special(char c) { return kSpecial[static_cast<unsigned char>(c)]; }

/// The length of the UTF-8 sequence at the start of `text`; 0: there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned least = 0x80, unsigned most = 0xBF) {
    return i < text.size() && byte(i) >= least && byte(i) <= most;
  };
  const unsigned first = byte(0);
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    // Neither overlong forms nor surrogates.
    const unsigned least = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned most = first == 0xED ? 0x9F : 0xBF;
    return follows(1, least, most) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned least = first == 0xF0 ? 0x90 : 0x80;
    const unsigned most = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, least, most) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void write_escape(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[static_cast<unsigned char>(c) >> 4U];
  out += digits[static_cast<unsigned char>(c) & 15U];
}

void write_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t start = 0;  // of the run that is not printed yet
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_special(text[at])) {
      ++at;
      continue;
    }
    if (static_cast<unsigned char>(text[at]) >= 0x80) {
      if (const std::size_t length = sequence_length(text.substr(at)); length > 0) {
        at += length;
        continue;
      }
      out.append(text, start, at - start).append("\xEF\xBF\xBD");
    } else {
      out.append(text, start, at - start);
      write_escape(text[at], out);
    }
    start = ++at;
  }
  out.append(text, start, at - start);
  out += '"';
}

template <class Number>
void write_integer(Number number, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void write_json(const json& value, std::string& out) {
  switch (value.type()) {
    case json::value_t::object: {
      out += '{';
      bool first = true;
      for (const auto& [key, member] : value.get_ref<const json::object_t&>()) {
        if (!first) out += ',';
        first = false;
        write_string(key, out);
        out += ':';
        write_json(member, out);
      }
      out += '}';
      return;
    }
    case json::value_t::array: {
      out += '[';
      bool first = true;
      for (const json& item : value.get_ref<const json::array_t&>()) {
        if (!first) out += ',';
        first = false;
        write_json(item, out);
      }
      out += ']';
      return;
    }
    case json::value_t::string:
      write_string(value.get_ref<const std::string&>(), out);
      return;
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case json::value_t::number_integer:
      write_integer(value.get<std::int64_t>(), out);
      return;
    case json::value_t::number_unsigned:
      write_integer(value.get<std::uint64_t>(), out);
      return;
    default:  // the shortest form of a double is the library's; null and what is not JSON too
      out += value.dump(-1, ' ', false, json::error_handler_t::replace);
  }
}

}  // namespace callslip
