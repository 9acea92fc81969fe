#include "index/formats/jsonl_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "index/text/utf8.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

TEST(JsonlParser, DeliversOneDocumentALine) {
  const Parsed parsed =
      parse_file("corpus.jsonl",
                 "{\"_id\":\"a/1\",\"title\":\" The \\n title \",\"text\":\"one\\u00e9\\ntwo\"}\n"
                 "\n"
                 "{\"id\": 17, \"text\": \"second\", \"meta\": {\"text\": 1, \"_id\": \"x\"}}\r\n"
                 "  {\"text\":\"third\",\"_id\":-5,\"id\":\"other\",\"list\":[\"text\"]}");
  ASSERT_TRUE(parsed.status.ok()) << parsed.status.error().message;
  ASSERT_EQ(parsed.documents.size(), 3U);
  const ParsedDocument& first = parsed.documents[0];
  EXPECT_EQ(first.record_id, "a/1");
  EXPECT_EQ(first.title, "The title");
  EXPECT_EQ(first.text, "oneé\ntwo");
  EXPECT_EQ(first.type, "jsonl");
  EXPECT_EQ(first.kind, TextKind::prose);
  EXPECT_TRUE(first.extracted);
  EXPECT_FALSE(first.lossy);
  EXPECT_EQ(parsed.documents[1].record_id, "17");
  EXPECT_EQ(parsed.documents[1].text, "second");
  EXPECT_EQ(parsed.documents[2].record_id, "-5");
  EXPECT_EQ(parsed.documents[2].title, "");
}

TEST(JsonlParser, SkipsBadRecordsAndNamesThem) {
  const Parsed parsed = parse_file("a.ndjson",
                                   "{\"_id\":\"1\",\"text\":\"good\"}\n"
                                   "{\"_id\":\"2\"}\n"
                                   "not json\n"
                                   "{\"text\":\"t\"}\n"
                                   "{\"_id\":\"1\",\"text\":\"again\"}\n"
                                   "[1,2]\n"
                                   "{\"_id\":\"\",\"text\":\"t\"}\n"
                                   "{\"_id\":\"8\",\"text\":null}\n"
                                   "{\"_id\":\"9\",\"text\":\"good too\"}\n");
  ASSERT_EQ(parsed.documents.size(), 2U);
  EXPECT_EQ(parsed.documents[1].record_id, "9");
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(
      parsed.status.error().message,
      "7 of 9 records skipped: line 2: no \"text\" string; line 3: not valid JSON (at byte 2); "
      "line 4: no \"_id\" or \"id\"; line 5: \"_id\" 1 stands in an earlier line too; "
      "line 6: not a JSON object; ...");
}

TEST(JsonlParser, ReportsBadRecordsAsData) {
  const Result<JsonlReport> report = parse_jsonl(
      "{\"_id\":1,\"text\":\"\"}\n\n{\"_id\":\"a\\u0001b\",\"text\":\"\"}\n{\"_id\":true,\"text\":"
      "\"\"}",
      [](const ParsedDocument&) { return Status(); });
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->records, 3U);
  EXPECT_EQ(report->skipped, 2U);
  ASSERT_EQ(report->bad.size(), 2U);
  EXPECT_EQ(report->bad[0].line, 3U);
  EXPECT_EQ(report->bad[0].reason, "control characters in \"_id\"");
  EXPECT_EQ(report->bad[1].line, 4U);
  EXPECT_EQ(report->bad[1].reason, "no \"_id\" or \"id\"");
}

TEST(JsonlParser, IndexesOtherJsonLinesAsOneFile) {
  const string log = "{\"level\":\"info\",\"msg\":\"a\"}\n{\"level\":\"warn\",\"msg\":\"b\"}\n";
  const ParsedDocument document = parse_document("server.jsonl", log);
  EXPECT_EQ(document.text, log);
  EXPECT_EQ(document.type, "json");
  EXPECT_EQ(document.kind, TextKind::code);
  EXPECT_EQ(document.record_id, "");
  EXPECT_FALSE(document.extracted);
  EXPECT_EQ(parse_document("empty.jsonl", "").type, "json");
}

TEST(JsonlParser, DecidesByTheFirstTenLines) {
  string lines;
  for (int i = 0; i < 9; ++i) lines += "\n{\"a\":1}\n";
  const string record = "{\"_id\":\"1\",\"text\":\"t\"}\n";
  EXPECT_TRUE(holds_records(lines + record));
  EXPECT_FALSE(holds_records(lines + "{\"a\":1}\n" + record));
}

TEST(JsonlParser, RepairsWhatIsNoText) {
  const string r(utf8_replacement);
  const Parsed parsed = parse_file("a.jsonl",
                                   "{\"_id\":\"1\",\"text\":\"bad \xFF byte\"}\n"
                                   "{\"_id\":\"2\",\"text\":\"lone \\ud800 and \\uDC00\\u0000\"}\n"
                                   "{\"_id\":\"3\",\"text\":\"pair \\ud83d\\ude00 \\\\ud800\"}\n"
                                   "{\"_id\":\"4\",\"text\":\"\\ud800\\u0041\"}\n");
  ASSERT_TRUE(parsed.status.ok()) << parsed.status.error().message;
  ASSERT_EQ(parsed.documents.size(), 4U);
  EXPECT_EQ(parsed.documents[0].text, "bad " + r + " byte");
  EXPECT_EQ(parsed.documents[1].text, "lone " + r + " and " + r + r);
  EXPECT_EQ(parsed.documents[2].text, "pair \xF0\x9F\x98\x80 \\ud800");
  EXPECT_EQ(parsed.documents[3].text, r + "A");
  EXPECT_TRUE(parsed.documents[0].lossy);
  EXPECT_TRUE(parsed.documents[1].lossy);
  EXPECT_FALSE(parsed.documents[2].lossy);
  EXPECT_TRUE(parsed.documents[3].lossy);
}

TEST(JsonlParser, ReadsUtf16AndRefusesBinary) {
  const string ascii = "{\"_id\":\"1\",\"text\":\"wide\"}";
  string wide = "\xFF\xFE";
  for (const char c : ascii) wide += {c, '\0'};
  EXPECT_EQ(parse_document("a.jsonl", wide).text, "wide");
  const ParsedDocument other = parse_document("a.jsonl", wide.substr(0, wide.size() - 2));
  EXPECT_EQ(other.type, "json");
  EXPECT_TRUE(other.extracted);
  EXPECT_EQ(parse_document("a.jsonl", "\xEF\xBB\xBF" + ascii).text, "wide");
  EXPECT_EQ(parse_file("a.jsonl", "\x1F\x8B\x08...").status.error().message,
            "compressed file (gzip)");
}

TEST(JsonlParser, StopsWhenTheSinkDoes) {
  int taken = 0;
  const string bytes = "{\"_id\":1,\"text\":\"\"}\n{\"_id\":2,\"text\":\"\"}\n";
  const Status status = parser_for("a.jsonl", bytes)
                            .parse("a.jsonl", bytes, ParseOptions{}, [&](const ParsedDocument&) {
                              ++taken;
                              return Status(Error{ErrorKind::io, "disk is full"});
                            });
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(status.error().message, "disk is full");
}

TEST(JsonlParser, SurvivesDeepNesting) {
  const string deep =
      "{\"a\":" + string(200000, '[') + string(200000, ']') + ",\"_id\":1,\"text\":\"t\"}";
  EXPECT_EQ(parse_document("a.jsonl", deep).text, "t");
  EXPECT_EQ(parse_document("a.jsonl", string(200000, '[')).type, "json");
}

}  // namespace
}  // namespace callslip
