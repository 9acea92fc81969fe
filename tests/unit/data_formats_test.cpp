// CSV, JSON, YAML and notebooks.
#include <gtest/gtest.h>

#include <string>

#include "index/chunker.h"
#include "tests/support/indexed_folder.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

TEST(Csv, HeadsEveryRowWithTheNamesOfTheColumns) {
  const string bytes = "\xEF\xBB\xBFname;\"birth; date\";city\r\nAnn;1990-01-01;Oslo\r\n";
  const ParsedDocument document = parse_document("a.csv", bytes);
  EXPECT_EQ(document.text, bytes);
  EXPECT_FALSE(document.extracted);
  EXPECT_EQ(document.type, "csv");
  EXPECT_EQ(outline_of(document), "1 name | birth; date | city");
}

TEST(Csv, InventsNoHeader) {
  EXPECT_EQ(outline_of(parse_document("a.csv", "1,2\n3,4\n")), "");
  EXPECT_EQ(outline_of(parse_document("a.csv", "x,x\ny,y\n")), "");
  EXPECT_EQ(outline_of(parse_document("a.csv", "only one line\n")), "");
  EXPECT_EQ(outline_of(parse_document("a.csv", "")), "");
  EXPECT_EQ(outline_of(parse_document("a.tsv", "year\n1990\n1991\n")), "1 year");
  EXPECT_EQ(outline_of(parse_document("a.csv", "sep=;\na;b\n1;2\n")), "1 a | b");
}

TEST(Json, MakesHeadingsOfKeysWithSeveralLines) {
  const string bytes =
      "{\n  \"name\": \"x\",\n  \"scripts\": {\n    \"a\": 1,\n    \"deep\": {\n      \"b\": 2\n   "
      " }\n"
      "  },\n  \"short\": {\"c\": 3},\n  \"list\": [\n    {\n      \"name\": \"first\",\n"
      "      \"v\": \"}\"\n    },\n    {\n      \"v\": 1\n    }\n  ]\n}\n";
  const ParsedDocument document = parse_document("a.json", bytes);
  EXPECT_EQ(document.text, bytes);
  EXPECT_EQ(document.kind, TextKind::code);
  EXPECT_EQ(outline_of(document), "1 scripts|2 deep|1 list|2 first|2 [1]");
}

TEST(Json, IsCutAtItsEntries) {
  string bytes = "{\n";
  for (int i = 0; i < 40; ++i) {
    bytes += "  \"key" + std::to_string(i) + "\": {\n";
    for (int line = 0; line < 4 + i % 5; ++line) bytes += "    \"field\": \"some value here\",\n";
    bytes += "  },\n";
  }
  const ParsedDocument document = parse_document("a.json", bytes + "}\n");
  const auto counter = make_token_estimator();
  const std::vector<Chunk> chunks = Chunker(*counter, 256).cut(document);
  ASSERT_GT(chunks.size(), 3U);
  for (std::size_t i = 1; i < chunks.size(); ++i) {
    EXPECT_TRUE(document.text.substr(chunks[i].byte_start).starts_with("  \"key")) << i;
    EXPECT_GE(chunks[i].heading, 0);
  }
}

TEST(Json, TakesWhatIsNotQuiteJson) {
  EXPECT_EQ(outline_of(parse_document("a.json",
                                      "// {\n{\n  /* \"x\": {\n */ \"y\": 1,\n  \"z\": [\n  ],"
                                      "\n}}}}\n")),
            "1 z");
  EXPECT_EQ(outline_of(parse_document("a.json", "{\"a\":{\"b\":[\n1]}}")), "");
  EXPECT_EQ(outline_of(parse_document("a.json", "\"unfinished\n{\n\"k\": {\n")), "1 k");
  EXPECT_EQ(parse_document("a.json", string(100'000, '[')).headings.size(), 0U);
}

TEST(Yaml, MakesHeadingsOfWhatHasLinesBelow) {
  const string bytes =
      "# comment: no\nname: x\njobs:\n  build:\n    steps:\n    - name: Check out\n      uses: a\n"
      "    - run: b\n  script: |\n    key: not one\n    more\nempty:\nlast: y\n---\nsecond:\n  a: "
      "b\n";
  const ParsedDocument document = parse_document("a.yml", bytes);
  EXPECT_EQ(document.text, bytes);
  EXPECT_EQ(outline_of(document), "1 jobs|2 build|3 steps|2 script|1 second");
  EXPECT_EQ(outline_of(parse_document("playbook.yaml",
                                      "- name: Install nginx\n  apt:\n    x: y\n"
                                      "- name: \"Start: it\"\n  run: z\n")),
            "1 Install nginx|2 apt|1 Start: it");
}

TEST(Notebook, ReadsCellsInOrder) {
  const ParsedDocument document = parse_document(
      "a.ipynb",
      R"({"cells": [{"cell_type": "markdown", "source": ["# Title\n", "Some *text*.\n"]},
  {"cell_type": "code", "source": "x = '```'\n", "outputs": [
    {"output_type": "stream", "text": ["one\n", "two\n"]},
    {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}},
    {"output_type": "error", "traceback": ["\u001b[0;31mBoom\u001b[0m"]}]},
  {"cell_type": "markdown", "source": "## Part"}],
  "metadata": {"language_info": {"name": "python"}}, "nbformat": 4})");
  EXPECT_EQ(
      document.text,
      "# Title\nSome *text*.\n\n````python\nx = '```'\n````\n\n```\none\ntwo\n<Figure>\nBoom\n"
      "```\n\n## Part\n");
  EXPECT_EQ(outline_of(document), "1 Title|2 Part");
  EXPECT_EQ(document.title, "Title");
  EXPECT_EQ(document.type, "notebook");
}

TEST(Notebook, BoundsOutputs) {
  const string bytes = R"({"cells": [{"cell_type": "code", "source": "p", "outputs": [{"text": ")" +
                       string(10'000, 'x') + R"("}]}], "metadata": {}})";
  const ParsedDocument document = parse_document("a.ipynb", bytes);
  EXPECT_NE(document.text.find("[... 6000 more bytes of output]"), string::npos);
  EXPECT_EQ(parse_file("a.ipynb", "{\"cells\": 7").status.error().message,
            "not a Jupyter notebook, or a damaged one");
}

}  // namespace
}  // namespace callslip
