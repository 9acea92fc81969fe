#include "plugin/documents/document_name.h"

#include <gtest/gtest.h>

#include "plugin/documents/base64.h"

namespace callslip {
namespace {

TEST(HandedName, IsAFileOrAFileInACollection) {
  EXPECT_EQ(parse_handed_name("report.md")->collection, "");
  EXPECT_EQ(parse_handed_name("report.md")->relative, "report.md");
  EXPECT_EQ(parse_handed_name("team/2024/C# für Anfänger.md")->collection, "team");
  EXPECT_EQ(parse_handed_name("team/2024/C# für Anfänger.md")->relative, "2024/C# für Anfänger.md");
}

TEST(HandedName, LeadsNowhereElseAndHidesNothing) {
  const std::string long_part(201, 'x');
  std::string deep = "a";
  for (int i = 0; i < 16; ++i) deep += "/a";
  for (const std::string& name : std::vector<std::string>{"",
                                                          "/etc/passwd",
                                                          "a//b",
                                                          "a/",
                                                          "..",
                                                          "../a",
                                                          "a/../b",
                                                          "a/.hidden",
                                                          ".git/config",
                                                          "a\\b",
                                                          "a\nb",
                                                          "a\tb",
                                                          std::string("a\0b", 3),
                                                          "a\x7F",
                                                          "a\xC2\x85",
                                                          "\xFF.md",
                                                          "a\xE2\x80\xAEgnp.md",
                                                          "a /b",
                                                          " a",
                                                          "a/ b",
                                                          long_part,
                                                          deep,
                                                          std::string(1025, 'a'),
                                                          "c.jsonl#5",
                                                          "team/c.NDJSON#5",
                                                          "!team/a.md"}) {
    const auto parsed = parse_handed_name(name);
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_argument);
    EXPECT_TRUE(parsed.error().message.starts_with("name: ")) << parsed.error().message;
  }
}

TEST(FileName, IsMadeFromWhatAnotherSideSays) {
  EXPECT_EQ(clean_file_name("Report 2024.pdf"), "Report 2024.pdf");
  EXPECT_EQ(clean_file_name("../../etc/passwd"), "etc-passwd");
  EXPECT_EQ(clean_file_name(".bashrc"), "bashrc");
  EXPECT_EQ(clean_file_name("a\nb\x01.md"), "ab.md");
  EXPECT_EQ(clean_file_name("..."), "");
  EXPECT_EQ(clean_file_name("\xFF\xFE"), "");
  const std::string cut = clean_file_name(std::string(500, 'x') + ".html");
  EXPECT_EQ(cut.size(), 100U);
  EXPECT_TRUE(cut.ends_with("xx.html"));
  for (const char* text : {"über/a#b.jsonl#7", "c.jsonl#1", " . x ", "a\\..\\b"}) {
    EXPECT_TRUE(parse_handed_name(clean_file_name(text))) << text;
  }
}

TEST(FileName, TakesTheExtensionOfItsMediaType) {
  EXPECT_EQ(with_extension("guide", "text/html; charset=utf-8"), "guide.html");
  EXPECT_EQ(with_extension("guide", "TEXT/Markdown"), "guide.md");
  EXPECT_EQ(with_extension("guide.txt", "text/html"), "guide.txt");
  EXPECT_EQ(with_extension("guide", "application/x-unheard-of"), "guide");
}

TEST(Base64, IsReadInBothAlphabetsWithAndWithoutPadding) {
  EXPECT_EQ(*decode_base64(""), "");
  EXPECT_EQ(*decode_base64("Zg=="), "f");
  EXPECT_EQ(*decode_base64("Zm8"), "fo");
  EXPECT_EQ(*decode_base64("Zm9v\r\nYmFy\n"), "foobar");
  EXPECT_EQ(*decode_base64("-_-_"), *decode_base64("+/+/"));
  EXPECT_EQ(*decode_base64("AP8="), std::string("\0\xFF", 2));
}

TEST(Base64, SaysWhereItIsNone) {
  EXPECT_EQ(decode_base64("Zm9v!mFy").error().message, "is not base64 from character 5 on");
  EXPECT_EQ(decode_base64("Zg==Zg==").error().message, "is not base64 from character 5 on");
  for (const char* text : {"Z", "Zm9vY", "Zg=", "Zm9v=", "===="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

}  // namespace
}  // namespace callslip
