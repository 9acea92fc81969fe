#include <gtest/gtest.h>

#include <string>

#include "index/text/utf8.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string text_of(const string& html) { return parse_document("a.html", html).text; }

TEST(HtmlParser, ExtractsTitleTextAndOutline) {
  const ParsedDocument document =
      parse_document("a.html",
                     "<!DOCTYPE html><html><head><title> My &amp;\n title </title><meta "
                     "charset=utf-8></head><body>"
                     "<h1>Main <em>heading</em></h1><p>First\n  "
                     "paragraph.<p>Second.</p><h2>Part</h2>End.</body></html>");
  EXPECT_EQ(document.title, "My & title");
  EXPECT_EQ(document.type, "html");
  EXPECT_EQ(document.kind, TextKind::prose);
  EXPECT_TRUE(document.extracted);
  EXPECT_FALSE(document.lossy);
  EXPECT_EQ(document.text, "Main heading\n\nFirst paragraph.\n\nSecond.\n\nPart\n\nEnd.\n");
  EXPECT_EQ(outline_of(document), "1 Main heading|2 Part");
  EXPECT_EQ(document.headings[1].byte_start, document.text.find("Part"));
}

TEST(HtmlParser, TakesTheFirstTopHeadingForAMissingTitle) {
  EXPECT_EQ(parse_document("a.html", "<h2>a</h2><h1>b</h1>").title, "b");
  EXPECT_EQ(parse_document("a.html", "<title> </title><p>x").title, "");
}

TEST(HtmlParser, CollapsesWhitespaceAndDecodesEntities) {
  EXPECT_EQ(text_of("<p> a\t\n <b> b </b> c&nbsp;&nbsp;d &lt;x&gt; &eacute;&#8364;&#x4e2d; "),
            "a b c d <x> é€中\n");
  EXPECT_EQ(text_of("wo<b>r</b>d soft&shy;hyphen a<wbr>b"), "word softhyphen ab\n");
  EXPECT_EQ(text_of("a < b && c > d"), "a < b && c > d\n");
  EXPECT_EQ(text_of("one<br>two<br><br><br>three"), "one\ntwo\n\nthree\n");
}

TEST(HtmlParser, SetsOutListsAndDefinitions) {
  EXPECT_EQ(
      text_of("<p>x<ul><li>one<li><p>two</p><p>more</p><ul><li>deep</ul><li></li><li>three</ul>y"),
      "x\n\n- one\n- two\nmore\n  - deep\n- three\n\ny\n");
  EXPECT_EQ(text_of("<ul><li></li></ul><p>text"), "text\n");
  EXPECT_EQ(text_of("<dl><dt>T<dd>D<dt>U<dd>E</dl>"), "T\nD\nU\nE\n");
}

TEST(HtmlParser, NumbersItemsAsThePageShowsThem) {
  EXPECT_EQ(text_of("<ol><li>a</li><li>b<ul><li>c</ul></li><li>d</ol>"),
            "1. a\n2. b\n  - c\n3. d\n");
  EXPECT_EQ(text_of("<ol start=\"3\" type=a><li>x<li value='9'>y<li>z</ol>"), "c. x\ni. y\nj. z\n");
  EXPECT_EQ(text_of("<ol start=x type=I><li>x<li></li><li>y</ol>"), "I. x\nIII. y\n");
  EXPECT_EQ(text_of("<ol start=-2147483648><li value=2147483647>x<li>y</ol>"), "1. x\n2. y\n");
}

TEST(HtmlParser, MarksNotesThatAreMarkedUpAsSuch) {
  EXPECT_EQ(text_of("<p>Linux<a href=\"#f1\" role=\"doc-noteref\"><sup>1</sup></a> runs.</p><ol>"
                    "<li id=\"f1\" role=\"doc-endnote\"><p>A <b>kernel</b>.<a href=\"#r1\" "
                    "role=\"doc-backlink\">back</a></p></li></ol>"),
            "Linux[^1] runs.\n\n[^1]: A kernel.\n");
  // The note's own number is not repeated; a link that is no reference stays.
  EXPECT_EQ(text_of("<p>a<a epub:type='noteref' href='n.xhtml#n'>[*]</a> <a href='#n'>n</a></p>"
                    "<aside epub:type='footnote' id='n'>*. text</aside>"),
            "a[^*] n\n\n[^*]: text\n");
  EXPECT_EQ(text_of("<p>a<a role=doc-noteref href=#n>see the long note</a></p>"),
            "asee the long note\n");
}

