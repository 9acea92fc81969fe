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

  std::string identity() const override { return "scripted"; }

  ReaderUsage read(const std::string& question, PassageSource& source, std::uint64_t max_calls,
                   const CallContext& context, const OnVerdict& on_verdict) override {
    asked.push_back(question);
    ReaderUsage usage;
    while (!context.should_stop() && stop_after_ > 0) {
      if (usage.calls == max_calls) {
        usage.bound = "the bound of calls";
        break;
      }
      const auto passage = source.next();
      if (!passage) break;
      --stop_after_;
      ++usage.calls;
      ++judged[passage->chunk_id];
      on_verdict(passage->number, judge_(*passage));
    }
    return usage;
  }

  ReaderPlan plan(const std::string&, PassageSource& source) const override {
    ReaderPlan plan;
    while (const auto passage = source.next()) {
      ++plan.passages;
      ++plan.calls;
      plan.tokens += passage->tokens;
    }
    return plan;
  }

  Result<std::string> answer(const PreparedQuestion& question, std::span<const Passage> evidence,
                             const CallContext&, ReaderUsage&) override {
    ++answers;
    return "answer from " + std::to_string(evidence.size()) +
           (question.instruction.empty() ? "" : ", " + question.instruction);
  }

  Result<PreparedQuestion> prepare(const std::string&, std::span<const std::string>,
                                   const CallContext&, ReaderUsage&) override {
    return PreparedQuestion{"who feeds the zyzzyva", "in one word", {"weevil"}};
  }

  void stop_after(std::size_t passages) { stop_after_ = passages; }

  std::map<std::string, int> judged;
  std::vector<std::string> asked;
  int answers = 0;

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

TEST_F(ReadChunksTest, APlanReadsNothingAndTellsTheLeastAndTheMost) {
  write_many(80, 900);
  folder_.refresh();
  const std::uint64_t all = folder_.snapshot()->chunk_count();
  ScriptedReader reader([](const Passage&) { return none(); });
  auto request = ask("copper");
  request.dry_run = true;
  const auto result = run(reader, request);
  ASSERT_TRUE(result && result->plan);
  EXPECT_EQ(result->plan->least.passages, 64U + 128U);
  EXPECT_EQ(result->plan->most.passages, all);
  EXPECT_EQ(result->plan->most.tokens, folder_.snapshot()->token_count());
  EXPECT_EQ(result->coverage.unread, all);
  EXPECT_TRUE(reader.judged.empty());
  EXPECT_NE(result->text.find("Nothing was read"), std::string::npos);
  request.effort = Effort::quick;
  EXPECT_EQ(run(reader, request)->plan->most.passages, 64U);
}

TEST_F(ReadChunksTest, TheBoundOnCallsIsToldWithWhatTheRestWouldTake) {
  write_many(40, 900);
  folder_.refresh();
  const std::uint64_t all = folder_.snapshot()->chunk_count();
  ScriptedReader reader([](const Passage&) { return none(); });
  const auto result = run(reader, ask("copper", Effort::exhaustive), 50);
  EXPECT_EQ(result->coverage.read, 50U);
  ASSERT_EQ(result->notes.size(), 1U);
  EXPECT_EQ(result->notes[0], "reading stopped at the bound of calls; the rest, " +
                                  std::to_string(all - 50) + " chunks, would take about " +
                                  std::to_string(all - 50) + " more calls");
}

