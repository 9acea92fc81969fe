#include "index/formats/office/number_format.h"

#include <gtest/gtest.h>

#include <string>

#include "index/formats/office/sheet_number.h"

namespace callslip {
namespace {

std::string shown(double value, std::string_view code) {
  return NumberFormat(code).format(value, false);
}

TEST(NumberFormat, FillsDigits) {
  EXPECT_EQ(shown(1234.567, "0"), "1235");
  EXPECT_EQ(shown(1234.567, "#,##0.00"), "1,234.57");
  EXPECT_EQ(shown(0.5, "#.##"), ".5");
  EXPECT_EQ(shown(5, "000"), "005");
  EXPECT_EQ(shown(123456789, "000-00-0000"), "123-45-6789");
  EXPECT_EQ(shown(5551234567, "(000) 000-0000"), "(555) 123-4567");
  EXPECT_EQ(shown(1234567, "#,##0,"), "1,235");
  EXPECT_EQ(shown(0.125, "0.0%"), "12.5%");
  EXPECT_EQ(shown(12345, "0.00E+00"), "1.23E+04");
  EXPECT_EQ(shown(1.5, "# ?/?"), "1 1/2");
}

TEST(NumberFormat, ChoosesTheSection) {
  EXPECT_EQ(shown(-3, "0;(0);\"none\""), "(3)");
  EXPECT_EQ(shown(0, "0;(0);\"none\""), "none");
  EXPECT_EQ(shown(-3, "0.0"), "-3.0");
  EXPECT_EQ(shown(150, "[>=100]\"many\";0"), "many");
  EXPECT_EQ(shown(12.5, "[$\u20AC-407] #,##0.00"), "\u20AC 12.50");
  EXPECT_EQ(NumberFormat("0;-0;0;\"<\"@\">\"").format_text("x"), "<x>");
}

TEST(NumberFormat, WritesDatesAndTimes) {
  EXPECT_EQ(shown(45292, "yyyy-mm-dd"), "2024-01-01");
  EXPECT_EQ(shown(45292.75, "d mmm yy h:mm AM/PM"), "1 Jan 24 6:00 PM");
  EXPECT_EQ(shown(45351, "dddd, mmmm d"), "Thursday, February 29");
  EXPECT_EQ(shown(1.5, "[h]:mm:ss"), "36:00:00");
  EXPECT_EQ(shown(0.0000115741, "mm:ss.0"), "00:01.0");
  EXPECT_EQ(shown(1, "yyyy-mm-dd"), "1900-01-01");
  EXPECT_EQ(shown(61, "yyyy-mm-dd"), "1900-03-01");
  EXPECT_EQ(NumberFormat("yyyy-mm-dd").format(0, true), "1904-01-01");
  EXPECT_EQ(shown(-1, "yyyy-mm-dd"), "-1");
}

TEST(NumberFormat, RoundsTiesAwayFromZeroAsSheetsDo) {
  EXPECT_EQ(shown(0.5, "0"), "1");
  EXPECT_EQ(shown(2.5, "#,##0"), "3");
  EXPECT_EQ(shown(-1.005, "0.00"), "-1.01");
  EXPECT_EQ(shown(999.995, "#,##0.00"), "1,000.00");
  EXPECT_EQ(shown(0.0004, "0.000"), "0.000");
  EXPECT_EQ(shown(0.0005, "0.000"), "0.001");
  EXPECT_EQ(shown(0.04, "0"), "0");
  EXPECT_EQ(shown(123456789012345.0, "0.0"), "123456789012345.0");
  EXPECT_EQ(shown(1e18, "0"), "1000000000000000000");
  EXPECT_EQ(general_number(0.00001234), "0.00001234");
}

TEST(NumberFormat, NamesMonthsInTheFormatsLanguage) {
  EXPECT_EQ(shown(20379, "[$-407]d/\\ mmmm\\ yyyy"), "17. Oktober 1955");
  EXPECT_EQ(shown(20379, "[$-419]d mmmm yyyy"),
            "17 \u043E\u043A\u0442\u044F\u0431\u0440\u044F 1955");
  EXPECT_EQ(shown(20379, "[$-419]mmmm"), "\u043E\u043A\u0442\u044F\u0431\u0440\u044C");
  EXPECT_EQ(shown(20379, "[$-40C]dddd"), "lundi");
  EXPECT_EQ(shown(20379, "[$-409]dddd m/d"), "Monday 10/17");
  EXPECT_EQ(shown(20379, "[$-F800]dddd, mmmm d"), "Monday, October 17");
  EXPECT_EQ(shown(20379, "[$-FFFF]mmmm"), "October");
}

TEST(NumberFormat, ShowsPlainNumbersWhole) {
  EXPECT_EQ(general_number(0.1 + 0.2), "0.3");
  EXPECT_EQ(general_number(9780306406157), "9780306406157");
  EXPECT_EQ(general_number(-2.5), "-2.5");
  EXPECT_EQ(shown(42, "General"), "42");
  EXPECT_EQ(shown(42, "General\" pieces\""), "42 pieces");
}

}  // namespace
}  // namespace callslip
