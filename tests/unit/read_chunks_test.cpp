#include "tools/read_chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "index/document_id.h"
#include "tests/support/indexed_folder.h"
#include "tools/extractive_reader.h"

namespace callslip {
namespace {

using test::IndexedFolder;
using test::random_prose;

/// Says what it is told of each passage: the in-memory twin of the readers.
class ScriptedReader final : public Reader {
 public:
  using Judge = std::function<Verdict(const Passage&)>;

  explicit ScriptedReader(Judge judge) : judge_(std::move(judge)) {}

  std::string name() const override { return "scripted"; }

  ReaderUsage read(const std::string&, std::span<const Passage> passages,
                   const CallContext& context, const OnVerdict& on_verdict) override {
    ReaderUsage usage;
    for (std::size_t i = 0; i < passages.size(); ++i) {
      if (context.should_stop() || stop_after_ == 0) break;
      --stop_after_;
      ++usage.calls;
      ++judged[passages[i].chunk_id];
      on_verdict(i, judge_(passages[i]));
    }
    return usage;
  }

  Result<std::string> answer(const std::string&, std::span<const Passage> evidence,
                             const CallContext&, ReaderUsage&) override {
    return "answer from " + std::to_string(evidence.size());
  }

  void stop_after(std::size_t passages) { stop_after_ = passages; }

  std::map<std::string, int> judged;

 private:
  const Judge judge_;
  std::size_t stop_after_ = 1'000'000;
};

Verdict none() { return {}; }

Verdict failed(const std::string& reason) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::failed;
  verdict.reason = reason;
  return verdict;
}

/// Relevant where the passage holds the words, which are then the sentence.
Verdict holds(const Passage& passage, const std::string& words) {
  const std::size_t at = passage.text.find(words);
  if (at == std::string::npos) return none();
  Verdict verdict;
  verdict.kind = Verdict::Kind::relevant;
  verdict.sentences = {{at, at + words.size()}};
  return verdict;
}

class ReadChunksTest : public testing::Test {
 protected:
  Result<ReadChunksResult> run(Reader& reader, const ReadChunksRequest& request,
                               std::uint64_t max_calls = 500) {
    ReadChunks::Options options;
    options.max_calls = max_calls;
    auto result = ReadChunks(folder_.library(), reader, options).run(request, {});
    if (result && result->by_question) expect_exact(*result);
    return result;
  }

  void expect_exact(const ReadChunksResult& result) {
    const Coverage& c = result.coverage;
    EXPECT_EQ(c.in_scope, c.read + c.failed + c.unread);
    EXPECT_LE(c.relevant, c.read);
    const auto snapshot = folder_.snapshot();
    for (const Evidence& evidence : result.evidence) {
      const auto document = snapshot->find(document_id(evidence.document));
      ASSERT_TRUE(document);
      EXPECT_EQ(evidence.text, snapshot
                                   ->text(*document, evidence.location.byte_start,
                                          evidence.location.byte_end - evidence.location.byte_start)
                                   .value());
    }
  }

  static ReadChunksRequest ask(const std::string& question, Effort effort = Effort::standard) {
    ReadChunksRequest request;
    request.question = question;
    request.effort = effort;
    return request;
  }

  void write_many(unsigned documents, std::size_t words = 300) {
    for (unsigned i = 0; i < documents; ++i) {
      folder_.write(std::to_string(i) + ".md", random_prose(i, words));
    }
  }

  IndexedFolder folder_;
};

TEST_F(ReadChunksTest, ReturnsChunksVerbatimWithNeighbours) {
  write_many(1, 3000);
  folder_.refresh();
  ExtractiveReader reader(folder_.index());
  const std::string document = document_id_text(document_id("docs/0.md"));
  ReadChunksRequest request;
  request.chunk_ids = {document + ":3"};
  request.before = 1;
  request.after = 2;
  const auto result = run(reader, request);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->chunks.size(), 4U);
  EXPECT_EQ(result->chunks[0].chunk_id, document + ":2");
  const auto snapshot = folder_.snapshot();
  for (const FoundChunk& chunk : result->chunks) {
    EXPECT_EQ(chunk.text, snapshot->chunk_text(chunk.number).value());
  }
}

