// The formats that callslip-extract reads, through the process itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "index/extract/extractor.h"
#include "tests/support/small_archive.h"
#include "tests/support/small_pdf.h"

namespace callslip {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Read {
  std::vector<ParsedDocument> documents;
  std::vector<std::string> skipped;  // "path: reason"
  std::string problem;

  std::vector<std::string> members() const {
    std::vector<std::string> names;
    for (const ParsedDocument& document : documents) names.push_back(document.member);
    return names;
  }
};

Read read(const std::string& name, const std::string& bytes, const ParseOptions& options = {}) {
  static Extractor extractor;
  Read result;
  const Parser& parser = parser_for(name, std::string_view(bytes).substr(0, 4096));
  EXPECT_TRUE(parser.isolated()) << name;
  const Status status = extractor.parse(parser, name, bytes, options, [&](ParsedDocument document) {
    if (document.skipped.empty()) {
      result.documents.push_back(std::move(document));
    } else {
      result.skipped.push_back(document.member + ": " + document.skipped);
    }
    return Status();
  });
  if (!status) result.problem = status.error().message;
  return result;
}

std::string data_file(const std::string& name) {
  std::ifstream file(std::string(CALLSLIP_SOURCE_DIR) + "/tests/data/extract/" + name,
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

TEST(Pdf, HasPagesATitleAndItsOutlineAsHeadings) {
  SmallPdf pdf("A small manual");
  pdf.page({{72, 720, "First chapter", 18}, {72, 690, "Some words of the first page."}})
      .page({{72, 720, "Second chapter", 18}, {72, 690, "Words of the second page."}})
      .bookmark("First chapter", 0)
      .bookmark("Second chapter", 1);
  const Read result = read("a.pdf", pdf.bytes());
  ASSERT_EQ(result.documents.size(), 1U) << result.problem;
  const ParsedDocument& document = result.documents[0];
  EXPECT_EQ(document.text,
            "First chapter\n\nSome words of the first page.\n\n"
            "Second chapter\n\nWords of the second page.\n");
  EXPECT_EQ(document.title, "A small manual");
  EXPECT_EQ(document.type, "pdf");
  EXPECT_TRUE(document.extracted);
  ASSERT_EQ(document.parts.size(), 2U);
  EXPECT_EQ(document.parts[1].number, 2U);
  EXPECT_EQ(document.text.substr(document.parts[1].byte_start, 6), "Second");
  ASSERT_EQ(document.headings.size(), 2U);
  EXPECT_EQ(document.headings[1].text, "Second chapter");
  EXPECT_EQ(document.headings[1].byte_start, document.parts[1].byte_start);
}

TEST(Pdf, LeavesRunningHeadersAndPageNumbersOut) {
  SmallPdf pdf;
  std::string text = "The manual of everything\n\n";
  const char* subjects[] = {"cats", "dogs", "birds"};
  for (int i = 0; i < 3; ++i) {
    std::vector<SmallPdf::Line> lines = {{72, 760, "The manual of everything"}};
    for (int k = 0; k < 30; ++k) {
      const std::string line = "The line " + std::to_string(k * k) + " about " + subjects[i];
      lines.push_back({72, 700 - 15 * k, line});
      text += line + "\n";
    }
    lines.push_back({300, 30, "Page " + std::to_string(i + 1)});
    pdf.page(lines);
    if (i < 2) text += "\n";
  }
  const Read result = read("a.pdf", pdf.bytes());
  EXPECT_EQ(result.problem, "");
  ASSERT_EQ(result.documents.size(), 1U);
  EXPECT_EQ(result.documents[0].text, text);
  ASSERT_EQ(result.documents[0].parts.size(), 3U);
}

TEST(Pdf, KnowsTheSizeOfBitmapFontsByTheirLetters) {
  SmallPdf pdf;
  std::vector<SmallPdf::Line> lines;
  for (int i = 0; i < 6; ++i) {  // of twice the size, they would overlap
    lines.push_back({72, 720 - 14 * i, i % 2 == 0 ? "one" : "longer"});
    lines.push_back({i % 2 == 0 ? 93 : 111, 720 - 14 * i, i % 2 == 0 ? "word" : "two"});
  }
  const Read result = read("a.pdf", pdf.in_bitmaps().page(lines).bytes());
  ASSERT_EQ(result.documents.size(), 1U) << result.problem;
  EXPECT_EQ(result.documents[0].text,
            "one word\nlonger two\none word\nlonger two\none word\nlonger two\n");
}

TEST(Pdf, ReadsAnEncryptedFileWithItsPassword) {
  const std::string bytes = data_file("encrypted.pdf");  // the password: secret
  EXPECT_EQ(read("a.pdf", bytes).problem, "encrypted: give its password with --password");
  EXPECT_EQ(read("a.pdf", bytes, {{"wrong"}, false}).problem,
            "encrypted, and no --password that was given fits");
  const Read opened = read("a.pdf", bytes, {{"wrong", "secret"}, false});
  ASSERT_EQ(opened.documents.size(), 1U) << opened.problem;
  EXPECT_THAT(opened.documents[0].text, HasSubstr("Nobody reads this without the password."));
}

TEST(Pdf, SaysThatAScanIsAScanAndReadsItWhenAsked) {
  const std::string bytes = data_file("scanned.pdf");
  const Read scan = read("a.pdf", bytes);
  EXPECT_TRUE(scan.documents.empty());
  EXPECT_THAT(scan.problem, AllOf(StartsWith("scanned: "), HasSubstr("--ocr")));
  const Read recognised = read("a.pdf", bytes, {{}, true});
  if (recognised.problem.find("needs the data of tesseract") != std::string::npos) {
    GTEST_SKIP() << recognised.problem;
  }
  ASSERT_EQ(recognised.documents.size(), 1U) << recognised.problem;
  EXPECT_THAT(recognised.documents[0].text, HasSubstr("minutes of the library committee"));
}

TEST(Pdf, SaysWhatIsWrongWithADamagedFile) {
  EXPECT_THAT(read("a.pdf", "%PDF-1.4\nnothing").problem, StartsWith("damaged PDF"));
  EXPECT_THAT(read("a.pdf", "").problem, StartsWith("damaged PDF"));
  EXPECT_THAT(read("a.pdf", std::string(5000, '\xFF')).problem, StartsWith("damaged PDF"));
  EXPECT_EQ(read("a.pdf", SmallPdf().page({}).bytes()).problem, "there is no text in it");
}

TEST(Compressed, IsReadByTheNameWithoutItsEnding) {
  const std::string markdown = "# Notes\n\nSome text.\n";
  for (const auto& [kind, ending] :
       {std::pair(SmallArchive::gz, "gz"), std::pair(SmallArchive::bz2, "bz2"),
        std::pair(SmallArchive::xz, "xz"), std::pair(SmallArchive::zst, "zst")}) {
    const Read result =
        read("notes.md." + std::string(ending), make_archive(kind, {{"x", markdown, ""}}));
    ASSERT_EQ(result.documents.size(), 1U) << ending << result.problem;
    EXPECT_EQ(result.documents[0].text, markdown);
    EXPECT_EQ(result.documents[0].type, "markdown");
    EXPECT_EQ(result.documents[0].title, "Notes");
    EXPECT_TRUE(result.documents[0].extracted);
    EXPECT_EQ(result.documents[0].member, "");
  }
  EXPECT_THAT(read("a.txt.gz", "not gzip at all").problem, StartsWith("damaged"));
}

TEST(Archive, AMethodThatIsNotReadIsNoDamage) {
  std::string bytes = make_archive(SmallArchive::zip, {{"a.txt", "imploded, it says", ""}});
  constexpr char kImploded = 6;
  bytes[8] = kImploded;                           // in the member's head
  bytes[bytes.rfind("PK\1\2") + 10] = kImploded;  // and in the directory
  const Read result = read("a.zip", bytes);
  EXPECT_THAT(result.skipped, ElementsAre("a.txt: packed in a way that is not read (6: imploded)"));
}

TEST(Archive, MembersAreDocumentsAndTheOthersAreNamed) {
  const std::vector<SmallMember> members{
      {"readme.md", "# Read me\n", ""},
      {"src/main.c", "int main(void) { return 0; }\n", ""},
      {"logo.png", "\x89PNG\r\n\x1A\n rest", ""},
      {"link.md", "", "readme.md"},
      {".git/config", "[core]\n", ""},
      {"manual.pdf", SmallPdf().page({{72, 720, "Page one of the manual"}}).bytes(), ""}};
  for (const auto& [kind, name] :
       {std::pair(SmallArchive::zip, "a.zip"), std::pair(SmallArchive::tar, "a.tar"),
        std::pair(SmallArchive::tar_gz, "a.tar.gz")}) {
    const Read result = read(name, make_archive(kind, members));
    EXPECT_THAT(result.members(), ElementsAre("readme.md", "src/main.c", "manual.pdf")) << name;
    EXPECT_THAT(result.skipped,
                ElementsAre("logo.png: image (PNG)", "link.md: a link",
                            ".git/config: hidden: a name in its path begins with a dot"))
        << name;
    EXPECT_EQ(result.problem, "");
    ASSERT_EQ(result.documents.size(), 3U);
    EXPECT_EQ(result.documents[1].kind, TextKind::code);
    EXPECT_EQ(result.documents[2].parts.size(), 1U);
  }
}

TEST(Archive, NamesStayInsideAndApart) {
  const Read result =
      read("a.zip", make_archive(SmallArchive::zip, {{"../../etc/passwd.txt", "one", ""},
                                                     {"/etc/passwd.txt", "two", ""},
                                                     {"etc/passwd.txt", "three", ""}}));
  EXPECT_THAT(result.members(),
              ElementsAre("etc/passwd.txt", "etc/passwd (2).txt", "etc/passwd (3).txt"));
}

TEST(Archive, NestsSomeWayDown) {
  std::string inner = make_archive(SmallArchive::zip, {{"deep.txt", "at the bottom", ""}});
  const Read twice =
      read("a.zip",
           make_archive(
               SmallArchive::zip,
               {{"b/inner.zip", inner, ""},
                {"notes.txt.gz", make_archive(SmallArchive::gz, {{"x", "compressed", ""}}), ""}}));
  EXPECT_THAT(twice.members(), ElementsAre("b/inner.zip/deep.txt", "notes.txt.gz"));
  for (int i = 0; i < 6; ++i) {
    inner = make_archive(SmallArchive::zip, {{"inner.zip", inner, ""}});
  }
  const Read deep = read("a.zip", inner);
  EXPECT_TRUE(deep.documents.empty());
  ASSERT_EQ(deep.skipped.size(), 1U);
  EXPECT_THAT(deep.skipped[0], HasSubstr("nested more than 4 deep"));
}

TEST(Archive, CutsABombOff) {
  const std::string zeros(70U << 20, 'a');
  const std::string bomb = make_archive(SmallArchive::gz, {{"x", zeros, ""}});
  EXPECT_THAT(read("a.txt.gz", bomb).problem, HasSubstr("more than 250 times its size"));
  const Read archive =
      read("a.zip", make_archive(SmallArchive::zip, {{"fine.txt", "fine", ""},
                                                     {"zeros.txt", zeros, ""},
                                                     {"behind.txt", "behind", ""}}));
  EXPECT_THAT(archive.members(), ElementsAre("fine.txt"));
  EXPECT_THAT(archive.problem, HasSubstr("more than 250 times its size"));
}

TEST(Archive, OpensEncryptedMembersWithThePassword) {
  const std::string bytes =
      make_archive(SmallArchive::zip, {{"secret.txt", "the secret", ""}}, "open sesame");
  EXPECT_THAT(read("a.zip", bytes).skipped,
              ElementsAre("secret.txt: encrypted: give its password with --password"));
  EXPECT_THAT(read("a.zip", bytes, {{"open sesame"}, false}).members(), ElementsAre("secret.txt"));
}

TEST(Archive, KeepsWhatStandsBeforeTheDamage) {
  const std::string whole = make_archive(
      SmallArchive::tar, {{"a.txt", "first", ""}, {"b.txt", std::string(4000, 'b'), ""}});
  const Read cut = read("a.tar", whole.substr(0, 3000));
  EXPECT_THAT(cut.members(), ElementsAre("a.txt"));
  EXPECT_THAT(cut.problem + (cut.skipped.empty() ? "" : cut.skipped[0]), HasSubstr("damaged"));
}

}  // namespace
}  // namespace callslip
