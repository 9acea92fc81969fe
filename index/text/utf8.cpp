#include "index/text/utf8.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace callslip {
namespace {

using Byte = unsigned char;

constexpr std::uint64_t high_bits = 0x8080808080808080U;

std::uint64_t load_word(const Byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool is_continuation(Byte byte) { return (byte & 0xC0U) == 0x80U; }

/// Skips ASCII, 32 bytes at a time where it can.
const Byte* skip_ascii(const Byte* at, const Byte* end) {
  while (end - at >= 32) {
    const std::uint64_t any =
        load_word(at) | load_word(at + 8) | load_word(at + 16) | load_word(at + 24);
    if ((any & high_bits) != 0) break;
    at += 32;
  }
  while (end - at >= 8 && (load_word(at) & high_bits) == 0) at += 8;
  while (at < end && *at < 0x80U) ++at;
  return at;
}

struct Sequence {
  std::size_t length = 1;  // of the sequence, or of the undecodable subpart
  bool valid = false;
};

/// Looks at the sequence at `at` < `end`. The second byte's range depends on the first: it rules
/// out overlong forms, surrogates and what lies above U+10FFFF.
Sequence look_at(const Byte* at, const Byte* end) {
  const Byte lead = *at;
  if (lead < 0x80U) return {1, true};
  if (lead < 0xC2U || lead > 0xF4U) return {1, false};
  const std::size_t wanted = lead < 0xE0U ? 2U : (lead < 0xF0U ? 3U : 4U);
  const auto left = static_cast<std::size_t>(end - at);
  if (left == 1) return {1, false};
  Byte low = 0x80U;
  Byte high = 0xBFU;
  if (lead == 0xE0U) low = 0xA0U;
  if (lead == 0xEDU) high = 0x9FU;
  if (lead == 0xF0U) low = 0x90U;
  if (lead == 0xF4U) high = 0x8FU;
  if (at[1] < low || at[1] > high) return {1, false};
  std::size_t length = 2;
  while (length < wanted && length < left && is_continuation(at[length])) ++length;
  if (length == wanted) return {length, true};
  return {length, false};
}

/// Skips valid UTF-8. The common three-byte sequences (E1..EC, EE, EF) are taken in a tight loop.
const Byte* skip_valid(const Byte* at, const Byte* end) {
  while (at < end) {
    if (*at < 0x80U) {
      at = skip_ascii(at, end);
      continue;
    }
    while (end - at >= 3 && (*at & 0xF0U) == 0xE0U && *at != 0xE0U && *at != 0xEDU &&
           is_continuation(at[1]) && is_continuation(at[2])) {
      at += 3;
    }
    while (end - at >= 2 && *at >= 0xC2U && *at < 0xE0U && is_continuation(at[1])) at += 2;
    if (at == end) break;
    const Sequence sequence = look_at(at, end);
    if (!sequence.valid) break;
    at += sequence.length;
  }
  return at;
}

const Byte* begin_of(std::string_view text) { return reinterpret_cast<const Byte*>(text.data()); }

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  const Byte* begin = begin_of(text);
  return static_cast<std::size_t>(skip_valid(begin, begin + text.size()) - begin);
}

bool is_valid_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }

ValidUtf8 make_valid_utf8(std::string text) {
  const std::size_t good = valid_utf8_prefix(text);
  if (good == text.size()) return {std::move(text), false};
  std::string repaired;
  repaired.reserve(text.size() + text.size() / 8 + utf8_replacement.size());
  const Byte* at = begin_of(text);
  const Byte* end = at + text.size();
  while (at < end) {
    const Byte* next = skip_valid(at, end);
    repaired.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(next - at));
    if (next == end) break;
    repaired += utf8_replacement;
    at = next + look_at(next, end).length;
  }
  return {std::move(repaired), true};
}

Utf8Census take_utf8_census(std::string_view text) {
  Utf8Census census;
  const Byte* at = begin_of(text);
  const Byte* end = at + text.size();
  while ((at = skip_ascii(at, end)) < end) {
    const Sequence sequence = look_at(at, end);
    if (sequence.valid) {
      ++census.multibyte;
    } else {
      ++census.undecodable;
    }
    at += sequence.length;
  }
  return census;
}

CodePoint decode_utf8(std::string_view text, std::size_t pos) {
  if (pos >= text.size()) return {};
  const Byte* at = begin_of(text) + pos;
  const Sequence sequence = look_at(at, begin_of(text) + text.size());
  if (!sequence.valid) return {0xFFFD, sequence.length, false};
  if (sequence.length == 1) return {*at, 1, true};
  // The lead byte holds 5, 4 or 3 bits; each of the others holds 6.
  char32_t value = *at & (0x7FU >> sequence.length);
  for (std::size_t i = 1; i < sequence.length; ++i) value = (value << 6U) | (at[i] & 0x3FU);
  return {value, sequence.length, true};
}

void append_utf8(std::string& text, char32_t code_point) {
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (surrogate || code_point > 0x10FFFF) code_point = 0xFFFD;
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0U | (code_point >> 6U));
    text += tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0U | (code_point >> 12U));
    text += tail(6);
    text += tail(0);
  } else {
    text += static_cast<char>(0xF0U | (code_point >> 18U));
    text += tail(12);
    text += tail(6);
    text += tail(0);
  }
}

}  // namespace callslip
