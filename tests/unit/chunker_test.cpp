#include "index/chunker.h"

#include <gtest/gtest.h>

#include <random>

#include "index/text/utf8.h"
#include "tests/support/indexed_folder.h"

namespace callslip {
namespace {

void expect_tiles(const ParsedDocument& document, const std::vector<Chunk>& chunks,
                  const TokenCounter& counter, std::size_t max_tokens) {
  std::size_t at = 0;
  std::size_t line = 1;
  for (const Chunk& chunk : chunks) {
    ASSERT_EQ(chunk.byte_start, at);
    ASSERT_GT(chunk.byte_end, chunk.byte_start);
    ASSERT_TRUE(is_utf8_boundary(document.text, chunk.byte_end));
    const auto text = std::string_view(document.text).substr(at, chunk.byte_end - chunk.byte_start);
    EXPECT_EQ(chunk.tokens, counter.count(text));
    EXPECT_LE(chunk.tokens, max_tokens);
    EXPECT_EQ(chunk.line_start, line);
    const auto newlines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_EQ(chunk.line_end, text.ends_with('\n') ? line + newlines - 1 : line + newlines);
    line += newlines;
    at = chunk.byte_end;
  }
  EXPECT_EQ(at, document.text.size());
}

ParsedDocument document_of(std::string text, TextKind kind) {
  ParsedDocument document;
  document.text = std::move(text);
  document.kind = kind;
  for (std::size_t at = 0; kind == TextKind::prose && at != std::string::npos;) {
    if (document.text.compare(at, 2, "# ") == 0) document.headings.push_back({at, 1, "one"});
    if (document.text.compare(at, 3, "## ") == 0) document.headings.push_back({at, 2, "two"});
    at = document.text.find('\n', at);
    if (at != std::string::npos) ++at;
  }
  return document;
}

TEST(Chunker, TilesAnyText) {
  const auto counter = make_token_estimator();
  std::mt19937 random(7);
  const std::vector<std::string> pieces{
      "word ", "слово ",      "二字",        "\n",
      "\n\n",  "# Heading\n", "## Deeper\n", "    indented\n",
      "}\n",   "\r\n",        "😀",           std::string(700, 'x'),
      ". ",    "\t",          "\xC2\xA0"};
  for (int round = 0; round < 200; ++round) {
    std::string text;
    const std::size_t length = random() % 3000;
    while (text.size() < length) text += pieces[random() % pieces.size()];
    const std::size_t max_tokens = 64 + random() % 512;
    const auto document = document_of(text, round % 2 == 0 ? TextKind::prose : TextKind::code);
    expect_tiles(document, Chunker(*counter, max_tokens).cut(document), *counter, max_tokens);
  }
}

TEST(Chunker, AnEmptyTextHasNoChunks) {
  const auto counter = make_token_estimator();
  EXPECT_TRUE(Chunker(*counter, 512).cut(ParsedDocument{}).empty());
}

TEST(Chunker, AShortTextIsOneChunk) {
  const auto counter = make_token_estimator();
  const auto document = document_of("One.\n\nTwo.\n", TextKind::prose);
  EXPECT_EQ(Chunker(*counter, 512).cut(document).size(), 1U);
}

TEST(Chunker, BeginsAChunkAtAHeadingOfASectionThatIsNotTiny) {
  const auto counter = make_token_estimator();
  std::string text;
  for (int section = 0; section < 4; ++section) {
    text += "## Section\n\n";
    for (int i = 0; i < 40; ++i) text += "Some words about nothing at all. ";
    text += "\n\n";
  }
  const auto document = document_of(text, TextKind::prose);
  std::size_t at_heading = 0;
  for (const Chunk& chunk : Chunker(*counter, 512).cut(document)) {
    if (document.text.compare(chunk.byte_start, 3, "## ") == 0) ++at_heading;
    EXPECT_GE(chunk.heading, 0);
  }
  EXPECT_EQ(at_heading, 4U);
}

TEST(Chunker, CutsProseAtSentences) {
  const auto counter = make_token_estimator();
  std::string text;
  for (int i = 0; i < 400; ++i) text += "The river runs to the harbour in winter. ";
  const auto document = document_of(text, TextKind::prose);
  const auto chunks = Chunker(*counter, 512).cut(document);
  ASSERT_GT(chunks.size(), 2U);
  for (const Chunk& chunk : chunks) {
    EXPECT_EQ(document.text.compare(chunk.byte_start, 4, "The "), 0);
  }
}

TEST(Chunker, CutsCodeAtTopLevelBlocks) {
  const auto counter = make_token_estimator();
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text +=
        "int function_" + std::to_string(i) + "(int a) {\n  int b = a;\n\n  return b + 1;\n}\n\n";
  }
  const auto document = document_of(text, TextKind::code);
  const auto chunks = Chunker(*counter, 512).cut(document);
  ASSERT_GT(chunks.size(), 2U);
  for (const Chunk& chunk : chunks) {
    EXPECT_EQ(document.text.compare(chunk.byte_start, 4, "int "), 0);
  }
}

}  // namespace
}  // namespace callslip
