#include <gtest/gtest.h>

#include <string>

#include "tests/unit/document_zip.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

/// A DOCX document of that body, and other parts.
string docx(const string& body, ZipParts more = {}) {
  ZipParts parts{
      {"[Content_Types].xml", "<Types/>"},
      {"_rels/.rels", relations_xml({{"rId1", "officeDocument", "word/document.xml"}})},
      {"word/_rels/document.xml.rels", relations_xml({{"rId1", "styles", "styles.xml"},
                                                      {"rId2", "numbering", "numbering.xml"},
                                                      {"rId3", "footnotes", "footnotes.xml"}})},
      {"word/document.xml", "<w:document xmlns:w=\"w\" xmlns:mc=\"mc\" xmlns:m=\"m\"><w:body>" +
                                body + "</w:body></w:document>"}};
  parts.insert(parts.end(), more.begin(), more.end());
  return zip_of(parts);
}

string p(const string& text, const string& properties = {}) {
  return "<w:p><w:pPr>" + properties + "</w:pPr><w:r><w:t xml:space=\"preserve\">" + text +
         "</w:t></w:r></w:p>";
}

const std::pair<string, string> styles{
    "word/styles.xml",
    "<w:styles xmlns:w=\"w\">"
    "<w:style w:type=\"paragraph\" w:styleId=\"T\"><w:name w:val=\"Title\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Uberschrift1\"><w:name w:val=\"heading 1\"/>"
    "<w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Own\"><w:name w:val=\"Mine\"/>"
    "<w:basedOn w:val=\"Uberschrift1\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Loop\"><w:basedOn w:val=\"Loop\"/></w:style>"
    "</w:styles>"};

string text_of(const string& body, const ZipParts& more = {}) {
  return parse_document("a.docx", docx(body, more)).text;
}

TEST(Docx, ReadsParagraphsHeadingsAndTitle) {
  const ParsedDocument document = parse_document(
      "report.docx",
      docx(p("The Report", "<w:pStyle w:val=\"T\"/>") +
               p("First", "<w:pStyle w:val=\"Uberschrift1\"/>") + p("Some  text.\xC2\xA0More.") +
               p("Second", "<w:pStyle w:val=\"Own\"/>") + p("Deep", "<w:outlineLvl w:val=\"2\"/>") +
               p("x", "<w:pStyle w:val=\"Loop\"/>"),
           {styles}));
  EXPECT_EQ(document.title, "The Report");
  EXPECT_EQ(document.type, "docx");
  EXPECT_TRUE(document.extracted);
  EXPECT_EQ(document.kind, TextKind::prose);
  EXPECT_EQ(document.text, "The Report\n\nFirst\n\nSome  text. More.\n\nSecond\n\nDeep\n\nx\n");
  EXPECT_EQ(outline_of(document), "1 First|1 Second|3 Deep");
}

TEST(Docx, LeavesOutDeletedHiddenAndFieldCodes) {
  EXPECT_EQ(
      text_of("<w:p><w:r><w:t>kept </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r>"
              "</w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr>"
              "<w:t>hidden</w:t></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>"
              "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r><w:hyperlink><w:r>"
              "<w:t> link</w:t></w:r></w:hyperlink></w:p>"),
      "kept new link\n");
  EXPECT_EQ(text_of(p("a") + "<w:moveFrom><w:r><w:t>x</w:t></w:r></w:moveFrom>"), "a\n");
}

TEST(Docx, KeepsBreaksTabsSymbolsAndFormulas) {
  EXPECT_EQ(text_of("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>"
                    "<w:sym w:font=\"Symbol\" w:char=\"F061\"/><w:noBreakHyphen/></w:r>"
                    "<m:oMath><m:f><m:num><m:r><m:t>x+1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t>"
                    "</m:r></m:den></m:f></m:oMath></w:p>"),
            "a\tb\nc\u03B1-(x+1)/2\n");
}

const std::pair<string, string> numbering{
    "word/numbering.xml",
    "<w:numbering xmlns:w=\"w\"><w:abstractNum w:abstractNumId=\"0\">"
    "<w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/>"
    "<w:lvlText w:val=\"%1.\"/></w:lvl>"
    "<w:lvl w:ilvl=\"1\"><w:start w:val=\"1\"/><w:numFmt w:val=\"lowerLetter\"/>"
    "<w:lvlText w:val=\"%1%2)\"/></w:lvl></w:abstractNum>"
    "<w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\"><w:numFmt w:val=\"bullet\"/>"
    "<w:lvlText w:val=\"o\"/></w:lvl></w:abstractNum>"
    "<w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>"
    "<w:num w:numId=\"2\"><w:abstractNumId w:val=\"1\"/></w:num>"
    "<w:num w:numId=\"3\"><w:abstractNumId w:val=\"0\"/><w:lvlOverride w:ilvl=\"0\">"
    "<w:startOverride w:val=\"7\"/></w:lvlOverride></w:num></w:numbering>"};

