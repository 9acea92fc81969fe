// What ends a read before its end: bounds on calls, the deadline, its caller. What was read is kept
// and said, and the cursor goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/reading_corpus.h"
#include "tests/support/tool_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr bool stopped = true;
const std::string question = "where was the heron seen?";

class ReadingBounds : public ::testing::Test {
 protected:
  json read(const std::vector<std::string>& more, bool is_stopped,
            const std::string& asked = question) {
    std::vector<std::string> flags = ReadingCorpus::model(oracle_.url());
    for (std::size_t i = 0; i < more.size(); i += 2) {
      const auto given = std::find(flags.begin(), flags.end(), more[i]);
      if (given != flags.end()) flags.erase(given, given + 2);
    }
    flags.insert(flags.end(), more.begin(), more.end());
    return corpus_.read(asked, flags, is_stopped);
  }

  static std::vector<std::string> notes(const json& answer) {
    return answer.value("notes", std::vector<std::string>());
  }

  static double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  ReadingCorpus corpus_;
  OracleProcess oracle_{corpus_.wanted(), {}};
};

TEST_F(ReadingBounds, CallsAreBoundedAndTheCursorGoesOn) {
  std::set<std::string> found;
  std::uint64_t relevant = 0;
  std::string cursor;
  std::uint64_t calls = 0;
  std::uint64_t promised = 0;
  for (int answers = 1;; ++answers) {
    ASSERT_LT(answers, 20);
    oracle_.reset_stats();
    std::vector<std::string> more{"--reader-max-calls", "20"};
    if (!cursor.empty()) more.insert(more.end(), {"--cursor", cursor});
    const bool last = answers > 1 && promised <= 20;
    const json answer = read(more, !last, cursor.empty() ? question : "");
    ASSERT_TRUE(answer.is_object());
    const json stats = oracle_.stats();
    EXPECT_LE(stats.at("calls"), 20);
    EXPECT_EQ(stats.at("passages_judged"), stats.at("distinct_passages"));
    calls += stats.at("calls").get<std::uint64_t>();
    EXPECT_EQ(answer.at("usage").at("calls"), calls) << "over all answers";
    found.merge(ReadingCorpus::found(answer));
    EXPECT_GE(answer.at("coverage").at("relevant"), relevant);
    relevant = answer.at("coverage").at("relevant");
    if (answer.at("coverage").at("unread") == 0) {
      EXPECT_TRUE(last) << "sooner than was said: " << promised;
      break;
    }
    EXPECT_EQ(stats.at("calls"), 20);
    EXPECT_EQ(answer.at("next"), "read_more");
    EXPECT_THAT(notes(answer), Contains(HasSubstr("the bound of 20 calls for one read")));
    for (const std::string& note : notes(answer)) {
      const std::size_t at = note.find("would take about ");
      if (at != std::string::npos) promised = std::stoull(note.substr(at + 17));
    }
    EXPECT_GT(promised, 0U);
    cursor = answer.at("next_cursor");
  }
  EXPECT_EQ(found.size(), corpus_.wanted().size());
}

TEST_F(ReadingBounds, RetriesCountAsCalls) {
  oracle_.control({{"error_rate", 0.5}});
  const json answer = read({"--reader-max-calls", "17"}, stopped);
  ASSERT_TRUE(answer.is_object());
  EXPECT_EQ(oracle_.count("calls"), 17U);
  EXPECT_EQ(answer.at("usage").at("calls"), 17);
  EXPECT_GT(answer.at("coverage").at("unread"), 0);
}

TEST_F(ReadingBounds, TheBoundOfADayHoldsOverProcesses) {
  const json first = read({"--reader-max-calls-per-day", "30"}, stopped);
  ASSERT_TRUE(first.is_object());
  EXPECT_EQ(oracle_.count("calls"), 30U);
  EXPECT_THAT(notes(first), Contains(HasSubstr("calls for one day")));
  const json second = read({"--reader-max-calls-per-day", "45"}, stopped);
  EXPECT_EQ(oracle_.count("calls"), 45U);
  EXPECT_GT(second.at("coverage").at("read"), first.at("coverage").at("read"));
  const json third = read({"--reader-max-calls-per-day", "45"}, stopped);
  EXPECT_EQ(oracle_.count("calls"), 45U);
  EXPECT_EQ(third.at("coverage").at("read"), second.at("coverage").at("read"));
  EXPECT_EQ(third.at("coverage").at("from_cache"), third.at("coverage").at("read"));
  ToolServer server(corpus_.shelf(), {"--reader-url", oracle_.url(), "--reader-model", "oracle",
                                      "--reader-max-calls-per-day", "50"});
  server.call("read_chunks", {{"question", question + "?"}, {"effort", "exhaustive"}});
  EXPECT_EQ(oracle_.count("calls"), 50U);
}

