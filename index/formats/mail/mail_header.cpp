#include "index/formats/mail/mail_header.h"

#include <glib.h>

#include <algorithm>
#include <optional>

#include "index/formats/text_document.h"
#include "index/text/charset.h"
#include "index/text/encoding.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

std::string decode_base64(std::string_view text) {
  std::string bytes(text);
  gsize size = 0;
  if (bytes.empty()) return bytes;
  g_base64_decode_inplace(bytes.data(), &size);
  bytes.resize(size);
  return bytes;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decode_q(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '=' && i + 2 < text.size() ? hex(text[i + 1]) : -1;
    const int low = high >= 0 ? hex(text[i + 2]) : -1;
    if (low >= 0) {
      bytes += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      bytes += text[i] == '_' ? ' ' : text[i];
    }
  }
  return bytes;
}

struct EncodedWord {
  std::string charset;
  std::string bytes;
  std::size_t length = 0;  // in the header
};

/// "=?charset?B?text?=" at the beginning of the text.
std::optional<EncodedWord> encoded_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = text.find('?', 2);
  if (charset_end == text.npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?') {
    return std::nullopt;
  }
  const std::size_t start = charset_end + 3;
  const std::size_t end = text.find("?=", start);
  if (end == text.npos || end - start > 4096) return std::nullopt;
  const char kind = static_cast<char>(text[charset_end + 1] | 0x20);
  if (kind != 'b' && kind != 'q') return std::nullopt;
  EncodedWord word;
  word.charset = text.substr(2, charset_end - 2);
  word.charset.resize(std::min(word.charset.find('*'), word.charset.size()));  // a language
  const std::string_view coded = text.substr(start, end - start);
  word.bytes = kind == 'b' ? decode_base64(coded) : decode_q(coded);
  word.length = end + 2;
  return word;
}

}  // namespace

std::string decode_mail_text(std::string bytes, std::string_view charset) {
  const std::string name = ascii_lower(trimmed(charset));
  if (name.empty() || name == "us-ascii" || name == "utf-8" || name == "unknown-8bit") {
    if (is_valid_utf8(bytes)) return bytes;
    const std::string guess = guess_charset(bytes);
    if (!guess.empty()) {
      if (std::optional<Conversion> converted = convert_to_utf8(bytes, guess)) {
        return std::move(converted->text);
      }
    }
    return make_valid_utf8(std::move(bytes)).text;
  }
  if (std::optional<Conversion> converted = convert_to_utf8(bytes, name)) {
    return make_valid_utf8(std::move(converted->text)).text;
  }
  return decode_mail_text(std::move(bytes), {});
}

std::string decode_header(std::string_view raw) {
  std::string out;
  std::string pending;  // bytes of encoded words: a character may go on in the next one
  std::string pending_charset;
  std::string plain;
  const auto flush_words = [&] {
    if (!pending.empty()) out += decode_mail_text(std::move(pending), pending_charset);
    pending.clear();
  };
  const auto flush_plain = [&] {
    if (!plain.empty()) out += decode_mail_text(std::move(plain), {});
    plain.clear();
  };
  for (std::size_t i = 0; i < raw.size();) {
    if (const std::optional<EncodedWord> word = encoded_word(raw.substr(i))) {
      // White space between two encoded words is not part of the text.
      if (!pending.empty() && plain.find_first_not_of(" \t\r\n") == plain.npos) plain.clear();
      if (!plain.empty()) flush_words();
      flush_plain();
      if (ascii_lower(word->charset) != ascii_lower(pending_charset)) flush_words();
      pending_charset = word->charset;
      pending += word->bytes;
      i += word->length;
      continue;
    }
    plain += raw[i++];
    if (!pending.empty() && plain.find_first_not_of(" \t\r\n") != plain.npos) flush_words();
  }
  flush_words();
  flush_plain();
  std::string line;
  for (const char c : out) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!space) {
      if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace callslip
