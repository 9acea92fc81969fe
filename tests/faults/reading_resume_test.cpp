// What was read once is not read again: the same question, a changed file, a killed process, and
// a cache that is damaged.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/support/reading_corpus.h"
#include "tests/support/tool_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

const std::string question = "where was the heron seen?";

json without_costs(json answer) {
  answer.erase("usage");
  answer.at("coverage").erase("from_cache");
  answer.erase("total_tokens");
  answer.erase("next_cursor");
  return answer;
}

class ReadingResume : public ::testing::Test {
 protected:
  static constexpr int concurrency = 4;

  json read(const std::vector<std::string>& more = {}, bool stopped = false) {
    std::vector<std::string> flags = ReadingCorpus::model(oracle_.url());
    flags.insert(flags.end(), more.begin(), more.end());
    return corpus_.read(question, flags, stopped);
  }

  std::uint64_t judged() const { return oracle_.count("passages_judged"); }
  void expect_each_judged_once() const {
    const json stats = oracle_.stats();
    EXPECT_EQ(stats.at("passages_judged"), stats.at("distinct_passages")) << stats;
  }

  /// Lets the oracle answer some calls and no more: then the reader has taken all that it said.
  void wait_for_half_a_read() {
    ASSERT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("answered") >= 30; }));
    oracle_.control({{"hang", 1}});
    ASSERT_TRUE(oracle_.wait_until([](const json& stats) {
      return stats.at("in_flight") == concurrency &&
             stats.at("replies").value("hang", 0) == concurrency;
    }));
    ASSERT_LT(oracle_.count("answered"), 80U);
  }
  void mend() {
    ASSERT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("in_flight") == 0; }));
    oracle_.control({{"hang", 0}, {"latency", 0}});
  }

  ReadingCorpus corpus_;
  OracleProcess oracle_{corpus_.wanted(), {}};
};

TEST_F(ReadingResume, TheSameQuestionAgainCostsNothingAndSaysTheSame) {
  const json first = read();
  const json stats = oracle_.stats();
  const json second = read();
  ASSERT_TRUE(first.is_object() && second.is_object());
  EXPECT_EQ(oracle_.stats().at("calls"), stats.at("calls"));
  EXPECT_EQ(second.at("usage").at("calls"), 0);
  EXPECT_EQ(second.at("coverage").at("from_cache"), second.at("coverage").at("in_scope"));
  EXPECT_EQ(first.at("coverage").at("from_cache"), 0);
  EXPECT_EQ(without_costs(first), without_costs(second));

  // Another effort, some documents: what is known serves them, too.
  const json some = read({"--documents", "docs/f1.txt"});
  EXPECT_EQ(some.at("usage").at("calls"), 0);
  // Another question or model is something else.
  EXPECT_GT(
      corpus_.read("and the geese?", ReadingCorpus::model(oracle_.url())).at("usage").at("calls"),
      0);
  json model = ReadingCorpus::model(oracle_.url());
  std::replace(model.begin(), model.end(), json("oracle"), json("other"));
  EXPECT_GT(corpus_.read(question, model).at("usage").at("calls"), 0);
}

TEST_F(ReadingResume, OnlyTheChunksThatChangedAreReadAgain) {
  const std::uint64_t in_scope = read().at("coverage").at("in_scope");
  for (const int file : {0, 1, 3}) {
    corpus_.change(file);
    oracle_.reset_stats();
    const json answer = read();
    EXPECT_TRUE(corpus_.found_all(answer)) << answer.at("coverage");
    const std::uint64_t anew =
        in_scope - answer.at("coverage").at("from_cache").get<std::uint64_t>();
    EXPECT_EQ(answer.at("coverage").at("in_scope"), in_scope);
    EXPECT_EQ(judged(), anew);
    EXPECT_EQ(anew, 1U) << "one word of one chunk changed";
    EXPECT_EQ(oracle_.count("calls"), 1U);
  }
}

TEST_F(ReadingResume, AWantedSentenceThatIsNewIsFound) {
  read();
  corpus_.shelf().write("new.md", "# New\n\n" + corpus_.wanted()[0] + "\n");
  corpus_.shelf().refresh();
  oracle_.reset_stats();
  const json answer = read();
  EXPECT_EQ(judged(), 1U);
  EXPECT_TRUE(corpus_.found_all(answer));
  std::set<std::string> documents;
  for (const json& evidence : answer.at("evidence")) documents.insert(evidence.at("document"));
  EXPECT_TRUE(documents.contains("docs/new.md"));
}