TEST_F(ReadingBounds, TheDeadlineReturnsWhatIsKnown) {
  oracle_.control({{"latency", 100}});
  const auto start = std::chrono::steady_clock::now();
  const json answer = read({"--deadline", "1", "--reader-concurrency", "2"}, stopped);
  EXPECT_LT(seconds_since(start), 10);
  ASSERT_TRUE(answer.is_object());
  const std::uint64_t known = answer.at("coverage").at("read");
  EXPECT_GT(known, 0U);
  EXPECT_GT(answer.at("coverage").at("unread"), 0);
  EXPECT_EQ(answer.at("next"), "read_more");
  // The likeliest come first.
  EXPECT_FALSE(answer.at("evidence").empty());
  oracle_.control({{"latency", 0}});
  const json rest = read({"--cursor", answer.at("next_cursor")}, false, "");
  EXPECT_EQ(rest.at("coverage").at("unread"), 0);
  std::set<std::string> found = ReadingCorpus::found(answer);
  found.merge(ReadingCorpus::found(rest));
  EXPECT_EQ(found.size(), corpus_.wanted().size());
  const json stats = oracle_.stats();
  EXPECT_EQ(stats.at("passages_judged"), stats.at("distinct_passages"));
}

TEST_F(ReadingBounds, TheDeadlineHoldsWhereEveryCallHangs) {
  oracle_.control({{"hang", 1}});
  const auto start = std::chrono::steady_clock::now();
  const json answer = read({"--deadline", "0.5"}, stopped);
  EXPECT_LT(seconds_since(start), 10);
  EXPECT_EQ(answer.at("coverage").at("unread"), answer.at("coverage").at("in_scope"));
  EXPECT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("in_flight") == 0; }));
}

TEST_F(ReadingBounds, ACancelledReadClosesItsConnectionsAndKeepsWhatItRead) {
  oracle_.control({{"latency", 5}});
  ToolServer server(corpus_.shelf(), {"--reader-url", oracle_.url(), "--reader-model", "oracle",
                                      "--reader-context", "1024", "--reader-timeout", "600"});
  const json arguments{{"question", question}, {"effort", "exhaustive"}, {"deadline_s", 600}};
  const int id = server.start("read_chunks", arguments);
  ASSERT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("answered") > 20; }));
  oracle_.control({{"hang", 1}});
  ASSERT_TRUE(oracle_.wait_until(
      [](const json& stats) { return stats.at("replies").value("hang", 0) == 8; }));
  const auto start = std::chrono::steady_clock::now();
  server.cancel(id);
  ASSERT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("aborted") == 8; }));
  EXPECT_LT(seconds_since(start), 5);  // a tenth of a second, where nothing else runs
  oracle_.control({{"hang", 0}, {"latency", 0}});
  const std::uint64_t known = oracle_.count("passages_judged");
  const json answer = server.call("read_chunks", arguments);
  EXPECT_EQ(answer.at("status"), "found");
  EXPECT_EQ(answer.at("coverage").at("from_cache"), known);
  const json stats = oracle_.stats();
  EXPECT_EQ(stats.at("passages_judged"), stats.at("distinct_passages"));
}

TEST_F(ReadingBounds, QuickAndStandardReadNoMoreThanTheySay) {
  oracle_.control({{"wanted", json::array()}});
  const json quick = read({"--effort", "quick"}, false);
  EXPECT_EQ(quick.at("coverage").at("read"), 64);
  EXPECT_EQ(oracle_.count("passages_judged"), 64U);
  EXPECT_EQ(quick.at("status"), "nothing_relevant");
  EXPECT_EQ(quick.at("next"), "read_more");
  const json standard = read({"--effort", "standard"}, false);
  EXPECT_EQ(standard.at("coverage").at("read"), 64 + 128);
  EXPECT_EQ(standard.at("coverage").at("from_cache"), 64);
  EXPECT_EQ(oracle_.count("passages_judged"), 64U + 128U);
}

TEST_F(ReadingBounds, AnInterruptedCommandEnds) {
  oracle_.control({{"hang", 1}});
  std::vector<std::string> line{"read", question, "--index", corpus_.shelf().index()};
  const auto flags = ReadingCorpus::model(oracle_.url());
  line.insert(line.end(), flags.begin(), flags.end());
  Process reader(callslip_command(line));
  ASSERT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("in_flight") > 0; }));
  reader.signal(SIGINT);
  EXPECT_TRUE(ended_by_itself(reader.wait(30s)));
  EXPECT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("in_flight") == 0; }));
}

}  // namespace
}  // namespace callslip::testing_support
