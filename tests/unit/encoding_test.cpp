#include "index/text/encoding.h"

#include <gtest/gtest.h>
#include <unicode/ucnv.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/text/utf8.h"

namespace callslip {
namespace {

using std::string;
using namespace std::string_view_literals;

const string russian =
    "Каталог карточек хранит сведения о каждой книге библиотеки: автор, название, год издания. "
    "Читатель заполняет требование и ждёт, пока книгу принесут из закрытого фонда.\n";
const string chinese =
    "图书馆的每一本书都有一张卡片，上面写着作者、书名和出版年份。读者填写索书单，然后等待馆员从书库"
    "中取出"
    "所需的图书。\n";
const string traditional =
    "圖書館的每一本書都有一張卡片，上面寫著作者、書名和出版年份。讀者填寫索書單。\n";
const string japanese =
    "図書館の本にはそれぞれカードがあり、著者と書名と出版年が書かれています。読者は請求票に記入して"
    "待ちます。\n";
const string korean =
    "도서관의 모든 책에는 카드가 있으며 저자와 제목과 출판 연도가 적혀 있습니다. 독자는 청구서를 "
    "작성합니다.\n";
const string french =
    "Chaque livre de la bibliothèque possède une fiche : auteur, titre, année. Le lecteur "
    "remplit un bulletin, puis il attend. Où est-il déjà passé ?\n";

string encode(const string& utf8, const char* charset) {
  UErrorCode error = U_ZERO_ERROR;
  string out(utf8.size() * 4 + 16, '\0');
  const int32_t length =
      ucnv_convert(charset, "UTF-8", out.data(), static_cast<int32_t>(out.size()), utf8.data(),
                   static_cast<int32_t>(utf8.size()), &error);
  EXPECT_TRUE(U_SUCCESS(error) != 0) << charset << ": " << u_errorName(error);
  out.resize(static_cast<std::size_t>(length));
  return out;
}

DecodedText decode(string bytes, std::string_view declared = {}) {
  Result<DecodedText> decoded = decode_text(std::move(bytes), declared);
  EXPECT_TRUE(decoded.ok()) << (decoded.ok() ? "" : decoded.error().message);
  return decoded.ok() ? std::move(*decoded) : DecodedText{};
}

string refusal(string bytes) {
  const Result<DecodedText> decoded = decode_text(std::move(bytes));
  if (decoded.ok()) return "(accepted)";
  EXPECT_EQ(decoded.error().kind, ErrorKind::unsupported);
  return decoded.error().message;
}

TEST(Encoding, LeavesUtf8AsItIs) {
  for (const string& text : {string(), string("plain\r\ntext\r\n"), "\xEF\xBB\xBF" + russian,
                             chinese, string("\x1B[1mbold\x1B[0m\a\b\f\v\ttab"), string("%PD")}) {
    const DecodedText decoded = decode(text);
    EXPECT_EQ(decoded.text, text);
    EXPECT_FALSE(decoded.converted);
    EXPECT_FALSE(decoded.lossy);
  }
}

TEST(Encoding, DoesNotCopyUtf8) {
  string text(100000, 'x');
  const auto address = reinterpret_cast<std::uintptr_t>(text.data());
  const DecodedText same = decode(std::move(text));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(same.text.data()), address);
}

TEST(Encoding, ConvertsLegacyEncodings) {
  const std::vector<std::pair<const string*, const char*>> cases = {
      {&russian, "windows-1251"}, {&russian, "KOI8-R"},       {&russian, "IBM866"},
      {&russian, "ISO-8859-5"},   {&chinese, "GBK"},          {&chinese, "gb18030"},
      {&traditional, "Big5"},     {&japanese, "windows-31j"}, {&japanese, "EUC-JP"},
      {&japanese, "ISO-2022-JP"}, {&korean, "windows-949"},   {&french, "windows-1252"},
      {&french, "ISO-8859-1"},    {&russian, "UTF-16LE"},     {&chinese, "UTF-16LE"},
      {&french, "UTF-16BE"},      {&french, "UTF-16LE"},      {&korean, "UTF-16BE"}};
  for (const auto& [text, charset] : cases) {
    const DecodedText decoded = decode(encode(*text, charset));
    EXPECT_EQ(decoded.text, *text) << charset;
    EXPECT_TRUE(decoded.converted) << charset;
    EXPECT_FALSE(decoded.lossy) << charset;
  }
}

TEST(Encoding, ConvertsUtf16And32WithBom) {
  for (const string& text : {russian, chinese, string("A"), string("x\xF0\x9F\x98\x80y\r\n")}) {
    for (const char* charset : {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"}) {
      const DecodedText decoded = decode(encode("\xEF\xBB\xBF" + text, charset));
      EXPECT_EQ(decoded.text, text) << charset;
      EXPECT_TRUE(decoded.converted);
    }
  }
}

TEST(Encoding, MarksUtf16WithALoneSurrogateAsLossy) {
  string bytes = encode("\xEF\xBB\xBFsome text of a file", "UTF-16LE");
  bytes += "\x3D\xD8!\0"sv;
  const DecodedText decoded = decode(bytes);
  EXPECT_EQ(decoded.text, "some text of a file" + string(utf8_replacement) + "!");
  EXPECT_TRUE(decoded.lossy);
}

TEST(Encoding, RecognisesKoreanAndChineseAmongEnglish) {
  const string english(2000, 'a');
  for (const auto& [text, charset] :
       {std::pair(korean, "EUC-KR"), std::pair(traditional, "Big5"), std::pair(chinese, "GB2312"),
        std::pair(japanese, "EUC-JP")}) {
    std::string mixed = english;
    mixed.append(" ").append(text);
    EXPECT_EQ(decode(encode(mixed, charset)).text, mixed) << charset;
  }
}

TEST(Encoding, TakesAFewWesternLettersForWindows1252) {
  EXPECT_EQ(decode("caf\xE9").text, "café");
  EXPECT_EQ(decode("it\x92s 20 \xB0"
                   "C \x97 fine")
                .text,
            "it’s 20 °C — fine");
  EXPECT_EQ(decode("\x93quoted\x94 \x80 5").text, "“quoted” € 5");
}

TEST(Encoding, RepairsUtf8WithMistakes) {
  const string r(utf8_replacement);
  DecodedText decoded = decode(russian + "\xFF\xFE broken " + russian);
  EXPECT_EQ(decoded.text, russian + r + r + " broken " + russian);
  EXPECT_TRUE(decoded.lossy);
  EXPECT_TRUE(decoded.converted);
  decoded = decode("un seul accent é et une coupure \xC3");
  EXPECT_EQ(decoded.text, "un seul accent é et une coupure " + r);
  EXPECT_TRUE(decoded.lossy);
}

TEST(Encoding, RepairsWhatFitsNoEncoding) {
  const DecodedText decoded = decode("plain text \xFF\xFE and more of it");
  EXPECT_TRUE(is_valid_utf8(decoded.text));
  EXPECT_NE(decoded.text.find(utf8_replacement), string::npos);
  EXPECT_TRUE(decoded.lossy);
}

TEST(Encoding, HonoursADeclaredEncodingThatFits) {
  const string text = "Žluť";
  EXPECT_EQ(decode(encode(text, "windows-1250"), "windows-1250").text, text);
  EXPECT_EQ(decode(encode(russian, "ISO-8859-5"), "iso-8859-5").text, russian);
  EXPECT_EQ(decode(encode(russian, "KOI8-R"), "no-such-charset").text, russian);
  EXPECT_EQ(decode(russian, "iso-8859-1").text, russian) << "valid UTF-8 is UTF-8";
}

TEST(Encoding, NamesBinaryFormats) {
  EXPECT_EQ(refusal("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"), "PDF document");
  EXPECT_EQ(refusal("%PDF-1.4\nall ASCII"), "PDF document");
  EXPECT_EQ(refusal("\x7F"
                    "ELF\x02\x01\x01"),
            "program or library (ELF)");
  EXPECT_EQ(refusal("\x89PNG\r\n\x1A\n...."), "image (PNG)");
  EXPECT_EQ(refusal("\x1F\x8B\x08\x08zz"), "compressed file (gzip)");
  EXPECT_TRUE(refusal("PK\x03\x04rest").starts_with("ZIP archive"));
  EXPECT_EQ(refusal(string("GIF89a\x01\0\x01\0", 10)), "image (GIF)");
  EXPECT_EQ(refusal(string("MZ\x90\0\x03\0\0\0", 8)), "program or library (Windows)");
}

TEST(Encoding, RefusesNulsAndControlCharacters) {
  EXPECT_EQ(refusal(string("abc\0def", 7)), "binary file");
  EXPECT_EQ(refusal(string("abcd\0efg", 8)), "binary file");
  EXPECT_EQ(refusal(string(64, '\0')), "binary file");
  EXPECT_EQ(refusal(string(100, 'x') + string(50, '\x02')), "binary file");
  string noise;
  unsigned state = 1;
  for (int i = 0; i < 5000; ++i) {
    state = state * 1664525U + 1013904223U;
    noise += static_cast<char>(state >> 24U);
  }
  EXPECT_EQ(refusal(noise), "binary file");
  std::erase(noise, '\0');
  EXPECT_EQ(refusal(noise), "binary file");
}

TEST(Encoding, ReplacesAFewNulsInALargeCleanText) {
  string text(8192, 'x');
  text[100] = text[5000] = '\0';
  const DecodedText decoded = decode(text);
  EXPECT_EQ(decoded.text.size(), 8192U + 2 * 2);
  EXPECT_EQ(decoded.text.find('\0'), string::npos);
  EXPECT_TRUE(decoded.lossy);
  EXPECT_TRUE(decoded.converted);
  text.replace(200, 20, 20, '\0');
  EXPECT_EQ(refusal(text), "binary file");
}

TEST(Encoding, FindsTheDeclaredEncoding) {
  EXPECT_EQ(declared_encoding("<?xml version=\"1.0\" encoding=\"Windows-1251\"?><html>"),
            "windows-1251");
  EXPECT_EQ(declared_encoding("<html><meta charset=koi8-r>"), "koi8-r");
  EXPECT_EQ(declared_encoding("<META http-equiv='Content-Type' content='text/html; charset=Big5'>"),
            "big5");
  EXPECT_EQ(declared_encoding("<meta name=a><meta charset = \"gbk\" />"), "gbk");
  EXPECT_EQ(declared_encoding("<p>charset=gbk</p>"), "");
  EXPECT_EQ(declared_encoding("<meta charset="), "");
  EXPECT_EQ(declared_encoding(""), "");
}

}  // namespace
}  // namespace callslip
