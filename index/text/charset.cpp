#include "index/text/charset.h"

#include <uchardet/uchardet.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <span>
#include <utility>

#include "index/text/double_byte_charset.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t sample_size = std::size_t{64} * 1024;

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

/// Names that ICU does not know, or knows as the standard's subset of what people really write.
struct Alias {
  std::string_view name;
  const char* icu_name;
};
constexpr Alias aliases[] = {{"ascii", "windows-1252"},
                             {"us-ascii", "windows-1252"},
                             {"iso-8859-1", "windows-1252"},
                             {"iso8859-1", "windows-1252"},
                             {"latin1", "windows-1252"},
                             {"latin-1", "windows-1252"},
                             {"iso-8859-9", "windows-1254"},
                             {"iso-8859-11", "windows-874"},
                             {"tis-620", "windows-874"},
                             {"gb2312", "gb18030"},
                             {"gbk", "gb18030"},
                             {"x-gbk", "gb18030"},
                             {"cp936", "gb18030"},
                             {"shift_jis", "windows-31j"},
                             {"shift-jis", "windows-31j"},
                             {"sjis", "windows-31j"},
                             {"x-sjis", "windows-31j"},
                             {"euc-kr", "windows-949"},
                             {"uhc", "windows-949"},
                             {"ks_c_5601-1987", "windows-949"},
                             {"big5", "Big5-HKSCS"},
                             {"mac-cyrillic", "x-mac-cyrillic"},
                             {"x-mac-ukrainian", "x-mac-cyrillic"}};

std::string icu_name(const std::string& charset) {
  std::string lower = charset;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Alias& alias : aliases) {
    if (lower == alias.name) return alias.icu_name;
  }
  return charset;
}

Converter open_converter(const std::string& name) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(name.c_str(), &error), &ucnv_close);
  if (U_FAILURE(error) != 0) converter.reset();
  return converter;
}

/// ICU calls this for each sequence that it cannot decode.
void replace_and_count(const void* context, UConverterToUnicodeArgs* args, const char*, int32_t,
                       UConverterCallbackReason reason, UErrorCode* error) {
  if (reason > UCNV_IRREGULAR) return;  // a reset or the end, not a sequence
  ++*static_cast<std::size_t*>(const_cast<void*>(context));
  *error = U_ZERO_ERROR;
  const UChar replacement = 0xFFFD;
  ucnv_cbToUWriteUChars(args, &replacement, 1, 0, error);
}

bool is_odd(char32_t c) {
  if (c < 0x80) return c < 0x20 ? (c < 0x07 || (c > 0x0D && c != 0x1B)) : c == 0x7F;
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_UNASSIGNED:
    case U_CONTROL_CHAR:
    case U_PRIVATE_USE_CHAR:
    case U_SURROGATE:
      return true;
    default:
      return c == 0xFFFD;
  }
}

/// How bytes above ASCII stand in the text: alone inside Latin words, or in runs of their own.
struct HighBytes {
  std::size_t count = 0;
  std::size_t in_long_runs = 0;  // of three and more
  std::size_t western = 0;       // everyday letters and signs in windows-1252
  std::size_t runs = 0;
  std::size_t even_runs = 0;        // of an even length
  std::size_t runs_at_letters = 0;  // runs of one or two that touch an ASCII letter
};

/// Letters of the languages of Western Europe, their quotation marks, dashes and common signs.
bool is_western(unsigned char byte) {
  constexpr std::string_view signs =
      "\x80\x82\x84\x85\x8C\x91\x92\x93\x94\x95\x96\x97\x99\x9C\xA0\xA1\xA3\xA7\xA9\xAA\xAB\xAD\xAE"
      "\xB0\xB4\xB5\xB7\xBA\xBB\xBF";
  if (byte >= 0xC0) {
    constexpr std::string_view rare = "\xC3\xD0\xD7\xDD\xDE\xF0\xF7\xFD\xFE\xFF";
    return rare.find(static_cast<char>(byte)) == rare.npos;
  }
  return signs.find(static_cast<char>(byte)) != signs.npos;
}

HighBytes survey_high_bytes(std::string_view bytes) {
  HighBytes survey;
  const auto high = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]) >= 0x80U; };
  const auto letter = [&](std::size_t i) {
    return !high(i) && std::isalpha(static_cast<unsigned char>(bytes[i])) != 0;
  };
  for (std::size_t i = 0; i < bytes.size();) {
    if (!high(i)) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    for (; i < bytes.size() && high(i); ++i) {
      if (is_western(static_cast<unsigned char>(bytes[i]))) ++survey.western;
    }
    const std::size_t length = i - start;
    survey.count += length;
    ++survey.runs;
    if (length % 2 == 0) ++survey.even_runs;
    if (length >= 3) survey.in_long_runs += length;
    const bool touches = (start > 0 && letter(start - 1)) || (i < bytes.size() && letter(i));
    if (length <= 2 && touches) ++survey.runs_at_letters;
  }
  return survey;
}

/// From a little before the first byte above ASCII: what comes earlier tells nothing.
std::string_view telling_part(std::string_view bytes) {
  const std::size_t first = valid_utf8_prefix(bytes);
  const std::size_t margin = std::min<std::size_t>(first, 256);
  return bytes.substr(first - margin, sample_size);
}

