// What the tests of ReadChunks share: a scripted reader, and a check of every answer's account.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "index/document_id.h"
#include "tests/support/indexed_folder.h"
#include "tools/extractive_reader.h"
#include "tools/read_chunks.h"

namespace callslip::read_chunks_tests {

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

inline Verdict none() { return {}; }

inline Verdict failed(const std::string& reason) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::failed;
  verdict.reason = reason;
  return verdict;
}

/// Relevant where the passage holds the words, which are then the sentence.
inline Verdict holds(const Passage& passage, const std::string& words) {
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

}  // namespace callslip::read_chunks_tests
