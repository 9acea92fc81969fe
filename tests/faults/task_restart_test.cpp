// A read that became a task outlives the server that began it, killed or stopped.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/support/reading_corpus.h"
#include "tests/support/tool_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

class TaskRestart : public ::testing::Test {
 protected:
  static constexpr int concurrency = 4;

  std::vector<std::string> flags(const std::vector<std::string>& more) const {
    std::vector<std::string> all{
        "--reader-url",     oracle_.url(), "--reader-model",       "oracle",
        "--reader-context", "1024",        "--reader-concurrency", std::to_string(concurrency)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  /// The id of a task of which about half is read and the rest hangs.
  std::string half_a_read(ToolServer& server) {
    oracle_.control({{"latency", 5}});
    std::jthread hang([this] {
      EXPECT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("answered") >= 30; }));
      oracle_.control({{"hang", 1}});
    });
    const json task = server.modern(
        "tools/call",
        {{"name", "read_chunks"},
         {"arguments",
          {{"question", question_}, {"effort", "exhaustive"}, {"max_tokens", 10000}}}});
    EXPECT_EQ(task.value("resultType", ""), "task") << task;
    hang.join();
    EXPECT_TRUE(oracle_.wait_until([](const json& stats) {
      return stats.at("in_flight") == concurrency &&
             stats.at("replies").value("hang", 0) == concurrency;
    }));
    return task.value("taskId", "");
  }

  void mend() {
    ASSERT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("in_flight") == 0; }));
    oracle_.control({{"hang", 0}, {"latency", 0}});
  }

  static json wait_for_end(ToolServer& server, const std::string& id) {
    for (;;) {
      json task = server.modern("tasks/get", {{"taskId", id}});
      if (task.at("status") != "working") return task;
      std::this_thread::sleep_for(20ms);
    }
  }

  void expect_all_was_read_once(const json& task) const {
    ASSERT_EQ(task.at("status"), "completed") << task;
    const json& answer = task.at("result").at("structuredContent");
    EXPECT_TRUE(corpus_.sound(answer));
    EXPECT_EQ(answer.at("status"), "found");
    EXPECT_EQ(answer.at("coverage").at("read"), answer.at("coverage").at("in_scope"));
    EXPECT_EQ(answer.at("coverage").at("relevant"), corpus_.wanted().size());
    const json stats = oracle_.stats();
    EXPECT_EQ(stats.at("passages_judged"), stats.at("distinct_passages")) << stats;
  }

  const std::string question_ = "where was the heron seen?";
  ReadingCorpus corpus_;
  OracleProcess oracle_{corpus_.wanted(), {}};
};

TEST_F(TaskRestart, AKilledServersTaskGoesOnInTheNextOne) {
  std::string id;
  {
    ToolServer server(corpus_.shelf(), flags({}));
    id = half_a_read(server);
    server.kill();
  }
  mend();
  ToolServer server(corpus_.shelf(), flags({}));
  expect_all_was_read_once(wait_for_end(server, id));
  EXPECT_EQ(server.modern("tasks/get", {{"taskId", id}}).at("status"), "completed");
}

TEST_F(TaskRestart, AStoppedServersTaskGoesOnFromWhatWasKept) {
  // Without a cache of verdicts, what the task has kept is all there is.
  const auto without_cache = flags({"--reader-cache-size", "0"});
  std::string id;
  {
    ToolServer server(corpus_.shelf(), without_cache);
    id = half_a_read(server);
    server.process().signal(SIGTERM);
    EXPECT_EQ(server.process().wait().exit_code, 0);
  }
  mend();
  ToolServer server(corpus_.shelf(), without_cache);
  expect_all_was_read_once(wait_for_end(server, id));
}

TEST_F(TaskRestart, ACancelledTaskIsNotTakenUpAgain) {
  std::string id;
  {
    ToolServer server(corpus_.shelf(), flags({}));
    id = half_a_read(server);
    server.modern("tasks/cancel", {{"taskId", id}});
    EXPECT_EQ(server.modern("tasks/get", {{"taskId", id}}).at("status"), "cancelled");
    ASSERT_TRUE(oracle_.wait_until([](const json& stats) { return stats.at("in_flight") == 0; }))
        << "the calls to the model end, too";
    server.kill();
  }
  mend();
  const auto calls = oracle_.count("calls");
  ToolServer server(corpus_.shelf(), flags({}));
  EXPECT_EQ(server.modern("tasks/get", {{"taskId", id}}).at("status"), "cancelled");
  EXPECT_EQ(oracle_.count("calls"), calls);
}

TEST_F(TaskRestart, AServerBesideTakesTheTaskUpWhenTheFirstIsKilled) {
  ToolServer first(corpus_.shelf(), flags({}));
  ToolServer second(corpus_.shelf(), flags({}));
  const std::string id = half_a_read(first);
  EXPECT_EQ(second.modern("tasks/get", {{"taskId", id}}).at("status"), "working");
  first.kill();
  mend();
  expect_all_was_read_once(wait_for_end(second, id));
}

}  // namespace
}  // namespace callslip::testing_support
