#include "tests/unit/read_chunks_fixture.h"

namespace callslip {
namespace {

using namespace read_chunks_tests;

/// What a calling model does: reads each chunk that it is handed.
class CallerReadingTest : public ReadChunksTest {
 protected:
  Result<ReadChunksResult> submit(const SubmitReadingsRequest& request) {
    auto result = ReadChunks(folder_.library(), reader_, {}).submit(request, {});
    if (result) expect_exact(*result);
    return result;
  }

  static SubmitReadingsRequest readings_of(const ReadChunksResult& handed) {
    SubmitReadingsRequest request;
    request.cursor = handed.next_cursor;
    request.max_tokens = 2000;
    for (const FoundChunk& chunk : handed.chunks) {
      CallerReading reading{chunk.chunk_id, {}};
      if (chunk.text.find("zyzzyva") != std::string::npos) {
        reading.sentences = {"The zyzzyva eats maize at night.", "And hay."};
      }
      request.readings.push_back(reading);
    }
    return request;
  }

  ScriptedReader reader_{[](const Passage&) { return none(); }};
};

TEST_F(CallerReadingTest, IsHandedEveryChunkOnceAndGetsItsEvidence) {
  write_many(10);
  folder_.write("needle.md", random_prose(77, 200) + "\n\nThe zyzzyva eats maize at night.\n");
  folder_.refresh();
  auto request = ask("what does the weevil eat?", Effort::exhaustive);
  request.by_caller = true;
  request.max_tokens = 2000;
  auto result = run(reader_, request);
  std::map<std::string, int> handed;
  for (int call = 0; result && result->next == "submit_readings"; ++call) {
    ASSERT_LT(call, 100);
    EXPECT_EQ(result->status, ReadChunksResult::Status::partial);
    for (const FoundChunk& chunk : result->chunks) ++handed[chunk.chunk_id];
    result = submit(readings_of(*result));
  }
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(handed.size(), folder_.snapshot()->chunk_count());
  for (const auto& [chunk, times] : handed) EXPECT_EQ(times, 1) << chunk;
  EXPECT_EQ(result->status, ReadChunksResult::Status::found);
  EXPECT_TRUE(result->coverage.complete());
  ASSERT_EQ(result->evidence.size(), 1U);
  EXPECT_EQ(result->evidence[0].text, "The zyzzyva eats maize at night.");
  EXPECT_EQ(result->usage.rejected_quotes, 1U);
  EXPECT_EQ(result->usage.reader, "caller");
  EXPECT_TRUE(reader_.judged.empty());
}

TEST_F(CallerReadingTest, WhatIsNotJudgedIsHandedOutAgain) {
  write_many(10);
  folder_.refresh();
  auto request = ask("copper", Effort::exhaustive);
  request.by_caller = true;
  const auto first = run(reader_, request);
  ASSERT_GT(first->chunks.size(), 2U);
  auto some = readings_of(*first);
  const std::string forgotten = some.readings[1].chunk_id;
  some.readings.erase(some.readings.begin() + 1);
  const auto second = submit(some);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->coverage.read, some.readings.size());
  EXPECT_TRUE(std::any_of(second->chunks.begin(), second->chunks.end(),
                          [&](const FoundChunk& c) { return c.chunk_id == forgotten; }));
}

TEST_F(CallerReadingTest, EndsWhenItIsToldTo) {
  write_many(10);
  folder_.write("needle.md", "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  auto request = ask("zyzzyva", Effort::exhaustive);
  request.by_caller = true;
  request.max_tokens = 1500;
  auto last = readings_of(*run(reader_, request));
  last.finish = true;
  const auto result = submit(last);
  EXPECT_EQ(result->status, ReadChunksResult::Status::partial);
  EXPECT_EQ(result->evidence.size(), 1U);
  EXPECT_GT(result->coverage.unread, 0U);
}

TEST_F(CallerReadingTest, AQuickReadGoesOnWhereItEnded) {
  write_many(120, 500);
  folder_.refresh();
  ASSERT_GT(folder_.snapshot()->chunk_count(), 150U);
  auto request = ask("copper", Effort::quick);
  request.by_caller = true;
  request.max_tokens = 8000;
  auto result = run(reader_, request);
  std::uint64_t read = 0;
  for (int call = 0; call < 100 && result->coverage.unread > 0; ++call) {
    if (result->next == "submit_readings") {
      auto readings = readings_of(*result);
      readings.max_tokens = 8000;
      result = submit(readings);
      ASSERT_TRUE(result);
      EXPECT_GT(result->coverage.read, read);
      read = result->coverage.read;
      if (read == 64) {
        EXPECT_EQ(result->next, "read_more");
      }
    } else {
      ReadChunksRequest more;
      more.cursor = result->next_cursor;
      more.max_tokens = 8000;
      result = run(reader_, more);
      ASSERT_TRUE(result);
    }
  }
  EXPECT_EQ(result->coverage.unread, 0U);
}

TEST_F(CallerReadingTest, WhatWasFoundComesBackAfterItWasEnded) {
  write_many(10);
  for (const char* name : {"n1.md", "n2.md", "n3.md"}) {
    folder_.write(name, std::string("In ") + name + ".\n\nThe zyzzyva eats maize at night.\n\n" +
                            random_prose(name[1], 150));
  }
  folder_.refresh();
  auto request = ask("zyzzyva", Effort::exhaustive);
  request.by_caller = true;
  auto last = readings_of(*run(reader_, request));
  last.finish = true;
  last.max_tokens = 100;
  auto result = submit(last);
  std::set<std::string> found;
  for (int call = 0; result && call < 50; ++call) {
    for (const Evidence& item : result->evidence) found.insert(item.chunk_id);
    if (result->next != "return_more") break;
    ReadChunksRequest more;
    more.cursor = result->next_cursor;
    more.max_tokens = 100;
    result = run(reader_, more);
  }
  EXPECT_EQ(found.size(), 3U);
}

TEST_F(CallerReadingTest, AVerdictIsOnTheTextThatWasSeen) {
  folder_.write("a.md", "One.\n");
  folder_.write("b.md", "Two.\n");
  folder_.refresh();
  auto request = ask("zyzzyva", Effort::exhaustive);
  request.by_caller = true;
  const auto handed = readings_of(*run(reader_, request));
  folder_.write("a.md", "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  const auto result = submit(handed);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->coverage.read, 1U);
  ASSERT_EQ(result->chunks.size(), 1U);
  EXPECT_EQ(result->chunks[0].document, "docs/a.md");
  ASSERT_EQ(result->notes.size(), 1U);
  EXPECT_NE(result->notes[0].find("has changed"), std::string::npos);
}

TEST_F(CallerReadingTest, RefusesOtherReadsAndForeignChunks) {
  write_many(10, 900);
  folder_.write("other.md", "Other.\n");
  folder_.refresh();
  SubmitReadingsRequest foreign;
  foreign.cursor = run(reader_, ask("copper", Effort::quick))->next_cursor;
  EXPECT_NE(submit(foreign).error().message.find("do yourself"), std::string::npos);
  auto request = ask("copper", Effort::exhaustive);
  request.by_caller = true;
  request.documents = {"docs/1.md"};
  auto wrong = readings_of(*run(reader_, request));
  wrong.readings = {{document_id_text(document_id("docs/other.md")) + ":0", {}}};
  EXPECT_NE(submit(wrong).error().message.find("not among the chunks of this read"),
            std::string::npos);
}

}  // namespace
}  // namespace callslip
