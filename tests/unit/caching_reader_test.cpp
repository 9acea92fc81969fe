#include "tools/caching_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <map>
#include <set>

#include "tests/unit/scratch_directory.h"

namespace callslip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Kind = Verdict::Kind;

/// Finds its first sentence relevant where the passage has a "key".
Verdict judge(const std::string& text) {
  Verdict verdict;
  if (text.find("broken") != std::string::npos) {
    verdict.kind = Kind::failed;
    verdict.reason = "HTTP 503";
  } else if (text.find("key") != std::string::npos) {
    verdict.kind = Kind::relevant;
    verdict.sentences = {{0, text.find('.') + 1}};
  } else {
    verdict.rejected_quotes = 1;
  }
  return verdict;
}

/// Two passages a call; up to `in_flight` calls are open before the first is answered.
class FakeReader : public Reader {
 public:
  std::string model = "toy/1";
  std::size_t in_flight = 1;
  bool tells = false;              // when a reply is judged
  std::vector<std::string> asked;  // texts, in the order of the calls
  std::function<void()> before_call = [] {};

  std::string name() const override { return "toy"; }
  std::string identity() const override { return model; }

  ReaderUsage read(const std::string&, PassageSource& source, std::uint64_t max_calls,
                   const CallContext& context, const OnVerdict& on_verdict) override {
    ReaderUsage usage;
    std::deque<std::vector<Passage>> open;
    bool more = true;
    while (!context.should_stop()) {
      while (more && open.size() < in_flight && usage.calls < max_calls) {
        std::vector<Passage> pack;
        while (pack.size() < 2) {
          auto passage = source.next();
          more = passage.has_value();
          if (!more) break;
          pack.push_back(std::move(*passage));
        }
        if (pack.empty()) break;
        before_call();
        ++usage.calls;
        for (const Passage& passage : pack) asked.push_back(passage.text);
        open.push_back(std::move(pack));
      }
      if (open.empty()) break;
      for (const Passage& passage : open.front()) {
        on_verdict(passage.number, judge(passage.text));
      }
      if (tells) source.reply_judged();
      open.pop_front();
    }
    if (usage.calls == max_calls) usage.bound = "calls";
    return usage;
  }

  ReaderPlan plan(const std::string&, PassageSource& source) const override {
    ReaderPlan plan;
    while (source.next()) ++plan.calls;
    return plan;
  }
  Result<std::string> answer(const PreparedQuestion& question, std::span<const Passage>,
                             const CallContext&, ReaderUsage&) override {
    return "answer to " + question.information;
  }
  Result<PreparedQuestion> prepare(const std::string& question, std::span<const std::string>,
                                   const CallContext&, ReaderUsage&) override {
    return PreparedQuestion{question, "", {}};
  }
};

class Texts : public PassageSource {
 public:
  explicit Texts(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  std::optional<Passage> next() override {
    ++pulled;
    if (next_ == texts_.size()) return std::nullopt;
    Passage passage;
    passage.number = 100 + next_;
    passage.text = texts_[next_++];
    return passage;
  }

  std::size_t pulled = 0;

 private:
  const std::vector<std::string> texts_;
  std::size_t next_ = 0;
};

/// A CachingReader on a cache of its own in the directory, and what it was asked.
class CachedReading {
 public:
  explicit CachedReading(const std::string& directory)
      : cache_({directory}),
        inner_(new FakeReader),
        reader_(std::unique_ptr<Reader>(inner_), cache_,
                [this](const Error& error) { troubles.push_back(error.message); }) {}

  ReaderPlan plan(const std::string& question, const std::vector<std::string>& texts) const {
    Texts source(texts);
    return reader_.plan(question, source);
  }

  ReaderUsage read(const std::vector<std::string>& texts, std::uint64_t max_calls = 1000,
                   const std::string& question = "Which key?", const CallContext& context = {}) {
    Texts source(texts);
    verdicts.clear();
    ReaderUsage usage = reader_.read(
        question, source, max_calls, context, [this](std::size_t number, const Verdict& verdict) {
          EXPECT_TRUE(verdicts.emplace(number - 100, verdict).second) << number;
          on_verdict(verdict);
        });
    pulled = source.pulled;
    return usage;
  }

  FakeReader& inner() { return *inner_; }
  CachingReader& reader() { return reader_; }

  std::map<std::size_t, Verdict> verdicts;
  std::size_t pulled = 0;  // passages of the last read
  std::vector<std::string> troubles;
  std::function<void(const Verdict&)> on_verdict = [](const Verdict&) {};

