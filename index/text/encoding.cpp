#include "index/text/encoding.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

#include "index/formats/file_magic.h"
#include "index/text/charset.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t sample_size = std::size_t{64} * 1024;

Error binary_file(std::string_view bytes) {
  const std::string_view format = likely_binary_format(bytes);
  return {ErrorKind::unsupported, std::string(format.empty() ? "binary file" : format)};
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  // Terminals' recordings hold bells, backspaces and escapes; those are text still.
  if (byte >= 0x20) return byte == 0x7F;
  return byte != 0 && (byte < 0x07 || (byte > 0x0D && byte != 0x1B));
}

/// Control characters per thousand bytes in the first 64 KiB. NULs are not counted here.
std::size_t controls_per_mille(std::string_view bytes) {
  const std::string_view sample = bytes.substr(0, sample_size);
  if (sample.empty()) return 0;
  const auto controls = std::count_if(sample.begin(), sample.end(), is_control);
  return static_cast<std::size_t>(controls) * 1000 / sample.size();
}

std::string_view wide_bom_charset(std::string_view bytes) {
  // UTF-32 first: its little-endian BOM begins with that of UTF-16.
  if (bytes.size() % 4 == 0 && bytes.starts_with("\xFF\xFE\0\0"sv)) return "UTF-32LE";
  if (bytes.size() % 4 == 0 && bytes.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32BE";
  if (bytes.starts_with("\xFF\xFE"sv)) return "UTF-16LE";
  if (bytes.starts_with("\xFE\xFF"sv)) return "UTF-16BE";
  return {};
}

/// The conversion, if its result reads like text: at most so many odd characters per thousand.
std::optional<DecodedText> convert_plausibly(std::string_view bytes, const std::string& charset,
                                             Oddity most) {
  std::optional<Conversion> conversion = convert_to_utf8(bytes, charset);
  if (!conversion) return std::nullopt;
  const Oddity oddity = measure_oddity(conversion->text);
  if (oddity.overall > most.overall || oddity.outside_ascii > most.outside_ascii) {
    return std::nullopt;
  }
  return DecodedText{std::move(conversion->text), true, conversion->undecodable > 0};
}

constexpr Oddity a_little = {5, 1000};
constexpr Oddity some = {100, 1000};
constexpr Oddity little_in_letters = {50, 50};

/// Spaces, line ends and the commas and full stops of East Asia: what every text has some of.
std::size_t count_separators(std::string_view utf8) {
  std::size_t count = 0;
  for (std::size_t pos = 0; pos < utf8.size();) {
    const CodePoint c = decode_utf8(utf8, pos);
    pos += c.length;
    if (c.value == ' ' || c.value == '\n' || c.value == 0x3001 || c.value == 0x3002 ||
        c.value == 0xFF0C) {
      ++count;
    }
  }
  return count;
}

/// UTF-16 without a BOM. Mostly ASCII, it shows in its NULs, which are all at even or all at odd
/// places. Else it must make no sense a byte at a time, and read like text in one byte order.
std::string bare_utf16_charset(std::string_view bytes) {
  const std::string_view sample = bytes.substr(0, sample_size);
  if (bytes.size() < 8 || bytes.size() % 2 != 0) return {};
  std::array<std::size_t, 2> nuls{};
  for (std::size_t i = 0; i < sample.size(); ++i) {
    if (sample[i] == '\0') ++nuls[i % 2];
  }
  const std::size_t units = sample.size() / 2;
  const bool little = nuls[1] > nuls[0];
  const std::size_t many = nuls[little ? 1 : 0];
  const std::size_t few = nuls[little ? 0 : 1];
  if (many * 10 >= units * 4 && few * 100 <= many) return little ? "UTF-16LE" : "UTF-16BE";
  if (many == 0 || (controls_per_mille(bytes) < 50 && is_valid_utf8(bytes))) return {};
  std::string best;
  std::size_t most_separators = units / 100;
  for (const char* charset : {"UTF-16LE", "UTF-16BE"}) {
    const std::optional<DecodedText> decoded = convert_plausibly(sample, charset, a_little);
    const std::size_t separators = decoded ? count_separators(decoded->text) : 0;
    if (separators <= most_separators) continue;
    best = charset;
    most_separators = separators;
  }
  return best;
}

Result<DecodedText> finish(DecodedText decoded) {
  // A converted text may hold NULs of its own; what uses texts later need not know them.
  if (!decoded.converted || decoded.text.find('\0') == std::string::npos) return decoded;
  std::string clean;
  clean.reserve(decoded.text.size() + 64);
  for (const char c : decoded.text) {
    if (c == '\0') {
      clean += utf8_replacement;
    } else {
      clean += c;
    }
  }
  return DecodedText{std::move(clean), true, true};
}

Result<DecodedText> decode_wide(std::string_view bytes, std::string_view charset) {
  std::optional<DecodedText> decoded = convert_plausibly(bytes, std::string(charset), some);
  if (!decoded) return binary_file(bytes);
  return finish(std::move(*decoded));
}

Result<DecodedText> decode_with_nuls(std::string bytes) {
  if (const std::string charset = bare_utf16_charset(bytes); !charset.empty()) {
    std::optional<DecodedText> decoded = convert_plausibly(bytes, charset, a_little);
    if (decoded) return finish(std::move(*decoded));
  }
  const auto nuls = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
  const bool few = bytes.size() >= 4096 && nuls <= bytes.size() / 1024;
  if (!few || controls_per_mille(bytes) >= 10 || !is_valid_utf8(bytes)) return binary_file(bytes);
  return finish({std::move(bytes), true, true});
}

bool is_iso_2022_jp(std::string_view bytes) {
  return bytes.find("\x1B$B") != bytes.npos || bytes.find("\x1B$@") != bytes.npos;
}

}  // namespace

