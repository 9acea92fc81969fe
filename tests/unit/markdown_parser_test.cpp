#include <gtest/gtest.h>

#include <string>

#include "index/formats/markdown_inline.h"
#include "index/text/utf8.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string outline(const string& text) { return outline_of(parse_document("a.md", text)); }
string title(const string& text) { return parse_document("a.md", text).title; }

TEST(MarkdownParser, KeepsTheBytesAndReadsTheOutline) {
  const string text = "# Guide\r\n\r\nText.\r\n\r\n## Install ##\r\n\r\n### On *Debian*\r\n";
  const ParsedDocument document = parse_document("Guide.MD", text);
  EXPECT_EQ(document.text, text);
  EXPECT_EQ(document.type, "markdown");
  EXPECT_EQ(document.kind, TextKind::prose);
  EXPECT_FALSE(document.extracted);
  EXPECT_EQ(document.title, "Guide");
  EXPECT_EQ(outline_of(document), "1 Guide|2 Install|3 On Debian");
  EXPECT_EQ(document.headings[1].byte_start, text.find("## Install"));
}

TEST(MarkdownParser, ReadsAtxHeadingsAsCommonMarkDoes) {
  EXPECT_EQ(outline("   ### three spaces\n"), "3 three spaces");
  EXPECT_EQ(outline("    # code\n"), "");
  EXPECT_EQ(outline("\t# code\n"), "");
  EXPECT_EQ(outline("#hashtag\n#\n####### seven\n"), "");
  EXPECT_EQ(outline("#\ttab\n"), "1 tab");
  EXPECT_EQ(outline("# a #b\n# c \\#\n# C#\n# d ####   \n# #\n"), "1 a #b|1 c #|1 C#|1 d");
  EXPECT_EQ(outline("text\n# interrupts\ntext\n"), "1 interrupts");
  EXPECT_EQ(outline("\xEF\xBB\xBF# after a BOM\n"), "1 after a BOM");
}

TEST(MarkdownParser, ReadsSetextHeadings) {
  EXPECT_EQ(outline("Title\n=====\n\nSection\n---\n"), "1 Title|2 Section");
  EXPECT_EQ(outline("two\nlines\n===\n"), "1 two lines");
  EXPECT_EQ(outline("\xEF\xBB\xBFTitle\n===\n"), "1 Title");
  const ParsedDocument document = parse_document("a.md", "intro\n\nfirst\nsecond\n---\n");
  EXPECT_EQ(document.headings.at(0).byte_start, 7U);
}

TEST(MarkdownParser, TakesRulesForRules) {
  EXPECT_EQ(outline("text\n\n---\n\nmore\n"), "");
  EXPECT_EQ(outline("- item\n---\n"), "");
  EXPECT_EQ(outline("> quote\n---\n"), "");
  EXPECT_EQ(outline("| a |\n---\n"), "");
  EXPECT_EQ(outline("[a]: http://x\n---\n"), "");
  EXPECT_EQ(outline("# h\n---\n"), "1 h");
  EXPECT_EQ(outline("- item\nlazy\n---\n"), "");
  EXPECT_EQ(outline("a\n- - -\n"), "");
}

TEST(MarkdownParser, FindsNoHeadingsInCodeCommentsAndVerbatimHtml) {
  EXPECT_EQ(outline("```sh\n# comment\n```\n# real\n"), "1 real");
  EXPECT_EQ(outline("~~~~\n# a\n~~~\n# b\n~~~~~\n# real\n"), "1 real");
  EXPECT_EQ(outline("``` inline ``` code\n# real\n"), "1 real");
  EXPECT_EQ(outline("```\n# never closed\n"), "");
  EXPECT_EQ(outline("<!-- \n# hidden\n-->\n# real\n"), "1 real");
  EXPECT_EQ(outline("<!-- one line -->\n# real\n"), "1 real");
  EXPECT_EQ(outline("<pre>\n# a\n</pre>\n# real\n"), "1 real");
  EXPECT_EQ(outline("<preface>\n# real\n"), "1 real");
}