TEST_F(ReadingResume, AKilledReadGoesOnWhereItWas) {
  oracle_.control({{"latency", 5}});
  std::vector<std::string> line{"read",
                                "--json",
                                question,
                                "--index",
                                corpus_.shelf().index(),
                                "--reader-concurrency",
                                std::to_string(concurrency)};
  const auto flags = ReadingCorpus::model(oracle_.url());
  line.insert(line.end(), flags.begin(), flags.end());
  Process reader(callslip_command(line));
  wait_for_half_a_read();
  reader.signal(SIGKILL);
  reader.wait();
  mend();
  const std::uint64_t known = judged();
  const json answer = read();
  EXPECT_TRUE(corpus_.found_all(answer)) << answer.at("coverage");
  EXPECT_EQ(answer.at("coverage").at("from_cache"), known);
  expect_each_judged_once();
}

TEST_F(ReadingResume, AKilledServerGoesOnWhereItWas) {
  oracle_.control({{"latency", 5}});
  std::vector<std::string> flags{
      "--reader-url",     oracle_.url(), "--reader-model",       "oracle",
      "--reader-context", "1024",        "--reader-concurrency", std::to_string(concurrency)};
  const json arguments{{"question", question}, {"effort", "exhaustive"}, {"deadline_s", 600}};
  {
    ToolServer server(corpus_.shelf(), flags);
    server.start("read_chunks", arguments);
    wait_for_half_a_read();
    server.kill();
  }
  mend();
  const std::uint64_t known = judged();
  ToolServer server(corpus_.shelf(), flags);
  const json answer = server.call("read_chunks", arguments);
  EXPECT_TRUE(corpus_.sound(answer));
  EXPECT_EQ(answer.at("status"), "found");
  EXPECT_EQ(answer.at("coverage").at("read"), answer.at("coverage").at("in_scope"));
  EXPECT_EQ(answer.at("coverage").at("relevant"), corpus_.wanted().size());
  EXPECT_EQ(answer.at("coverage").at("from_cache"), known);
  expect_each_judged_once();
}

TEST_F(ReadingResume, ReadsThatRunAtOnceShareWhatTheyKnow) {
  oracle_.control({{"latency", 1}});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this] { EXPECT_TRUE(corpus_.found_all(read())); });
  }
  threads.clear();
  const json last = read();
  EXPECT_EQ(last.at("usage").at("calls"), 0);
}

TEST_F(ReadingResume, ADamagedCacheIsNoError) {
  const std::string path = corpus_.shelf().index() + "/reads/verdicts.sqlite";
  const json first = read();
  const auto size = std::filesystem::file_size(path);
  const auto damage = [&](int way) {
    if (way == 0) {
      std::ofstream(path, std::ios::binary | std::ios::trunc) << "this is no database";
    } else if (way == 1) {
      std::filesystem::resize_file(path, size / 2);
    } else if (way == 2) {
      std::filesystem::resize_file(path, 0);
    } else if (way == 3) {
      std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
      for (std::uintmax_t at = 100; at < size; at += 97) {
        file.seekp(static_cast<std::streamoff>(at));
        file.put('\x5a');
      }
    } else {
      std::filesystem::remove(path);
      std::filesystem::create_directory(path);
    }
  };
  for (int way = 0; way < 5; ++way) {
    SCOPED_TRACE(way);
    damage(way);
    const json answer = read();
    ASSERT_TRUE(answer.is_object());
    EXPECT_TRUE(corpus_.found_all(answer)) << answer.at("coverage");
    EXPECT_EQ(answer.at("status"), "found");
    if (way == 4) break;  // there is no place for a cache
    const json again = read();
    EXPECT_EQ(again.at("usage").at("calls"), 0) << "not replaced";
    EXPECT_EQ(without_costs(again), without_costs(first));
  }
}

TEST_F(ReadingResume, WithoutACacheEveryReadIsPaidFor) {
  read({"--reader-cache-size", "0"});
  const std::uint64_t calls = oracle_.count("calls");
  read({"--reader-cache-size", "0"});
  EXPECT_EQ(oracle_.count("calls"), 2 * calls);
  EXPECT_FALSE(std::filesystem::exists(corpus_.shelf().index() + "/reads/verdicts.sqlite"));
}

}  // namespace
}  // namespace callslip::testing_support
