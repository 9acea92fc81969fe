#include "tests/unit/read_chunks_fixture.h"

namespace callslip {
namespace {

using namespace read_chunks_tests;

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