TEST_F(ReadChunksTest, NamesTheChunksThatADocumentHas) {
  folder_.write("a.md", "One.\n");
  folder_.refresh();
  ExtractiveReader reader(folder_.index());
  const std::string id = document_id_text(document_id("docs/a.md"));
  ReadChunksRequest request;
  request.chunk_ids = {id + ":9"};
  EXPECT_EQ(run(reader, request).error().message, "chunk_ids: chunk " + id +
                                                      ":9 does not exist; document " + id +
                                                      " has chunks " + id + ":0 to " + id + ":0");
  request.chunk_ids = {"nonsense"};
  EXPECT_NE(run(reader, request).error().message.find("not a chunk id"), std::string::npos);
  EXPECT_NE(run(reader, {}).error().message.find("give a question"), std::string::npos);
}

TEST_F(ReadChunksTest, FindsWhatTheModelSaysIsRelevant) {
  write_many(10);
  folder_.write("needle.md", random_prose(77, 200) + "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  ScriptedReader reader(
      [](const Passage& p) { return holds(p, "The zyzzyva eats maize at night."); });
  auto request = ask("what does the weevil have for supper?", Effort::exhaustive);
  request.answer = true;
  const auto result = run(reader, request);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, ReadChunksResult::Status::found);
  ASSERT_EQ(result->evidence.size(), 1U);
  EXPECT_EQ(result->evidence[0].document, "docs/needle.md");
  EXPECT_EQ(result->chunks.at(0).chunk_id, result->evidence[0].chunk_id);
  EXPECT_EQ(result->answer, "answer from 1");
  EXPECT_EQ(result->coverage.unread, 0U);
  EXPECT_EQ(result->coverage.read, folder_.snapshot()->chunk_count());
  for (const auto& [chunk, times] : reader.judged) EXPECT_EQ(times, 1) << chunk;
}

TEST_F(ReadChunksTest, SaysThatNothingIsRelevant) {
  write_many(10);
  folder_.refresh();
  ScriptedReader reader([](const Passage&) { return none(); });
  const auto result = run(reader, ask("where?", Effort::exhaustive));
  EXPECT_EQ(result->status, ReadChunksResult::Status::nothing_relevant);
  EXPECT_TRUE(result->chunks.empty());
  EXPECT_TRUE(result->coverage.complete());
}

TEST_F(ReadChunksTest, AFailureMakesTheAnswerPartialAndIsNamed) {
  write_many(10);
  folder_.refresh();
  int n = 0;
  ScriptedReader reader([&](const Passage&) { return n++ % 5 == 0 ? failed("HTTP 503") : none(); });
  const auto result = run(reader, ask("copper", Effort::exhaustive), 10'000);
  EXPECT_EQ(result->status, ReadChunksResult::Status::partial);
  EXPECT_GT(result->coverage.failed, 0U);
  EXPECT_EQ(result->coverage.unread, 0U);
  ASSERT_FALSE(result->coverage.failures.empty());
  EXPECT_EQ(result->coverage.failures[0].reason, "HTTP 503");
  EXPECT_EQ(result->next, "read_more");
}

TEST_F(ReadChunksTest, QuickReadsTheFirst64) {
  write_many(60, 900);
  folder_.refresh();
  ASSERT_GT(folder_.snapshot()->chunk_count(), 200U);
  ScriptedReader reader([](const Passage&) { return none(); });
  const auto result = run(reader, ask("copper", Effort::quick));
  EXPECT_EQ(result->coverage.read, 64U);
  EXPECT_EQ(result->status, ReadChunksResult::Status::nothing_relevant);
  EXPECT_NE(result->text.find("not read"), std::string::npos);
}

TEST_F(ReadChunksTest, StandardStopsAfterTwoWavesWithoutEvidence) {
  write_many(80, 900);
  folder_.refresh();
  ASSERT_GT(folder_.snapshot()->chunk_count(), 300U);
  ScriptedReader reader([](const Passage&) { return none(); });
  EXPECT_EQ(run(reader, ask("copper"))->coverage.read, 64U + 128U);
}

TEST_F(ReadChunksTest, TheCapStopsAndTheCursorGoesOnWithoutReadingTwice) {
  write_many(40, 900);
  folder_.refresh();
  const std::uint64_t all = folder_.snapshot()->chunk_count();
  ASSERT_GT(all, 100U);
  ScriptedReader reader([](const Passage& p) { return holds(p, "copper lantern"); });
  auto request = ask("copper lantern", Effort::exhaustive);
  std::set<std::string> evidence;
  std::uint64_t read = 0;
  for (int call = 0;; ++call) {
    ASSERT_LT(call, 200);
    const auto result = run(reader, request, 50);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_GE(result->coverage.read, read);
    read = result->coverage.read;
    for (const Evidence& item : result->evidence) {
      EXPECT_TRUE(evidence.insert(item.chunk_id + std::to_string(item.location.byte_start)).second);
    }
    if (read < all && result->next != "return_more") {
      EXPECT_EQ(result->status, ReadChunksResult::Status::partial);
    }
    if (result->next_cursor.empty()) {
      EXPECT_EQ(evidence.size(), result->coverage.relevant);
      break;
    }
    request = {};
    request.cursor = result->next_cursor;
  }
  EXPECT_EQ(read, all);
  for (const auto& [chunk, times] : reader.judged) EXPECT_EQ(times, 1) << chunk;
  EXPECT_EQ(reader.judged.size(), all);
}

TEST_F(ReadChunksTest, AChangedDocumentIsReadAgainAndTheOthersAreNot) {
  write_many(10, 300);
  folder_.refresh();
  ScriptedReader reader([](const Passage&) { return none(); });
  reader.stop_after(folder_.snapshot()->chunk_count() - 1);
  const auto first = run(reader, ask("copper", Effort::exhaustive));
  EXPECT_EQ(first->status, ReadChunksResult::Status::partial);
  folder_.write("3.md", "Quite another text.\n");
  folder_.refresh();
  reader.stop_after(1'000'000);
  const auto before = reader.judged;
  ReadChunksRequest request;
  request.cursor = first->next_cursor;
  const auto second = run(reader, request);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->index.changed);
  EXPECT_TRUE(second->coverage.complete());
  std::size_t again = 0;
  for (const auto& [chunk, times] : reader.judged) {
    const auto known = before.find(chunk);
    if (known != before.end() && times > known->second) ++again;
  }
  EXPECT_EQ(again, 1U);  // the first chunk of 3.md
}

