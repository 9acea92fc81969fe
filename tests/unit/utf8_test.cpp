#include "index/text/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace callslip {
namespace {

using std::string;

TEST(Utf8, AcceptsEveryLengthOfSequenceAtItsLimits) {
  for (const char* good :
       {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
}

TEST(Utf8, RejectsOverlongSurrogatesAndTooLarge) {
  for (const char* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xC2", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  }
}

TEST(Utf8, FindsABadByteWhereverItStands) {
  for (std::size_t at = 0; at < 100; ++at) {
    string text(100, 'x');
    text[at] = '\xFF';
    EXPECT_EQ(valid_utf8_prefix(text), at);
    EXPECT_EQ(valid_utf8_prefix(string(at, 'x') + "\xE2\x82"), at);
    EXPECT_TRUE(is_valid_utf8(string(at, 'x') + "\xE2\x82\xAC" + string(at, 'y')));
  }
}

TEST(Utf8, AgreesWithAStraightforwardDecoderOnAllThreeByteStrings) {
  // Every lead byte with the continuation bytes at which the rules change.
  const std::vector<int> trail = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  for (int a = 0; a < 256; ++a) {
    for (const int b : trail) {
      for (const int c : trail) {
        const string text{static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
        bool valid = true;
        for (std::size_t pos = 0; pos < text.size();) {
          const CodePoint decoded = decode_utf8(text, pos);
          valid = valid && decoded.valid;
          pos += decoded.length;
        }
        EXPECT_EQ(is_valid_utf8(text), valid) << a << ' ' << b << ' ' << c;
        EXPECT_EQ(make_valid_utf8(text).lossy, !valid);
        EXPECT_TRUE(is_valid_utf8(make_valid_utf8(text).text));
      }
    }
  }
}

TEST(Utf8, ReplacesEachMaximalSubpartOnce) {
  const string r(utf8_replacement);
  const std::vector<std::pair<string, string>> cases = {
      {"a\xFF"
       "b",
       "a" + r + "b"},
      {"\xE2\x82", r},                              // one that was cut off
      {"\xE2\x82z", r + "z"},                       // one that was broken off
      {"\xF0\x9F\x98x", r + "x"},                   //
      {"\xC0\x80", r + r},                          // neither byte can begin anything
      {"\xED\xA0\x80", r + r + r},                  // a surrogate
      {"\xF4\x90\x80\x80", r + r + r + r},          // above U+10FFFF
      {"\xE2\x82\xE2\x82\xAC", r + "\xE2\x82\xAC"}  // the second one is whole
  };
  for (const auto& [bytes, expected] : cases) {
    const ValidUtf8 repaired = make_valid_utf8(bytes);
    EXPECT_EQ(repaired.text, expected);
    EXPECT_TRUE(repaired.lossy);
  }
}

TEST(Utf8, DoesNotCopyValidText) {
  string text(1000, 'x');
  const auto address = reinterpret_cast<std::uintptr_t>(text.data());
  const ValidUtf8 same = make_valid_utf8(std::move(text));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(same.text.data()), address);
  EXPECT_FALSE(same.lossy);
}

TEST(Utf8, DecodesWhatItEncodes) {
  for (char32_t c : {0x0U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    string text = "x";
    append_utf8(text, c);
    const CodePoint decoded = decode_utf8(text, 1);
    EXPECT_TRUE(decoded.valid);
    EXPECT_EQ(decoded.value, c);
    EXPECT_EQ(decoded.length, text.size() - 1);
  }
  string text;
  append_utf8(text, 0xD800);
  append_utf8(text, 0x110000);
  EXPECT_EQ(text, string(utf8_replacement) + string(utf8_replacement));
  EXPECT_EQ(decode_utf8("a", 1).length, 0U);
  EXPECT_EQ(decode_utf8("\xE2\x82!", 0).length, 2U);
}

TEST(Utf8, KnowsBoundaries) {
  const string text = "a\xE2\x82\xAC!";
  const std::vector<bool> expected = {true, true, false, false, true, true, false};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(is_utf8_boundary(text, i), expected[i]) << i;
  }
  EXPECT_TRUE(is_utf8_boundary("", 0));
  EXPECT_EQ(utf8_floor(text, 3), 1U);
  EXPECT_EQ(utf8_floor(text, 4), 4U);
  EXPECT_EQ(utf8_floor(text, 99), text.size());
}

TEST(Utf8, CountsWhatIsValidAndWhatIsNot) {
  const Utf8Census census = take_utf8_census("a\xC3\xA9\xFFz\xE2\x82");
  EXPECT_EQ(census.multibyte, 1U);
  EXPECT_EQ(census.undecodable, 2U);
}

}  // namespace
}  // namespace callslip
