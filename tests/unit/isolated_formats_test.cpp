// Formats that callslip-extract parses. The parsers of Office files and mail are linked here and
// called in this process, so that the tests of each can be small; PDF and archives are not.
#include <gmock/gmock.h>

#include "index/formats/isolated_format.h"
#include "index/formats/isolated_parsers.h"

namespace callslip {
namespace {

const bool kInProcess = [] {
  use_isolated_parser(IsolatedFormat::package, &parse_package);
  use_isolated_parser(IsolatedFormat::compound, &parse_compound);
  use_isolated_parser(IsolatedFormat::rtf, &parse_rtf);
  use_isolated_parser(IsolatedFormat::mail, &parse_mail);
  return true;
}();

TEST(IsolatedFormats, AreToldByNameOrContent) {
  ASSERT_TRUE(kInProcess);
  const auto isolated = [](std::string_view name, std::string_view head) {
    return parser_for(name, head).isolated();
  };
  EXPECT_TRUE(isolated("report.pdf", "%PDF-1.7"));
  EXPECT_TRUE(isolated("report", "\xEF\xBB\xBF%PDF-1.7"));
  EXPECT_FALSE(isolated("login.pdf", "<!DOCTYPE html><html><title>Log in</title>"));
  EXPECT_TRUE(isolated("a.tar.gz", ""));
  EXPECT_TRUE(isolated("notes.txt.xz", ""));
  EXPECT_TRUE(isolated("letter", "{\\rtf1"));
  EXPECT_TRUE(isolated("inbox", "From ann@example.org Sat Jan  3 01:05:34 1996\n"));
  EXPECT_TRUE(isolated("saved", "From: a\nTo: b\nDate: c\nSubject: d\n\nText\n"));
  EXPECT_FALSE(isolated("notes.txt", "From here on, 10:30 is the time.\n"));
}

TEST(IsolatedFormats, AreNotReadWhereTheirParserIsNotLinked) {
  const Status status =
      parser_for("a.pdf", "%PDF-1.4").parse("a.pdf", "%PDF-1.4", {}, [](const auto&) {
        return Status();
      });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(status.error().message, testing::HasSubstr("callslip-extract"));
}

}  // namespace
}  // namespace callslip