std::string ask_uchardet(std::string_view bytes) {
  const std::unique_ptr<uchardet, decltype(&uchardet_delete)> detector(uchardet_new(),
                                                                       &uchardet_delete);
  if (uchardet_handle_data(detector.get(), bytes.data(), bytes.size()) != 0) return {};
  uchardet_data_end(detector.get());
  return uchardet_get_charset(detector.get());
}

/// The sample with the English taken out, which drowns the language that is looked for.
std::string without_ascii_letters(std::string_view sample) {
  std::string rest(sample);
  std::replace_if(
      rest.begin(), rest.end(), [](unsigned char c) { return c < 0x80U && std::isalnum(c) != 0; },
      ' ');
  return rest;
}

// uchardet's answers, by how it fared on text in known encodings: nearly always right; right or
// some other Latin one; mostly wrong, on short Western texts above all.
constexpr std::string_view trusted[] = {"GB18030",     "BIG5",         "EUC-KR",      "EUC-JP",
                                        "SHIFT_JIS",   "EUC-TW",       "UHC",         "KOI8-R",
                                        "IBM866",      "WINDOWS-1251", "ISO-8859-5",  "IBM855",
                                        "ISO-2022-JP", "ISO-2022-KR",  "WINDOWS-1256"};
constexpr std::string_view western_charsets[] = {"ISO-8859-1", "ISO-8859-15", "WINDOWS-1252",
                                                 "ASCII",      "UTF-8",       ""};
constexpr std::string_view far_fetched[] = {
    "IBM852",      "MAC-CENTRALEUROPE", "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-10",
    "ISO-8859-13", "ISO-8859-16",       "WINDOWS-1257", "WINDOWS-1258", "VISCII"};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<Conversion> convert_to_utf8(std::string_view bytes, const std::string& charset) {
  const Converter from = open_converter(icu_name(charset));
  const Converter to = open_converter("UTF-8");
  if (!from || !to) return std::nullopt;
  Conversion conversion;
  UErrorCode error = U_ZERO_ERROR;
  ucnv_setToUCallBack(from.get(), &replace_and_count, &conversion.undecodable, nullptr, nullptr,
                      &error);
  std::array<UChar, 8192> pivot{};
  std::array<char, 32768> buffer{};
  UChar* pivot_source = pivot.data();
  UChar* pivot_target = pivot.data();
  const char* source = bytes.data();
  const char* const source_end = source + bytes.size();
  conversion.text.reserve(bytes.size() + bytes.size() / 2);
  bool first = true;
  do {
    error = U_ZERO_ERROR;
    char* target = buffer.data();
    ucnv_convertEx(to.get(), from.get(), &target, buffer.data() + buffer.size(), &source,
                   source_end, pivot.data(), &pivot_source, &pivot_target,
                   pivot.data() + pivot.size(), static_cast<UBool>(first), 1, &error);
    conversion.text.append(buffer.data(), target);
    first = false;
  } while (error == U_BUFFER_OVERFLOW_ERROR);
  if (U_FAILURE(error) != 0) return std::nullopt;
  if (conversion.text.starts_with("\xEF\xBB\xBF")) conversion.text.erase(0, 3);
  return conversion;
}

std::string guess_charset(std::string_view bytes) {
  const std::string_view sample = telling_part(bytes);
  std::string guess = ask_uchardet(sample);
  if (contains(trusted, guess)) return guess;
  const HighBytes survey = survey_high_bytes(sample);
  const bool doubtful = contains(western_charsets, guess) || contains(far_fetched, guess);
  const bool western =
      survey.western * 10 >= survey.count * 9 && survey.in_long_runs * 5 <= survey.count;
  if (doubtful && western) return "windows-1252";
  const bool in_latin_words = survey.runs_at_letters * 2 >= survey.runs;
  if (!in_latin_words || survey.even_runs == survey.runs) {
    std::string double_byte = guess_double_byte_charset(sample);
    if (!double_byte.empty()) return double_byte;
  }
  if (doubtful && survey.in_long_runs * 2 >= survey.count) {
    std::string second = ask_uchardet(without_ascii_letters(sample));
    if (!contains(far_fetched, second)) return second;
  }
  // Nothing Western about it: rather say that it could not be decoded than make up letters.
  if (contains(western_charsets, guess) && survey.western * 3 < survey.count * 2) return {};
  return guess;
}

Oddity measure_oddity(std::string_view utf8) {
  const std::string_view sample = utf8.substr(0, utf8_floor(utf8, sample_size));
  std::size_t all = 0;
  std::size_t odd = 0;
  std::size_t wide = 0;
  std::size_t odd_wide = 0;
  for (std::size_t pos = 0; pos < sample.size();) {
    const CodePoint c = decode_utf8(sample, pos);
    pos += c.length;
    ++all;
    const bool outside = c.value >= 0x80;
    if (outside) ++wide;
    if (!is_odd(c.value)) continue;
    ++odd;
    if (outside) ++odd_wide;
  }
  Oddity oddity;
  if (all > 0) oddity.overall = (odd * 1000 + all - 1) / all;
  if (wide > 0) oddity.outside_ascii = (odd_wide * 1000 + wide - 1) / wide;
  return oddity;
}

}  // namespace callslip
