#include "index/extract/pdf_headings.h"

#include <gtest/gtest.h>

namespace callslip {
namespace {

constexpr std::string_view kText =
    "Contents\n1 Install\n2 Use\n"          // page 1
    "1  Install\nGet it.\n1.1 On Debian\n"  // page 2
    "2 Use\nA long title that takes\ntwo lines\nText.\n";

const std::vector<Part> kPages{{0, PartKind::page, 1, ""},
                               {kText.find("1  Install"), PartKind::page, 2, ""},
                               {kText.rfind("2 Use"), PartKind::page, 3, ""}};

std::string outline(const std::vector<WantedHeading>& wanted) {
  std::string out;
  for (const Heading& heading : place_headings(kText, kPages, wanted)) {
    const std::size_t end = kText.find('\n', heading.byte_start);
    out += std::to_string(heading.level) + " " +
           std::string(kText.substr(heading.byte_start, end - heading.byte_start)) + "|";
  }
  return out;
}

TEST(PdfHeadings, FindsTheLinesOfTitlesOnTheirPages) {
  EXPECT_EQ(outline({{"1. Install", 1, 1},
                     {"1.1 On Debian", 2, 1},
                     {"2 Use", 1, 2},
                     {"A long title that takes two lines", 2, 2}}),
            "1 1  Install|2 1.1 On Debian|1 2 Use|2 A long title that takes|");
}

TEST(PdfHeadings, FallsBackOnTheBeginningOfThePage) {
  EXPECT_EQ(outline({{"Something else", 1, 1}}), "1 1  Install|");
  EXPECT_EQ(outline({{"No such page", 1, 7}, {"...", 1, 1}}), "");
}

TEST(PdfHeadings, Ascend) {
  const auto headings = place_headings(
      kText, kPages, {{"2 Use", 1, 2}, {"1 Install", 1, 1}, {"x", 1, 2}, {"y", 1, 2}});
  for (std::size_t i = 1; i < headings.size(); ++i) {
    EXPECT_LT(headings[i - 1].byte_start, headings[i].byte_start);
  }
  EXPECT_FALSE(headings.empty());
}

}  // namespace
}  // namespace callslip