 private:
  VerdictCache cache_;
  FakeReader* inner_;
  CachingReader reader_;
};

const std::vector<std::string> passages = {"A key. Two.", "Nothing here.", "No. None.",
                                           "The key hangs here.", "Five."};

TEST(CachingReader, ReadsASecondTimeWithoutACallAndFindsTheSame) {
  const ScratchDirectory scratch;
  std::map<std::size_t, Verdict> first;
  {
    CachedReading reading(scratch.path());
    EXPECT_EQ(reading.read(passages).calls, 3U);
    first = reading.verdicts;
    ASSERT_EQ(first.size(), 5U);
    EXPECT_FALSE(first.at(0).from_cache);
    EXPECT_EQ(first.at(1).rejected_quotes, 1U);
  }
  CachedReading reading(scratch.path());
  EXPECT_EQ(reading.read(passages).calls, 0U);
  EXPECT_THAT(reading.inner().asked, IsEmpty());
  ASSERT_EQ(reading.verdicts.size(), 5U);
  for (const auto& [number, verdict] : reading.verdicts) {
    EXPECT_EQ(verdict.kind, first.at(number).kind);
    EXPECT_EQ(verdict.sentences, first.at(number).sentences);
    EXPECT_EQ(verdict.rejected_quotes, 0U);
    EXPECT_TRUE(verdict.from_cache);
  }
}

TEST(CachingReader, AsksOnlyForWhatChanged) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.read(passages);
  reading.inner().asked.clear();
  auto changed = passages;
  changed[2] = "No. None at all.";
  EXPECT_EQ(reading.read(changed).calls, 1U);
  EXPECT_THAT(reading.inner().asked, ElementsAre("No. None at all."));
  EXPECT_EQ(reading.verdicts.size(), 5U);
  EXPECT_FALSE(reading.verdicts.at(2).from_cache);
}

TEST(CachingReader, AsksAnewForAnotherQuestionOrModel) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.read(passages);
  EXPECT_EQ(reading.read(passages, 1000, "Which door?").calls, 3U);
  reading.inner().model = "toy/2";
  EXPECT_EQ(reading.read(passages).calls, 3U);
}

TEST(CachingReader, AsksAnewForWhatFailed) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  const std::vector<std::string> texts = {"broken", "A key."};
  reading.read(texts);
  EXPECT_EQ(reading.verdicts.at(0).reason, "HTTP 503");
  reading.inner().asked.clear();
  EXPECT_EQ(reading.read(texts).calls, 1U);
  EXPECT_THAT(reading.inner().asked, ElementsAre("broken"));
  EXPECT_FALSE(reading.verdicts.at(0).from_cache);
}

TEST(CachingReader, RemembersNothingOfAReaderThatCostsNothing) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.inner().model = "";
  reading.read(passages);
  EXPECT_EQ(reading.read(passages).calls, 3U);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
  EXPECT_EQ(reading.plan("Which key?", passages).cached, 0U);
}

TEST(CachingReader, JudgesEqualPassagesOnce) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.inner().in_flight = 8;
  EXPECT_EQ(reading.read({"Same.", "Same.", "broken", "Same.", "broken"}).calls, 1U);
  EXPECT_THAT(reading.inner().asked, ElementsAre("Same.", "broken"));
  ASSERT_EQ(reading.verdicts.size(), 5U);
  EXPECT_FALSE(reading.verdicts.at(0).from_cache);
  EXPECT_EQ(reading.verdicts.at(0).rejected_quotes, 1U);
  for (const std::size_t twin : {1U, 3U}) {
    EXPECT_TRUE(reading.verdicts.at(twin).from_cache);
    EXPECT_EQ(reading.verdicts.at(twin).rejected_quotes, 0U);
  }
  EXPECT_EQ(reading.verdicts.at(4).kind, Kind::failed);
  EXPECT_FALSE(reading.verdicts.at(4).from_cache);
}

TEST(CachingReader, JudgesEqualPassagesOnceAlsoWhereTheFirstWasAnsweredBefore) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  const std::vector<std::string> texts = {"A key. Two.", "Five.", "A key. Two.", "broken",
                                          "Six.",        "Five.", "Seven",       "broken"};
  reading.read(texts);
  EXPECT_THAT(reading.inner().asked,
              ElementsAre("A key. Two.", "Five.", "broken", "Six.", "Seven", "broken"));
  ASSERT_EQ(reading.verdicts.size(), texts.size());
  EXPECT_TRUE(reading.verdicts.at(2).from_cache);
  EXPECT_EQ(reading.verdicts.at(2).sentences, reading.verdicts.at(0).sentences);
  EXPECT_EQ(reading.verdicts.at(5).rejected_quotes, 0U);
  // What failed may be answered the next time.
  EXPECT_FALSE(reading.verdicts.at(7).from_cache);
}