TEST(HtmlParser, KeepsPreformattedText) {
  EXPECT_EQ(text_of("<p>a<pre>\nint  x;\n\n\tif (a &lt; <b>b</b>)\n</pre>b"),
            "a\n\nint  x;\n\n\tif (a < b)\n\nb\n");
  EXPECT_EQ(text_of("<pre>a\r\nb<br>c</pre>"), "a\nb\nc\n");
}

TEST(HtmlParser, WritesTablesARowALine) {
  EXPECT_EQ(text_of("<table><caption>Cap</caption><thead><tr><th>A<th>B</thead>"
                    "<tr><td>1<td><p>two<br>lines</p><tr><td><td>4<tr><td> <td></table>after"),
            "Cap\n| A | B |\n| --- | --- |\n| 1 | two lines |\n| | 4 |\n\nafter\n");
  EXPECT_EQ(text_of("<table><tr><th><h3>A</h3><th><h3>B</h3><tr><td>1<td>2</table>"),
            "| A | B |\n| --- | --- |\n| 1 | 2 |\n");
}

TEST(HtmlParser, PadsCellsThatSpanColumns) {
  EXPECT_EQ(text_of("<table><tr><th colspan=2>Both<tr><td>1<td>2<tr><td>3</table>"),
            "| Both | |\n| --- | --- |\n| 1 | 2 |\n| 3 |\n");
  EXPECT_EQ(text_of("<table><tr><td>box</table>"), "box\n");
}

TEST(HtmlParser, LeavesOutWhatStandsAroundTheMainContent) {
  const string article = "<h1>Title</h1><p>" + string(300, 'x') + "</p>";
  EXPECT_EQ(text_of("<header>Site</header><main>" + article + "</main><footer>Imprint</footer>"),
            "Title\n\n" + string(300, 'x') + "\n");
  // Not where the page's heading is outside, or the main content is next to nothing.
  EXPECT_EQ(text_of("<h1>Title</h1><main><p>" + string(300, 'x') + "</main>y"),
            "Title\n\n" + string(300, 'x') + "\n\ny\n");
  EXPECT_EQ(text_of("<p>before</p><main>short</main>"), "before\n\nshort\n");
}

TEST(HtmlParser, ReadsLayoutTablesAsBlocks) {
  EXPECT_EQ(
      text_of("<table><tr><td><p>one</p><p>two</p><td>side<table><tr><td>x<td>y</table></table>"),
      "one\n\ntwo\n\nside\n\n| x | y |\n| --- | --- |\n");
}

TEST(HtmlParser, DropsWhatIsNotReadingMatter) {
  EXPECT_EQ(text_of("a<script>if (x<y) '<p>'</script><style>p{}</style><noscript>n</noscript>"
                    "<template><p>t</template><svg><title>s</title><svg></svg>t</svg><!-- c "
                    "--><select><option>o</select>b"),
            "ab\n");
  EXPECT_EQ(text_of("<SCRIPT>x</Script >y<img alt='a cat' src=x>"), "ya cat\n");
}

TEST(HtmlParser, DropsNavigationOnlyWhenItIsPlainlyThat) {
  EXPECT_EQ(text_of("<nav><a href=x>Home</a></nav><div role=navigation>Next</div><header>H</header>"
                    "<aside>A</aside><footer>F</footer>"),
            "H\n\nA\n\nF\n");
  EXPECT_EQ(text_of("<nav>menu<h1>Title</h1><p>The nav was never closed"),
            "menu\n\nTitle\n\nThe nav was never closed\n");
  EXPECT_EQ(text_of("<nav><ul><li>Contents</ul></nav>"), "- Contents\n");
}