TEST_F(ReadChunksTest, AnUnknownCursorIsRefused) {
  folder_.write("a.md", "One.\n");
  folder_.refresh();
  ExtractiveReader reader(folder_.index());
  for (const std::string cursor : {"x", "r0123456789a", "../../manifest"}) {
    ReadChunksRequest request;
    request.cursor = cursor;
    EXPECT_NE(run(reader, request).error().message.find("is not known"), std::string::npos);
  }
}

TEST_F(ReadChunksTest, BudgetsHoldForRandomCalls) {
  write_many(12, 500);
  folder_.refresh();
  const auto counter = make_token_estimator();
  ScriptedReader reader([](const Passage& p) {
    Verdict verdict = holds(p, "copper");
    if (p.text.size() % 7 == 0) return failed("HTTP 500, which is a rather long reason to give");
    return verdict.sentences.empty() ? holds(p, "。") : verdict;
  });
  std::mt19937 random(5);
  for (int call = 0; call < 300; ++call) {
    auto request = ask("copper ledger 数据库", static_cast<Effort>(random() % 3));
    request.max_tokens = 64 + random() % (random() % 2 == 0 ? 150 : 3000);
    request.answer = random() % 2 == 0;
    const auto result = run(reader, request);
    ASSERT_TRUE(result);
    ASSERT_LE(counter->count(result->text), request.max_tokens) << result->text;
    ASSERT_LE(result->total_tokens, request.max_tokens);
  }
}

TEST_F(ReadChunksTest, TheExtractiveReaderFindsASentenceAndSaysNoneElsewhere) {
  write_many(10);
  folder_.write("needle.md", random_prose(77, 100) +
                                 "\n\nThe keeper of the lighthouse was called Amelia Brandt. "
                                 "She came from the north.\n");
  folder_.refresh();
  ExtractiveReader reader(folder_.index());
  const auto result = run(reader, ask("Who was the keeper of the lighthouse?", Effort::exhaustive));
  EXPECT_EQ(result->status, ReadChunksResult::Status::found);
  ASSERT_FALSE(result->evidence.empty());
  EXPECT_EQ(result->evidence[0].text, "The keeper of the lighthouse was called Amelia Brandt.");
  const auto nothing =
      run(reader, ask("Which enzyme repairs telomeres in yeast?", Effort::exhaustive));
  EXPECT_EQ(nothing->status, ReadChunksResult::Status::nothing_relevant);
}

}  // namespace
}  // namespace callslip
