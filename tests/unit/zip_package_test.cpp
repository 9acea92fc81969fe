#include "index/formats/office/zip_package.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/document_zip.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

bool all(std::string_view) { return true; }

TEST(ZipPackage, FindsPartsWhateverTheirCase) {
  const Result<ZipPackage> package =
      ZipPackage::open(zip_of({{"Word\\Document.xml", "x"}, {"a/b.txt", "y"}}), all);
  ASSERT_TRUE(package.ok());
  ASSERT_NE(package->find("/word/document.xml"), nullptr);
  EXPECT_EQ(*package->find("A/B.TXT"), "y");
  EXPECT_EQ(package->find("a/c.txt"), nullptr);
}

TEST(ZipPackage, UnpacksOnlyWhatIsWanted) {
  const Result<ZipPackage> package =
      ZipPackage::open(zip_of({{"a.xml", "x"}, {"b.png", "y"}}),
                       [](std::string_view name) { return name == "a.xml"; });
  ASSERT_TRUE(package.ok());
  EXPECT_EQ(package->find("b.png"), nullptr);
  EXPECT_EQ(package->names().size(), 2U);
}

TEST(ZipPackage, RefusesABomb) {
  const ZipPackage::Limits limits{.entries = 3, .part = 2U << 20, .total = 3U << 20};
  const string large(3U << 20, '\0');
  const string medium(3U << 19, '\0');
  const string message = "unpacks to more than 2 MiB a part or 3 MiB in all";
  const Result<ZipPackage> one = ZipPackage::open(zip_of({{"bomb.xml", large}}), all, limits);
  ASSERT_FALSE(one.ok());
  EXPECT_EQ(one.error().message, message);
  EXPECT_TRUE(ZipPackage::open(zip_of({{"a", medium}, {"b", medium}}), all, limits).ok());
  const ZipParts three{{"a", medium}, {"b", medium}, {"c", "x"}};
  EXPECT_EQ(ZipPackage::open(zip_of(three), all, limits).error().message, message);
  const ZipParts many{{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}};
  EXPECT_EQ(ZipPackage::open(zip_of(many), all, limits).error().message,
            "ZIP file of more than 3 entries");
}

TEST(ZipPackage, ReadsWhatIsLeftOfATruncatedOne) {
  string zip = zip_of({{"a.xml", string(1000, 'a')}, {"b.xml", string(100'000, 'b')}});
  zip.resize(zip.size() - 120);
  const Result<ZipPackage> package = ZipPackage::open(zip, all);
  ASSERT_TRUE(package.ok());
  ASSERT_NE(package->find("a.xml"), nullptr);
  EXPECT_EQ(package->find("a.xml")->size(), 1000U);
  EXPECT_FALSE(ZipPackage::open("PK\x03\x04 nothing", all).ok());
}

TEST(ZipPackage, ResolvesReferencesWithinThePackage) {
  EXPECT_EQ(resolve_part("ppt/slides/slide1.xml", "../media/A.xml"), "ppt/media/a.xml");
  EXPECT_EQ(resolve_part("word/document.xml", "/word/x.xml"), "word/x.xml");
  EXPECT_EQ(resolve_part("a/b.xml", "../../../etc/passwd"), "etc/passwd");
  EXPECT_EQ(resolve_part("book.opf", "./text/1.html"), "text/1.html");
}

TEST(ZipDocuments, SayWhatTheyAreNot) {
  EXPECT_EQ(parse_file("a.docx", zip_of({{"readme.txt", "x"}})).status.error().message,
            "ZIP file that holds no document (none of DOCX, PPTX, XLSX, ODF, EPUB)");
  const string binary =
      zip_of({{"_rels/.rels", relations_xml({{"r", "officeDocument", "xl/workbook.bin"}})},
              {"xl/workbook.bin", "x"}});
  EXPECT_EQ(parse_file("a.xlsb", binary).status.error().message,
            "binary workbook (XLSB) is not read; save it as XLSX to have it read");
}

TEST(ZipDocuments, AreBoundedInDepth) {
  string deep;
  for (int i = 0; i < 5000; ++i) deep += "<w:sdt>";
  const Parsed parsed =
      parse_file("a.docx", zip_of({{"word/document.xml", "<w:document><w:body>" + deep}}));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().message, "XML nested more than 512 deep in word/document.xml");
}

}  // namespace
}  // namespace callslip
