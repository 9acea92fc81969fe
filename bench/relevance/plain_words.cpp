#include "bench/relevance/plain_words.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <xapian.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace callslip::bench {
namespace {

constexpr std::array<std::string_view, 33> kStopWords{
    "a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "if",
    "in",  "into",  "is",   "it",    "no",    "not",  "of",   "on",  "or",  "such", "that",
    "the", "their", "then", "there", "these", "they", "this", "to",  "was", "will", "with"};

bool is_cjk(UChar32 c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xAC00 && c <= 0xD7AF);
}

bool is_word(UChar32 c) {
  return c == '_' || (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

bool is_apostrophe(UChar32 c) { return c == '\'' || c == 0x2019; }

std::string utf8_of(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

std::string stem(const std::string& word) {
  static const Xapian::Stem porter("porter");
  thread_local std::unordered_map<std::string, std::string> known;
  const bool ascii =
      std::all_of(word.begin(), word.end(), [](unsigned char c) { return c < 0x80; });
  if (word.size() < 3 || !ascii) return word;
  const auto [entry, fresh] = known.try_emplace(word);
  if (fresh) entry->second = porter(word);
  return entry->second;
}

void add_word(icu::UnicodeString word, std::vector<std::string>& words) {
  word.toLower(icu::Locale::getRoot());
  if (word.endsWith(u"'s", 2) || word.endsWith(u"\u2019s", 2)) word.truncate(word.length() - 2);
  const std::string utf8 = utf8_of(word);
  if (std::find(kStopWords.begin(), kStopWords.end(), utf8) == kStopWords.end()) {
    words.push_back(stem(utf8));
  }
}

}  // namespace

std::vector<std::string> plain_words(std::string_view utf8) {
  const auto text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<int>(utf8.size())));
  std::vector<std::string> words;
  const std::int32_t size = text.length();
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t start = i;
    if (is_cjk(text.char32At(i))) {
      while (i < size && is_cjk(text.char32At(i))) i = text.moveIndex32(i, 1);
      if (i - start == 1) words.push_back(utf8_of(text.tempSubStringBetween(start, i)));
      for (std::int32_t pair = start; pair + 1 < i; ++pair) {
        words.push_back(utf8_of(text.tempSubString(pair, 2)));
      }
    } else if (is_word(text.char32At(i))) {
      const auto in_word = [&](std::int32_t at) {
        return at < size && is_word(text.char32At(at)) && !is_cjk(text.char32At(at));
      };
      while (in_word(i) || (is_apostrophe(text.char32At(i)) && in_word(i + 1))) {
        i = text.moveIndex32(i, 1);
      }
      add_word(text.tempSubStringBetween(start, i), words);
    } else {
      i = text.moveIndex32(i, 1);
    }
  }
  return words;
}

}  // namespace callslip::bench