TEST_F(ReadChunksTest, AnExhaustiveReadIsOneStreamInWavesOfBelief) {
  write_many(60, 900);
  folder_.write("needle.md", "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  std::vector<std::string> order;
  ScriptedReader reader([&](const Passage& p) {
    order.push_back(p.document);
    return none();
  });
  ASSERT_TRUE(run(reader, ask("zyzzyva", Effort::exhaustive), 100'000));
  EXPECT_EQ(reader.asked.size(), 1U);
  const auto needle = std::find(order.begin(), order.end(), "docs/needle.md");
  EXPECT_LT(needle - order.begin(), 64);
}

TEST_F(ReadChunksTest, InstructionsReachTheAnswerAndNotTheQuery) {
  write_many(3);
  folder_.write("needle.md", "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  LibraryLanguages languages;
  ReadChunks::Options options;
  options.languages = &languages;
  ScriptedReader reader([](const Passage& p) { return holds(p, "The zyzzyva eats maize"); });
  auto request = ask("In one word, who feeds the zyzzyva?", Effort::exhaustive);
  request.expand = true;
  request.answer = true;
  const auto result = ReadChunks(folder_.library(), reader, options).run(request, {});
  ASSERT_TRUE(result && result->prepared);
  EXPECT_TRUE(result->prepared->by_model);
  EXPECT_EQ(reader.asked.at(0), "who feeds the zyzzyva");
  EXPECT_EQ(result->answer, "answer from 1, in one word");
}

TEST_F(ReadChunksTest, EvidenceIsWeakWhereTheQuestionsWordsStandNowhere) {
  write_many(5);
  folder_.write("needle.md", "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  ScriptedReader reader([](const Passage& p) { return holds(p, "The zyzzyva eats maize"); });
  const auto strong = run(reader, ask("what does the zyzzyva eat?", Effort::exhaustive));
  EXPECT_EQ(strong->strength, EvidenceStrength::strong);
  EXPECT_TRUE(strong->unknown_terms.empty());
  const auto weak = run(reader, ask("which telomerase eats Brachiosaurus?", Effort::exhaustive));
  EXPECT_EQ(weak->strength, EvidenceStrength::weak);
  EXPECT_EQ(weak->unknown_terms, (std::vector<std::string>{"telomerase", "Brachiosaurus"}));
  ScriptedReader silent([](const Passage&) { return none(); });
  EXPECT_EQ(run(silent, ask("zyzzyva"))->strength, EvidenceStrength::none);
}

TEST_F(ReadChunksTest, CopiesOfAChunkAreNamedAndNotRepeated) {
  write_many(3);
  const std::string text = random_prose(5, 150) + "The zyzzyva eats maize at night.\n";
  folder_.write("one.md", text);
  folder_.write("two.md", text + "A line more.\n");
  folder_.refresh();
  ScriptedReader reader([](const Passage& p) { return holds(p, "The zyzzyva eats maize"); });
  const auto result = run(reader, ask("what does the zyzzyva eat?", Effort::exhaustive));
  EXPECT_EQ(result->coverage.relevant, 2U);
  ASSERT_EQ(result->evidence.size(), 1U);
  EXPECT_EQ(result->evidence[0].also_in.size(), 1U);
  EXPECT_EQ(result->chunks.at(0).duplicates, result->evidence[0].also_in);
}

TEST_F(ReadChunksTest, ChunksOfADocumentComeInTheOrderOfItsText) {
  std::string text;
  for (unsigned i = 0; i < 6; ++i) text += "# Part\n\n" + random_prose(i, 250) + "\n\n";
  text += "# End\n\nzyzzyva zyzzyva copper. " + random_prose(9, 200);
  folder_.write("long.md", text);
  folder_.refresh();
  ScriptedReader reader([](const Passage& p) { return holds(p, "copper"); });
  const auto result = run(reader, ask("zyzzyva copper", Effort::exhaustive));
  ASSERT_GT(result->chunks.size(), 2U);
  for (std::size_t i = 1; i < result->chunks.size(); ++i) {
    EXPECT_LT(result->chunks[i - 1].location.byte_start, result->chunks[i].location.byte_start);
  }
}

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

TEST_F(ReadChunksTest, EvidenceOfAChangedChunkIsReturnedAgain) {
  write_many(10, 500);
  folder_.write("k.md", "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  ScriptedReader reader([](const Passage& p) { return holds(p, "The zyzzyva eats"); });
  reader.stop_after(8);
  const auto first = run(reader, ask("zyzzyva", Effort::exhaustive));
  ASSERT_EQ(first->evidence.size(), 1U);
  folder_.write("k.md", "The zyzzyva eats hay by day.\n");
  folder_.refresh();
  reader.stop_after(1'000'000);
  ReadChunksRequest request;
  request.cursor = first->next_cursor;
  const auto second = run(reader, request);
  ASSERT_EQ(second->evidence.size(), 1U);
  EXPECT_EQ(second->evidence[0].text, "The zyzzyva eats");
}

TEST_F(ReadChunksTest, AnAnswerIsPaidForOnceAndOnlyWhereThereIsEvidence) {
  write_many(60, 900);
  folder_.write("needle.md", "The zyzzyva eats maize at night.\n");
  folder_.refresh();
  ScriptedReader reader([](const Passage& p) { return holds(p, "The zyzzyva eats maize"); });
  auto request = ask("zyzzyva", Effort::quick);
  request.answer = true;
  auto result = run(reader, request);
  EXPECT_EQ(result->answer, "answer from 1");
  for (int call = 0; call < 3 && result->next == "read_more"; ++call) {
    request = {};
    request.cursor = result->next_cursor;
    result = run(reader, request);
    EXPECT_EQ(result->answer, "");
  }
  EXPECT_EQ(reader.answers, 1);
  ScriptedReader silent([](const Passage&) { return none(); });
  request = ask("zyzzyva", Effort::quick);
  request.answer = true;
  EXPECT_EQ(run(silent, request)->answer, "The documents that were read do not tell.");
  EXPECT_EQ(silent.answers, 0);
}

TEST_F(ReadChunksTest, ACursorGetsOnWhateverTheNamesAndNotes) {
  const std::string folder = std::string(200, 'a') + "/" + std::string(200, 'b') + "/";
  folder_.write(folder + std::string(200, 'c') + ".md", "The zyzzyva eats maize at night.\n");
  for (int i = 0; i < 4; ++i) folder_.write(std::to_string(i) + ".md", "Copper.\n");
  folder_.refresh();
  const std::string question =
      "qqq1 qqq2 qqq3 qqq4 qqq5 qqq6 qqq7 qqq8 qqq9 qqqa qqqb qqqc qqqd qqqe zyzzyva";
  for (std::size_t max_tokens = 64; max_tokens < 500; max_tokens += 13) {
    ScriptedReader reader([](const Passage& p) {
      const Verdict verdict = holds(p, "The zyzzyva eats maize");
      return verdict.sentences.empty() ? failed("HTTP 503, a long reason: " + p.document) : verdict;
    });
    auto request = ask(question, Effort::exhaustive);
    request.max_tokens = max_tokens;
    auto result = run(reader, request);
    std::size_t shown = 0;
    for (int call = 0; result->next == "return_more"; ++call) {
      ASSERT_LT(call, 20) << max_tokens << "\n" << result->text;
      shown += result->evidence.size() + result->chunks.size();
      request = {};
      request.cursor = result->next_cursor;
      request.max_tokens = max_tokens;
      result = run(reader, request);
      ASSERT_TRUE(result);
    }
    shown += result->evidence.size() + result->chunks.size();
    EXPECT_GE(shown, 1U) << max_tokens;
  }
}

TEST_F(ReadChunksTest, ABoundAtTheEndOfAWaveIsTold) {
  write_many(60, 900);
  folder_.refresh();
  ScriptedReader reader([](const Passage&) { return none(); });
  const auto result = run(reader, ask("copper"), 64);
  EXPECT_EQ(result->coverage.read, 64U);
  ASSERT_EQ(result->notes.size(), 1U);
  EXPECT_NE(result->notes[0].find("the rest"), std::string::npos);
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
    request.dry_run = random() % 8 == 0;
    request.by_caller = random() % 8 == 0;
    const auto result = run(reader, request);
    if (!result && request.by_caller && request.max_tokens < 1000) continue;  // no room for a chunk
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