string item(const string& text, int list, int level = 0) {
  return p(text, "<w:numPr><w:ilvl w:val=\"" + std::to_string(level) + "\"/><w:numId w:val=\"" +
                     std::to_string(list) + "\"/></w:numPr>");
}

TEST(Docx, NumbersListsAsWordShowsThem) {
  EXPECT_EQ(text_of(item("one", 1) + item("two", 1) + item("deep", 1, 1) + item("deeper", 1, 1) +
                        item("three", 1) + item("deep again", 1, 1) + p("between") +
                        item("four", 1) + item("dot", 2) + item("seven", 3),
                    {numbering}),
            "1. one\n2. two\n  2a) deep\n  2b) deeper\n3. three\n  3a) deep again\n\nbetween\n\n"
            "4. four\n- dot\n7. seven\n");
}

string cell(const string& text, const string& properties = {}) {
  return "<w:tc><w:tcPr>" + properties + "</w:tcPr>" + p(text) + "</w:tc>";
}

TEST(Docx, WritesTablesAsMarkdown) {
  EXPECT_EQ(text_of("<w:tbl><w:tr>" + cell("A") + cell("B") + cell("C") + "</w:tr><w:tr>" +
                    cell("wide", "<w:gridSpan w:val=\"2\"/>") +
                    cell("1", "<w:vMerge w:val=\"restart\"/>") +
                    "</w:tr><w:tr><w:trPr><w:del/></w:trPr>" + cell("gone") + "</w:tr><w:tr>" +
                    cell("x") + cell("y") + cell("ignored", "<w:vMerge/>") + "</w:tr></w:tbl>" +
                    p("end")),
            "| A | B | C |\n| --- | --- | --- |\n| wide | | 1 |\n| x | y | |\n\nend\n");
}

TEST(Docx, ReadsBoxesAndNestedTablesAsBlocks) {
  EXPECT_EQ(text_of("<w:tbl><w:tr><w:tc>" + p("one") + p("two") + "</w:tc></w:tr></w:tbl>"),
            "one\n\ntwo\n");
  EXPECT_EQ(text_of("<w:tbl><w:tr><w:tc>" + p("left") + "<w:tbl><w:tr>" + cell("a") + cell("b") +
                    "</w:tr></w:tbl></w:tc>" + cell("right") + "</w:tr></w:tbl>"),
            "left\n\n| a | b |\n| --- | --- |\n\nright\n");
}

TEST(Docx, PutsFootnotesBehindTheirParagraph) {
  const std::pair<string, string> notes{
      "word/footnotes.xml",
      "<w:footnotes xmlns:w=\"w\"><w:footnote w:type=\"separator\" w:id=\"0\">" + p("---") +
          "</w:footnote><w:footnote w:id=\"5\">" + p("The note.") + "</w:footnote></w:footnotes>"};
  EXPECT_EQ(text_of("<w:p><w:r><w:t>Claim</w:t></w:r><w:r><w:footnoteReference w:id=\"5\"/></w:r>"
                    "<w:r><w:t>, end.</w:t></w:r></w:p>" +
                        p("Next."),
                    {notes}),
            "Claim[^1], end.\n\n[^1]: The note.\n\nNext.\n");
}

TEST(Docx, ReadsTextBoxesOnce) {
  EXPECT_EQ(
      text_of("<w:p><w:r><w:t>around</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:drawing>"
              "<wps:txbx><w:txbxContent>" +
              p("boxed") +
              "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict>"
              "<v:textbox><w:txbxContent>" +
              p("boxed") +
              "</w:txbxContent></v:textbox></w:pict></mc:Fallback>"
              "</mc:AlternateContent></w:r></w:p>"),
      "around\n\nboxed\n");
}

TEST(Docx, IsKnownByWhatItHolds) {
  const string bytes = docx(p("text"));
  EXPECT_EQ(parse_document("letter.doc", bytes).type, "docx");
  EXPECT_EQ(parse_document("no_extension", bytes).type, "docx");
}

TEST(Docx, ReadsWhatComesBeforeTheDamage) {
  ZipParts parts{{"_rels/.rels", relations_xml({{"rId1", "officeDocument", "word/document.xml"}})},
                 {"word/document.xml", "<w:document><w:body>" + p("before") + "<w:p><w:r><w:t>cu"}};
  const Parsed parsed = parse_file("a.docx", zip_of(parts));
  ASSERT_EQ(parsed.documents.size(), 1U);
  EXPECT_TRUE(parsed.documents[0].text.starts_with("before\n"));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_NE(parsed.status.error().message.find("damaged XML"), string::npos);
}

TEST(Docx, SaysWhenThereIsNoText) {
  const Parsed parsed = parse_file("a.docx", docx(p("")));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().message, "holds no text");
}

}  // namespace
}  // namespace callslip
