#include "index/extract/running_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace callslip {
namespace {

using Pages = std::vector<std::vector<PageLine>>;

PageLine line(const std::string& text, double top) { return {text, top, top + 12, false}; }

/// Ten lines of text, other ones on each page.
void add_text(std::vector<PageLine>& page, const std::string& word) {
  for (int i = 0; i < 10; ++i) page.push_back(line(word + " and " + word, 100 + 60.0 * i));
}

std::string text_of(const Pages& pages) {
  std::string text;
  for (const auto& page : pages) text += text_of_lines(page) + "|";
  return text;
}

std::string ten(const std::string& word) {
  std::vector<PageLine> page;
  add_text(page, word);
  return text_of_lines(page);
}

const char* const kWords[] = {"cat", "dog", "bird", "fish"};
const char* const kRoman[] = {"i", "ii", "iii", "iv"};
const char* const kYears[] = {"1914", "1871", "1945", "2001"};

TEST(RunningLines, TakesOutHeadersAndPageNumbers) {
  Pages pages;
  for (int i = 0; i < 3; ++i) {
    const std::string n = std::to_string(i + 1);
    auto& page = pages.emplace_back();
    page.push_back(line("A Manual of Animals  " + n, 30));
    add_text(page, kWords[i]);
    page.push_back(line("Page " + n + " of 3", 760));
  }
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages),
            "A Manual of Animals  1\n" + ten("cat") + "|" + ten("dog") + "|" + ten("bird") + "|");
}

TEST(RunningLines, KeepsNothingOfAHeaderThatTheTextHasElsewhere) {
  Pages pages;
  for (int i = 0; i < 3; ++i) {
    auto& page = pages.emplace_back();
    page.push_back(line("Cat and cat", 30));
    add_text(page, kWords[i]);
    page.push_back(line(std::to_string(i + 1), 760));
  }
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages), ten("cat") + "|" + ten("dog") + "|" + ten("bird") + "|");
}

TEST(RunningLines, KnowsHeadersThatChangeByTheirPageNumber) {
  Pages pages;
  for (int i = 0; i < 4; ++i) {
    auto& page = pages.emplace_back();
    page.push_back(line(std::string(kWords[i]) + "  " + std::to_string(17 + i), 30));
    add_text(page, kWords[i]);
  }
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages),
            ten("cat") + "|" + ten("dog") + "|" + ten("bird") + "|" + ten("fish") + "|");
}

TEST(RunningLines, KnowsRomanPageNumbers) {
  Pages pages;
  for (int i = 0; i < 4; ++i) {
    auto& page = pages.emplace_back();
    add_text(page, kWords[i]);
    page.push_back(line(kRoman[i], 760));
  }
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages),
            ten("cat") + "|" + ten("dog") + "|" + ten("bird") + "|" + ten("fish") + "|");
}

TEST(RunningLines, LeavesNumbersThatDoNotCountWithThePages) {
  Pages pages;
  for (int i = 0; i < 4; ++i) {
    auto& page = pages.emplace_back();
    page.push_back(line(kYears[i], 30));
    add_text(page, kWords[i]);
  }
  const std::string before = text_of(pages);
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages), before);
}

TEST(RunningLines, LeavesLinesOfTheTextThatComeAgain) {
  Pages pages;
  for (int i = 0; i < 3; ++i) {
    auto& page = pages.emplace_back();
    page.push_back(line("Ring the bell.", 87));  // close above the text
    add_text(page, kWords[i]);
  }
  const std::string before = text_of(pages);
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages), before);
}

TEST(RunningLines, LeavesTheTitlesOfSlides) {
  Pages pages;
  for (int i = 0; i < 3; ++i) {
    auto& page = pages.emplace_back();
    page.push_back({"Results", 20, 44, false});
    add_text(page, kWords[i]);
  }
  const std::string before = text_of(pages);
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages), before);
}

TEST(RunningLines, LeavesThemWhereThereIsNothingElse) {
  Pages pages;
  for (int i = 1; i <= 3; ++i) pages.push_back({line("Page " + std::to_string(i), 30)});
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages), "Page 1\n|Page 2\n|Page 3\n|");
}

TEST(RunningLines, LeavesTheTextOfASinglePage) {
  Pages pages(1);
  pages[0].push_back(line("Report", 30));
  add_text(pages[0], "cat");
  pages[0].push_back(line("1", 760));
  const std::string before = text_of(pages);
  remove_running_lines(pages);
  EXPECT_EQ(text_of(pages), before);
}

}  // namespace
}  // namespace callslip