TEST(CachingReader, LeavesTheRestAloneWhereNothingOfItCanBeKnown) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.read({"One.", "Two.", "Three.", "Four.", "Five."}, 1);
  EXPECT_EQ(reading.pulled, 2U);
  reading.read({"One.", "Two.", "Three.", "Four.", "Five."}, 0);
  EXPECT_EQ(reading.pulled, 6U);  // and that there are no more
}

TEST(CachingReader, GivesWhatItHoldsBeyondTheBoundOnCalls) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.read({"One.", "Six."});
  const ReaderUsage usage = reading.read({"Two.", "Three.", "Four.", "One.", "Five.", "Six."}, 1);
  EXPECT_EQ(usage.calls, 1U);
  EXPECT_EQ(usage.bound, "calls");
  std::set<std::size_t> judged;
  for (const auto& [number, verdict] : reading.verdicts) judged.insert(number);
  EXPECT_THAT(judged, ElementsAre(0, 1, 3, 5));
  reading.read({"One.", "Seven."}, 0);
  EXPECT_EQ(reading.verdicts.size(), 1U);
}

TEST(CachingReader, StopsWithTheContextAlsoAmongHits) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.read(passages);
  std::stop_source stop;
  CallContext context;
  context.stop = stop.get_token();
  reading.on_verdict = [&stop](const Verdict&) { stop.request_stop(); };
  reading.read(passages, 1000, "Which key?", context);
  EXPECT_EQ(reading.verdicts.size(), 1U);
}

TEST(CachingReader, APlanCountsWhatItHoldsAsFree) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  reading.read({"A key.", "broken"});
  const ReaderPlan plan = reading.plan("Which key?", {"A key.", "broken", "B key."});
  EXPECT_EQ(plan.cached, 1U);
  EXPECT_EQ(plan.calls, 2U);
  EXPECT_EQ(reading.plan("Which door?", {"A key."}).cached, 0U);
}

TEST(CachingReader, PassesOnWhatIsNotReading) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch.path());
  CachingReader& reader = reading.reader();
  ReaderUsage usage;
  EXPECT_EQ(reader.name(), "toy");
  EXPECT_EQ(reader.identity(), "toy/1");
  EXPECT_EQ(reading.plan("q", {"One.", "Two."}).calls, 2U);
  EXPECT_EQ(reader.answer({"q", "", {}}, {}, {}, usage).value(), "answer to q");
  EXPECT_EQ(reader.prepare("q", {}, {}, usage)->information, "q");
}

TEST(CachingReader, ReadsWhereNothingCanBeStoredAndSaysSoOnce) {
  const ScratchDirectory scratch;
  CachedReading reading(scratch / "missing/too");
  EXPECT_EQ(reading.read(passages).calls, 3U);
  EXPECT_EQ(reading.verdicts.size(), 5U);
  EXPECT_EQ(reading.troubles.size(), 1U);
}

/// Runs a read in a process that is killed by `kill_in`, then reads again; the second's texts.
std::vector<std::string> asked_after_kill(const std::string& directory,
                                          const std::function<void(CachedReading&)>& kill_in) {
  const pid_t child = ::fork();
  if (child == 0) {
    CachedReading reading(directory);
    kill_in(reading);
    reading.read(passages);
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  CachedReading reading(directory);
  reading.read(passages);
  EXPECT_EQ(reading.verdicts.size(), passages.size());
  return reading.inner().asked;
}

TEST(CachingReader, PaysNoAnsweredCallTwiceAfterAKillBeforeTheNextCall) {
  const ScratchDirectory scratch;
  const auto asked = asked_after_kill(scratch.path(), [](CachedReading& reading) {
    reading.inner().before_call = [&reading] {
      if (reading.inner().asked.size() == 4) ::raise(SIGKILL);
    };
  });
  EXPECT_THAT(asked, ElementsAre("Five."));
}

TEST(CachingReader, HasStoredWhatItReportsAlsoWhenNoCallFollows) {
  const ScratchDirectory scratch;
  const auto asked = asked_after_kill(scratch.path(), [](CachedReading& reading) {
    reading.inner().in_flight = 8;  // all are asked before the first reply
    reading.on_verdict = [&reading](const Verdict&) {
      if (reading.verdicts.size() == 4) ::raise(SIGKILL);
    };
  });
  EXPECT_THAT(asked, ElementsAre("Five."));
}

TEST(CachingReader, HasStoredEachReplyOfAReaderThatTellsWhenOneIsJudged) {
  const ScratchDirectory scratch;
  const auto asked = asked_after_kill(scratch.path(), [](CachedReading& reading) {
    reading.inner().in_flight = 8;
    reading.inner().tells = true;
    reading.on_verdict = [&reading](const Verdict&) {
      // The first of the second reply.
      if (reading.verdicts.size() == 3) ::raise(SIGKILL);
    };
  });
  EXPECT_THAT(asked, ElementsAre("Five."));
}

}  // namespace
}  // namespace callslip