bool has_wide_bom(std::string_view bytes) { return !wide_bom_charset(bytes).empty(); }

Result<DecodedText> decode_text(std::string bytes, std::string_view declared) {
  if (!binary_format(bytes).empty()) return binary_file(bytes);
  if (const std::string_view charset = wide_bom_charset(bytes); !charset.empty()) {
    return decode_wide(bytes, charset);
  }
  if (bytes.find('\0') != std::string::npos) return decode_with_nuls(std::move(bytes));

  const std::size_t controls = controls_per_mille(bytes);
  const std::size_t good = valid_utf8_prefix(bytes);
  if (good == bytes.size()) {
    if (controls >= 100) return binary_file(bytes);
    if (!is_iso_2022_jp(bytes)) return DecodedText{std::move(bytes)};
    std::optional<DecodedText> japanese = convert_plausibly(bytes, "ISO-2022-JP", a_little);
    if (japanese && !japanese->lossy) return finish(std::move(*japanese));
    return DecodedText{std::move(bytes)};
  }
  if (controls >= 20) return binary_file(bytes);

  const Utf8Census census = take_utf8_census(std::string_view(bytes).substr(good));
  const Utf8Census before = take_utf8_census(std::string_view(bytes).substr(0, good));
  if (census.undecodable <= census.multibyte + before.multibyte) {
    return DecodedText{make_valid_utf8(std::move(bytes)).text, true, true};
  }
  for (const std::string& charset : {std::string(declared), guess_charset(bytes)}) {
    if (charset.empty()) continue;
    std::optional<DecodedText> decoded = convert_plausibly(bytes, charset, little_in_letters);
    if (decoded) return finish(std::move(*decoded));
  }
  return DecodedText{make_valid_utf8(std::move(bytes)).text, true, true};
}

std::string declared_encoding(std::string_view bytes) {
  std::string head(bytes.substr(0, 4096));
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto value_after = [](std::string_view tag, std::string_view attribute) -> std::string {
    std::size_t pos = tag.find(attribute);
    if (pos == tag.npos) return {};
    pos = tag.find_first_not_of(" \t\r\n", pos + attribute.size());
    if (pos == tag.npos || tag[pos] != '=') return {};
    pos = tag.find_first_not_of(" \t\r\n\"'", pos + 1);
    if (pos == tag.npos) return {};
    const std::size_t end = std::min(
        tag.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.:", pos), tag.size());
    return std::string(tag.substr(pos, end - pos));
  };
  const auto tag_at = [&](std::size_t start) {
    return std::string_view(head).substr(start, head.find('>', start) - start);
  };
  const std::size_t begin = head.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (begin != std::string::npos && head.compare(begin, 5, "<?xml") == 0) {
    std::string encoding = value_after(tag_at(begin), "encoding");
    if (!encoding.empty()) return encoding;
  }
  for (std::size_t at = head.find("<meta"); at != std::string::npos;
       at = head.find("<meta", at + 1)) {
    std::string encoding = value_after(tag_at(at), "charset");
    if (!encoding.empty()) return encoding;
  }
  return {};
}

}  // namespace callslip
