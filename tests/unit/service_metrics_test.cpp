#include "plugin/service_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <semaphore>

#include "tests/support/indexed_folder.h"

namespace callslip {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A model that takes ten tokens a call and judges nothing.
class CountingModel final : public Reader {
 public:
  std::string name() const override { return "counting"; }
  std::string identity() const override { return "counting"; }
  ReaderUsage read(const std::string&, PassageSource& source, std::uint64_t, const CallContext&,
                   const OnVerdict& on_verdict) override {
    ReaderUsage usage;
    while (const auto passage = source.next()) {
      on_verdict(passage->number, {});
      usage.add({1, 10, 2, ""});
    }
    return usage;
  }
  ReaderPlan plan(const std::string&, PassageSource&) const override { return {}; }
  Result<std::string> answer(const PreparedQuestion&, std::span<const Passage>, const CallContext&,
                             ReaderUsage& usage) override {
    usage.add({1, 10, 5, ""});
    return std::string("yes");
  }
  Result<PreparedQuestion> prepare(const std::string&, std::span<const std::string>,
                                   const CallContext&, ReaderUsage&) override {
    return Error{ErrorKind::unsupported, "no"};
  }
};

class TwoPassages final : public PassageSource {
 public:
  std::optional<Passage> next() override {
    if (handed_ == 2) return std::nullopt;
    Passage passage;
    passage.number = handed_++;
    return passage;
  }

 private:
  std::size_t handed_ = 0;
};

TEST(ServiceMetrics, CountCallsByToolAndOutcome) {
  Metrics metrics;
  Tool tool;
  tool.name = "echo";
  tool.call = [](const json& arguments, const CallContext&) -> Result<ToolOutput> {
    if (arguments.contains("fail")) return Error{ErrorKind::invalid_argument, "fail: is given"};
    return ToolOutput{"ok", arguments, {}};
  };
  const auto tools = measured({tool}, metrics);
  EXPECT_TRUE(tools[0].call(json::object(), {}).ok());
  EXPECT_TRUE(tools[0].call(json::object(), {}).ok());
  EXPECT_EQ(tools[0].call({{"fail", 1}}, {}).error().message, "fail: is given");
  std::stop_source stop;
  stop.request_stop();
  CallContext cancelled;
  cancelled.stop = stop.get_token();
  (void)tools[0].call(json::object(), cancelled);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("callslip_calls_total{tool=\"echo\",outcome=\"done\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("callslip_calls_total{tool=\"echo\",outcome=\"error\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("callslip_calls_total{tool=\"echo\",outcome=\"cancelled\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("callslip_call_seconds_count{tool=\"echo\"} 4\n"));
}

TEST(ServiceMetrics, CountWhatReadingTakesAndPassItOn) {
  Metrics metrics;
  CountingModel model;
  MeteredReader reader(model, metrics);
  TwoPassages source;
  std::size_t verdicts = 0;
  ReaderUsage usage =
      reader.read("why?", source, 10, {}, [&](std::size_t, const Verdict&) { ++verdicts; });
  EXPECT_EQ(verdicts, 2U);
  EXPECT_EQ(usage.calls, 2U);
  ASSERT_TRUE(reader.answer({"why?", "", {}}, {}, {}, usage).ok());
  EXPECT_EQ(usage.calls, 3U);
  EXPECT_EQ(usage.completion_tokens, 9U);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("callslip_reader_passages_total 2\n"));
  EXPECT_THAT(text, HasSubstr("callslip_reader_calls_total 3\n"));
  EXPECT_THAT(text, HasSubstr("callslip_reader_tokens_total{kind=\"prompt\"} 30\n"));
  EXPECT_THAT(text, HasSubstr("callslip_reader_tokens_total{kind=\"completion\"} 9\n"));
}

TEST(ServiceMetrics, ShowTheIndexAndTheQueues) {
  test::IndexedFolder folder;
  folder.write("a.md", "# A\n\nText.\n");
  folder.refresh();
  Metrics metrics;
  WorkerPool pool(1, 8);
  WorkerPool waiting(1, 8);
  show_state(metrics, folder.library(), pool, waiting);
  std::binary_semaphore started{0};
  std::binary_semaphore go_on{0};
  ASSERT_TRUE(pool.submit([&] {
    started.release();
    go_on.acquire();
  }));
  started.acquire();
  ASSERT_TRUE(pool.submit([] {}));
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("callslip_index_documents 1\n"));
  EXPECT_THAT(text, HasSubstr("callslip_index_chunks 1\n"));
  EXPECT_THAT(text, HasSubstr("callslip_index_revision "));
  EXPECT_THAT(text, HasSubstr("callslip_queue{kind=\"search\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("callslip_queue{kind=\"reading\"} 0\n"));
  go_on.release();
}

}  // namespace
}  // namespace callslip
