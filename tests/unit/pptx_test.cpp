#include <gtest/gtest.h>

#include <string>

#include "tests/unit/document_zip.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string paragraph(const string& text, const string& properties = {}) {
  return "<a:p>" + properties + "<a:r><a:t>" + text + "</a:t></a:r></a:p>";
}

/// A shape at that height; `placeholder`: its type, or none.
string shape(const string& placeholder, const string& paragraphs, int top) {
  const string ph = placeholder.empty() ? "" : "<p:ph type=\"" + placeholder + "\"/>";
  return "<p:sp><p:nvSpPr><p:nvPr>" + ph +
         "</p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"0\" y=\"" + std::to_string(top) +
         "\"/></a:xfrm></p:spPr><p:txBody>" + paragraphs + "</p:txBody></p:sp>";
}

string slide(const string& shapes, const string& attributes = {}) {
  return "<p:sld" + attributes + "><p:cSld><p:spTree>" + shapes + "</p:spTree></p:cSld></p:sld>";
}

string pptx(const std::vector<string>& slides, ZipParts more = {}) {
  string list;
  std::vector<Relation> relations;
  ZipParts parts{{"_rels/.rels", relations_xml({{"r", "officeDocument", "ppt/presentation.xml"}})}};
  for (std::size_t i = 0; i < slides.size(); ++i) {
    // The order is that of the list, not of the names.
    const string name = "slides/slide" + std::to_string(slides.size() - i) + ".xml";
    const string id = "rId" + std::to_string(i);
    list += "<p:sldId id=\"" + std::to_string(256 + i) + "\" r:id=\"" + id + "\"/>";
    relations.push_back({id, "slide", name});
    parts.emplace_back("ppt/" + name, slides[i]);
  }
  parts.emplace_back("ppt/_rels/presentation.xml.rels", relations_xml(relations));
  parts.emplace_back("ppt/presentation.xml",
                     "<p:presentation><p:sldIdLst>" + list + "</p:sldIdLst></p:presentation>");
  parts.insert(parts.end(), more.begin(), more.end());
  return zip_of(parts);
}

TEST(Pptx, MakesEachSlideAPartHeadedByItsTitle) {
  const ParsedDocument document = parse_document(
      "talk.pptx",
      pptx({slide(shape("body", paragraph("point") + paragraph("sub", "<a:pPr lvl=\"1\"/>"), 500) +
                  shape("title", paragraph("Welcome"), 100) + shape("sldNum", paragraph("1"), 900)),
            slide(shape("", paragraph("low"), 5'000'000) + shape("", paragraph("high"), 1000)),
            slide(shape("ctrTitle", paragraph("End"), 0), " show=\"0\"")}));
  EXPECT_EQ(document.text, "Welcome\n\n- point\n  - sub\n\nhigh\n\nlow\n\nEnd\n");
  EXPECT_EQ(outline_of(document), "1 Welcome|1 Slide 2|1 End");
  ASSERT_EQ(document.parts.size(), 3U);
  EXPECT_EQ(document.parts[1].number, 2U);
  EXPECT_EQ(document.parts[1].kind, PartKind::slide);
  EXPECT_EQ(document.parts[1].byte_start, document.text.find("high"));
  EXPECT_EQ(document.title, "Welcome");
  EXPECT_EQ(document.type, "pptx");
}

TEST(Pptx, NumbersListsAndWritesTables) {
  const string numbered = "<a:pPr><a:buAutoNum type=\"alphaLcParenR\"/></a:pPr>";
  const string table =
      "<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr><a:tc><a:txBody>" + paragraph("A") +
      "</a:txBody></a:tc><a:tc><a:txBody>" + paragraph("B") +
      "</a:txBody></a:tc></a:tr><a:tr><a:tc><a:txBody>" + paragraph("1") +
      "</a:txBody></a:tc><a:tc hMerge=\"1\"><a:txBody>" + paragraph("x") +
      "</a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>";
  EXPECT_EQ(parse_document(
                "a.pptx",
                pptx({slide(shape("", paragraph("one", numbered) + paragraph("two", numbered), 0) +
                            "<p:grpSp>" + table + "</p:grpSp>")}))
                .text,
            "a) one\nb) two\n\n| A | B |\n| --- | --- |\n| 1 | |\n");
}

TEST(Pptx, AddsNotesAndComments) {
  const string document =
      pptx({slide(shape("title", paragraph("T"), 0))},
           {{"ppt/slides/_rels/slide1.xml.rels",
             relations_xml({{"a", "notesSlide", "../notesSlides/n.xml"},
                            {"b", "comments", "../comments/c.xml"}})},
            {"ppt/notesSlides/n.xml",
             slide(shape("sldImg", "", 0) + shape("body", paragraph("Say hello."), 10) +
                   shape("sldNum", paragraph("7"), 20))},
            {"ppt/comments/c.xml",
             "<p:cmLst><p:cm authorId=\"9\"><p:text>Why?</p:text></p:cm>"
             "</p:cmLst>"}});
  EXPECT_EQ(parse_document("a.pptx", document).text, "T\n\nNotes:\nSay hello.\n\nComment: Why?\n");
}

}  // namespace
}  // namespace callslip