TEST(MarkdownParser, ReadsFrontMatter) {
  EXPECT_EQ(title("---\ntitle: From YAML\ntags: [a]\n---\n# Heading\n"), "From YAML");
  EXPECT_EQ(outline("---\ntitle: From YAML\n---\n# Heading\n"), "1 Heading");
  EXPECT_EQ(title("---\n# c\nTitle: \"Quoted: \\\"it\\\"\" # no\n...\n"), "Quoted: \"it\"");
  EXPECT_EQ(title("---\r\ntitle: 'It''s'\r\n---\r\n"), "It's");
  EXPECT_EQ(title("---\ntitle: >-\n  Folded\n  over lines\nx: y\n---\n"), "Folded over lines");
  EXPECT_EQ(title("+++\ntitle = \"TOML\"\n+++\n"), "TOML");
  EXPECT_EQ(title("---\nmeta:\n  title: inner\n---\n# Heading\n"), "Heading");
  EXPECT_EQ(title("---\ntitle: never closed\n# Heading\n"), "Heading");
  EXPECT_EQ(outline("---\n\nJust a rule\n\n---\n\n# Heading\n"), "1 Heading");
}

TEST(MarkdownParser, ChoosesTheTitle) {
  EXPECT_EQ(title("## Second\n# First\n"), "First");
  EXPECT_EQ(title("### Third\n## Second\n"), "Third");
  EXPECT_EQ(title("no headings\n"), "");
}

TEST(MarkdownParser, StripsInlineMarkup) {
  const std::pair<const char*, const char*> cases[] = {
      {"*a* **b** ***c*** _d_ __e__ ~~f~~", "a b c d e f"},
      {"snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"},
      {"`std::vector<T>` and ``a`b``", "std::vector<T> and a`b"},
      {"vector<int> x", "vector<int> x"},
      {"[link](http://x/(y)) and [ref][r] and [plain]", "link and ref and [plain]"},
      {"![alt *text*](i.png) [**bold** `code`](u)", "alt text bold code"},
      {"<a name=\"x\"></a>Title<br/> <https://x.org>", "Title https://x.org"},
      {"\\*literal\\* &amp; &lt;tag&gt;", "*literal* & <tag>"},
      {"unclosed *star and `tick and [bracket", "unclosed *star and `tick and [bracket"},
      {"*", "*"},
      {"", ""}};
  for (const auto& [markup, text] : cases) EXPECT_EQ(strip_markdown_inline(markup), text);
  EXPECT_EQ(outline("# Title {#id .class}\n# set {1}\n"), "1 Title|1 set {1}");
}

TEST(MarkdownParser, BoundsHeadingsAtACharacter) {
  string text = "# x";
  for (int i = 0; i < 100; ++i) text += "\xE4\xB8\xAD";
  const ParsedDocument document = parse_document("a.md", text + "\n");
  EXPECT_LE(document.title.size(), 200U);
  EXPECT_GT(document.title.size(), 190U);
  EXPECT_TRUE(is_valid_utf8(document.title));
}

TEST(MarkdownParser, ManyUnclosedBracketsAreNoWork) {
  string text;
  for (int i = 0; i < 200; ++i) text += "# " + string(5000, '[') + string(500, '`') + "\n";
  EXPECT_EQ(parse_document("a.md", text).headings.size(), 200U);
}

TEST(RstParser, ReadsSectionsByTheirAdornments) {
  const string text =
      "=====\nTitle\n=====\n\nFirst\n=====\n\ntext\n\nSub ``code``\n----------\n\n"
      "Second :ref:`section <x>`\n=========================\n\n* list\n\n----\n\nend\n";
  const ParsedDocument document = parse_document("a.rst", text);
  EXPECT_EQ(document.type, "rst");
  EXPECT_EQ(document.text, text);
  EXPECT_EQ(document.title, "Title");
  EXPECT_EQ(outline_of(document), "1 Title|2 First|3 Sub code|2 Second section");
}

TEST(RstParser, IsNotMisledByTablesAndLiterals) {
  EXPECT_EQ(outline_of(parse_document("a.rst", "=====  ===\nA      B\n=====  ===\n1      2\n")),
            "");
  EXPECT_EQ(outline_of(parse_document("a.rst", "::\n\n    literal\n    =======\n")), "");
  EXPECT_EQ(outline_of(parse_document("a.rst", "para\nmore\n----\n")), "");
}

TEST(AsciidocParser, ReadsSections) {
  const ParsedDocument document = parse_document(
      "a.adoc", "= Title\n\n== First\n\n----\n== listing\n----\n\n=== `code` part\n==none\n");
  EXPECT_EQ(document.type, "asciidoc");
  EXPECT_EQ(document.title, "Title");
  EXPECT_EQ(outline_of(document), "1 Title|2 First|3 code part");
}

}  // namespace
}  // namespace callslip
