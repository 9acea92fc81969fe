#include "index/extract/page_layout.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "index/extract/reading_order.h"

namespace callslip {
namespace {

constexpr double kSize = 10;

/// Words of a line of text, 5 points a character, at a place.
void write(std::vector<PageWord>& words, double x, double y, const std::u16string& line) {
  std::size_t start = 0;
  while (start < line.size()) {
    const std::size_t end = std::min(line.find(u' ', start), line.size());
    const double left = x + static_cast<double>(start) * 5;
    const double right = x + static_cast<double>(end) * 5;
    words.push_back(
        {left, y, right, y + 12, kSize, end < line.size(), true, line.substr(start, end - start)});
    start = end + 1;
  }
}

TEST(PageLayout, KeepsLinesAndPartsParagraphs) {
  std::vector<PageWord> words;
  write(words, 50, 100, u"The first line of a para-");
  write(words, 50, 113, u"graph, and the second.");
  write(words, 50, 150, u"Another one.");
  EXPECT_EQ(lay_out_page(words),
            "The first line of a para-\ngraph, and the second.\n\nAnother one.\n");
}

TEST(PageLayout, ReadsColumnsOfProseOneAfterTheOther) {
  std::vector<PageWord> words;
  for (int i = 0; i < 4; ++i) write(words, 50, 100 + 13.0 * i, u"the left column of the page");
  for (int i = 0; i < 4; ++i) write(words, 300, 100 + 13.0 * i, u"a column right of the other");
  const std::string text = lay_out_page(words);
  EXPECT_LT(text.rfind("left"), text.find("a column right")) << text;
}

TEST(PageLayout, ReadsColumnsWithANarrowGutter) {
  std::vector<PageWord> words;
  for (int i = 0; i < 6; ++i) write(words, 50, 100 + 13.0 * i, u"the left column of the page");
  const double right = 50 + 27 * 5 + 9;  // 9 points behind the longest line
  for (int i = 0; i < 6; ++i) write(words, right, 100 + 13.0 * i, u"a column right of the other");
  const std::string text = lay_out_page(words);
  EXPECT_LT(text.rfind("left"), text.find("a column right")) << text;
}

TEST(PageLayout, ReadsColumnsThatHoldListingsToo) {
  std::vector<PageWord> words;
  for (int i = 0; i < 20; ++i) {
    write(words, 50, 100 + 13.0 * i, u"the left column of the page, full");
    write(words, 250, 100 + 13.0 * i,
          i < 6 ? u"a column right of the other, full" : u"one(); // listing");
  }
  const std::string text = lay_out_page(words);
  EXPECT_LT(text.rfind("left"), text.find("a column right")) << text;
}

TEST(PageLayout, ReadsANarrowTextBesideAnotherForItself) {
  std::vector<PageWord> words;
  for (int i = 0; i < 4; ++i) write(words, 50, 107 + 26.0 * i, u"a short note");
  for (int i = 0; i < 8; ++i) {
    write(words, 150, 100 + 13.0 * i, u"the text that it stands beside, in full lines");
  }
  const std::string text = lay_out_page(words);
  EXPECT_LT(text.rfind("a short note"), text.find("the text")) << text;
}

TEST(PageLayout, LeavesALineInItsColumnThatIsTooLongForIt) {
  std::vector<PageWord> words;
  for (int i = 0; i < 8; ++i) {
    const bool is_long = i == 4;
    write(
        words, 50, 100 + 13.0 * i,
        is_long ? u"/usr/share/doc/a/word/that/cannot/be/parted" : u"the left column of the page");
    write(words, 250, 100 + 13.0 * i, u"a column right of the other");
  }
  const std::string text = lay_out_page(words);
  EXPECT_LT(text.find("/usr/share"), text.rfind("left")) << text;
  EXPECT_LT(text.rfind("left"), text.find("a column right")) << text;
}

TEST(PageLayout, KeepsALineAcrossBothColumnsBetweenThem) {
  std::vector<PageWord> words;
  for (int i = 0; i < 6; ++i) write(words, 50, 100 + 13.0 * i, u"the left column of the page");
  for (int i = 0; i < 6; ++i) write(words, 250, 100 + 13.0 * i, u"a column right of the other");
  write(words, 50, 190, u"A title that stands across both of the columns of a page, on its own");
  for (int i = 0; i < 6; ++i) write(words, 50, 220 + 13.0 * i, u"below left column of a page");
  for (int i = 0; i < 6; ++i) write(words, 250, 220 + 13.0 * i, u"below a column on the right");
  const std::string text = lay_out_page(words);
  EXPECT_LT(text.rfind("right of the other"), text.find("A title")) << text;
  EXPECT_LT(text.find("A title"), text.find("below left")) << text;
}

TEST(PageLayout, RemembersWhereThePagesBeforeHadTheirColumns) {
  std::vector<PageWord> prose;
  for (int i = 0; i < 8; ++i) write(prose, 50, 100 + 13.0 * i, u"the left column of the page");
  for (int i = 0; i < 8; ++i) write(prose, 250, 100 + 13.0 * i, u"a column right of the other");
  std::vector<PageWord> files;
  for (int i = 0; i < 8; ++i) write(files, 50, 100 + 13.0 * i, u"/usr/bin");
  for (int i = 0; i < 8; ++i) write(files, 250, 100 + 13.0 * i, u"/usr/lib");
  PageGutters gutters;
  EXPECT_EQ(lines_of_page(files, &gutters).front().text, "/usr/bin  /usr/lib");
  lines_of_page(prose, &gutters);
  EXPECT_EQ(lines_of_page(files, &gutters).front().text, "/usr/bin");
}

TEST(PageLayout, TakesNoIndentedListingForColumns) {
  std::vector<PageWord> words;
  for (int i = 0; i < 12; ++i) {
    write(words, i % 2 == 0 ? 150 : 50, 100 + 13.0 * i,
          i % 2 == 0 ? u"counter packets 0 bytes 0 jump" : u"DOCKER-USER");
  }
  const std::string text = lay_out_page(words);
  EXPECT_TRUE(text.starts_with("counter packets 0 bytes 0 jump\nDOCKER-USER\n")) << text;
}

TEST(PageLayout, ReadsListingsFromTheRightWhereTheDocumentIs) {
  std::vector<PageWord> prose;
  std::vector<PageWord> listings;
  for (int i = 0; i < 10; ++i) {
    for (const double x : {50.0, 250.0}) {
      write(prose, x, 100 + 13.0 * i,
            u"\u05D0\u05D1\u05D2 \u05D3\u05D4\u05D5 \u05D6\u05D7\u05D8 "
            u"\u05D0\u05D1\u05D2 \u05D3\u05D4\u05D5 \u05D6\u05D7\u05D8");
    }
    write(listings, 50, 100 + 13.0 * i, u"left();");
    write(listings, 250, 100 + 13.0 * i, u"right();");
  }
  PageGutters gutters;
  lines_of_page(prose, &gutters);
  const std::vector<PageLine> lines = lines_of_page(listings, &gutters);
  EXPECT_EQ(lines.front().text, "right();");
  EXPECT_EQ(lines.back().text, "left();");
}

TEST(PageLayout, LeavesLinesInTheirColumnsThatArePrintedOverTheNext) {
  std::vector<PageWord> words;
  for (int i = 0; i < 10; ++i) {
    const bool is_long = i == 4 || i == 5;
    write(words, 50, 100 + 13.0 * i,
          is_long ? u"see /usr/share/doc/a/word/that/cannot/be/parted/by/any"
                  : u"the left column of the page, which is full");
    write(words, 275, 101 + 13.0 * i, u"a column right of the other, full as well");
  }
  const std::string text = lay_out_page(words);
  EXPECT_LT(text.rfind("/by/any"), text.rfind("left")) << text;
  EXPECT_LT(text.rfind("left"), text.find("a column right")) << text;
}

TEST(PageLayout, KeepsLinesInTheirColumnThatHangOutOnALaterPage) {
  std::vector<PageWord> first;
  std::vector<PageWord> second;
  for (int i = 0; i < 40; ++i) {
    write(first, 50, 100 + 13.0 * i, u"the left column of the page");
    write(first, 250, 100 + 13.0 * i, u"a column right of the other");
    write(second, 50, 100 + 13.0 * i, u"the left column of the page");
    write(second, i >= 4 && i <= 6 ? 247 : 250, 100 + 13.0 * i, u"a column right of the other");
  }
  PageGutters gutters;
  lines_of_page(first, &gutters);
  const std::string text = text_of_lines(lines_of_page(second, &gutters));
  EXPECT_LT(text.rfind("left"), text.find("a column right")) << text;
}

TEST(PageLayout, PutsNoBlankBeforeAnIndex) {
  std::vector<PageWord> words;
  write(words, 50, 100, u"x");
  words.back().space_after = true;  // as the ends of an index are taken for
  PageWord index = words.back();
  index.left = words.back().right + 0.4;
  index.right = index.left + 3;
  index.top += 6;
  index.size = 6;
  index.text = u"1";
  words.push_back(index);
  EXPECT_EQ(lay_out_page(words), "x1\n");
}

TEST(PageLayout, PartsTheNumberOfAFootnoteFromItsText) {
  std::vector<PageWord> words;
  words.push_back({50, 97, 53, 104, 6, false, true, u"1"});
  words.push_back({53.2, 100, 80, 112, kSize, true, true, u"Note"});
  EXPECT_EQ(lay_out_page(words), "1 Note\n");
}

TEST(PageLayout, ReadsTablesRowByRow) {
  std::vector<PageWord> words;  // as they are found: column by column
  const char16_t* names[] = {u"Apples", u"Pears", u"Plums"};
  const char16_t* prices[] = {u"1.20", u"2.50", u"13.00"};
  for (int i = 0; i < 3; ++i) write(words, 50, 100 + 13.0 * i, names[i]);
  for (int i = 0; i < 3; ++i) write(words, 200, 100 + 13.0 * i, prices[i]);
  EXPECT_EQ(lay_out_page(words), "Apples  1.20\nPears  2.50\nPlums  13.00\n");
}

TEST(PageLayout, PutsRightToLeftTextInTheOrderOfReading) {
  EXPECT_EQ(reading_order(u"\u05DD\u05D5\u05DC\u05E9"), u"\u05E9\u05DC\u05D5\u05DD");
  EXPECT_EQ(reading_order(u"12 \u05DD\u05D5\u05DC\u05E9"), u"\u05E9\u05DC\u05D5\u05DD 12");
  EXPECT_EQ(reading_order(u"plain"), u"plain");
}

TEST(PageLayout, KeepsANumberBehindAWordInRightToLeftText) {
  // "(x2 + 10) " and a word, as they stand.
  EXPECT_EQ(reading_order(u")x2 + 10( \u05DD\u05D5\u05DC\u05E9"),
            u"\u05E9\u05DC\u05D5\u05DD (x2 + 10)");
}

TEST(PageLayout, KnowsBracketsThatAreMeantFromThoseThatLook) {
  // The word in brackets; from the right: opened, word, closed.
  std::vector<PageWord> meant;
  write(meant, 50, 100, u")\u05DD\u05D5\u05DC\u05E9( \u05D0\u05D1\u05D2");
  std::vector<PageWord> looks;
  write(looks, 50, 100, u"(\u05DD\u05D5\u05DC\u05E9) \u05D0\u05D1\u05D2");
  EXPECT_EQ(lay_out_page(meant), lay_out_page(looks));
  EXPECT_NE(lay_out_page(meant).find("("), std::string::npos);
  EXPECT_LT(lay_out_page(meant).find("("), lay_out_page(meant).find(")"));
}

TEST(PageLayout, LeavesContentsWithLeadersInTheirLines) {
  std::vector<PageWord> words;
  for (int i = 0; i < 8; ++i) {
    write(words, 50, 100 + 13.0 * i, u"A chapter about something");
    write(words, 250, 100 + 13.0 * i, u". . . . . . . . . . . . . . . . 17");
  }
  EXPECT_NE(lay_out_page(words).find("something  . . ."), std::string::npos) << lay_out_page(words);
}

TEST(PageLayout, PutsNoBlanksBetweenSpreadChineseCharacters) {
  std::vector<PageWord> words;
  for (int i = 0; i < 3; ++i) {
    words.push_back({50 + 14.0 * i, 100, 60 + 14.0 * i, 112, kSize, true, true, u"\u6587"});
  }
  EXPECT_EQ(lay_out_page(words), "\u6587\u6587\u6587\n");
}

TEST(PageLayout, TakesAnything) {
  EXPECT_EQ(lay_out_page({}), "");
  std::vector<PageWord> words(3);
  EXPECT_EQ(lay_out_page(words), "");
  words[1].text = u"\xD800";
  EXPECT_FALSE(lay_out_page(words).empty());
}

}  // namespace
}  // namespace callslip