TEST(HtmlParser, DoesNotLoseTextToWhatIsNeverClosed) {
  EXPECT_EQ(text_of("a<!-- open <p>b"), "a b\n");
  EXPECT_EQ(text_of("<title>open<p>b"), "open\n\nb\n");
  EXPECT_EQ(text_of("<svg><p>b"), "b\n");
  EXPECT_EQ(text_of("<a href='x>b</a><p>c</p>"), "b\n\nc\n");
}

TEST(HtmlParser, HonoursDeclaredEncodings) {
  const ParsedDocument document =
      parse_document("a.html", "<meta charset=windows-1250><p>\x8Elu\x9D\xFD k\xF9\xF2");
  EXPECT_EQ(document.text, "Žluťý kůň\n");
  EXPECT_FALSE(document.lossy);
  EXPECT_EQ(
      parse_document("a.xhtml",
                     "<?xml version='1.0' encoding='koi8-r'?><html><p>\xD2\xD5\xD3</p></html>")
          .text,
      "рус\n");
}

TEST(HtmlParser, ReadsXhtmlAsXml) {
  EXPECT_EQ(parse_document("a.xhtml",
                           "<html><head><title/><script "
                           "src='x'/></head><body><div/>text<p>b<![CDATA[<&c]]></p></body></html>")
                .text,
            "text\n\nb<&c\n");
}

TEST(HtmlParser, DropsHeadingAnchors) {
  const ParsedDocument document =
      parse_document("a.html", "<h2>Install<a href='#i'>¶</a></h2><h3>§Use</h3><h3>§ 5 Law</h3>");
  EXPECT_EQ(outline_of(document), "2 Install|3 Use|3 § 5 Law");
  EXPECT_EQ(document.text, "Install\n\n§Use\n\n§ 5 Law\n");
}

TEST(HtmlParser, PassesOverHeadingsWithoutText) {
  const ParsedDocument document =
      parse_document("a.html", "<h1>¶</h1><h2> </h2><h2></h2><h3>§</h3><p>text</p><h4>Real</h4>");
  EXPECT_EQ(outline_of(document), "4 Real");
  EXPECT_EQ(document.text, "text\n\nReal\n");
}

TEST(HtmlParser, SurvivesDeepNesting) {
  for (const char* tag : {"div", "b", "ul><li", "table><tr><td", "font size=1", "x-y", "a", "span",
                          "p><object", "svg"}) {
    string html;
    for (int i = 0; i < 20000; ++i) html += "<" + string(tag) + ">";
    EXPECT_TRUE(text_of(html + "deep").ends_with("deep\n")) << tag;
  }
  string closed;
  for (int i = 0; i < 100000; ++i) closed += "<div>";
  closed += "<p>inner";
  for (int i = 0; i < 100000; ++i) closed += "</div>";
  EXPECT_EQ(text_of(closed + "<p>outer"), "inner\n\nouter\n");
}

TEST(HtmlParser, SurvivesWhatMakesParsersSlow) {
  string attributes = "<p";
  for (int i = 0; i < 100000; ++i) attributes += " a" + std::to_string(i) + "=1";
  EXPECT_EQ(text_of(attributes + ">x"), "x\n");
  string fonts;
  for (int i = 0; i < 20000; ++i) fonts += "<p><font color=" + std::to_string(i) + ">";
  EXPECT_EQ(text_of(fonts + "x"), "x\n");
  string comments;
  for (int i = 0; i < 100000; ++i) comments += "<!--";
  EXPECT_EQ(text_of(comments + ">x"), "x\n");
}

TEST(HtmlParser, RefusesWhatIsTooLarge) {
  const Parsed parsed = parse_file("a.html", string(std::size_t{32} * 1024 * 1024 + 1, ' '));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(parsed.status.error().message, "HTML larger than 32 MiB");
}

TEST(HtmlParser, RefusesTooManyElements) {
  string html;
  for (int i = 0; i <= 2'000'000; ++i) html += "<p>";
  const Parsed parsed = parse_file("a.html", html);
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().message, "HTML with more than 2,000,000 elements");
}

TEST(HtmlParser, TakesAnEmptyFile) {
  const ParsedDocument document = parse_document("a.html", "");
  EXPECT_EQ(document.text, "");
  EXPECT_TRUE(document.headings.empty());
}

}  // namespace
}  // namespace callslip
