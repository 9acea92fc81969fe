#include "plugin/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace callslip {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, PrintsWhatPrometheusReads) {
  Metrics metrics;
  metrics.counter("b_total", "Second.\nWith a \\.").add(3);
  metrics.counter("a_total", "First.", {{"route", "/x"}, {"status", "200"}}).add();
  metrics.counter("a_total", "First.", {{"route", "a\"b\\c\nd"}, {"status", "404"}}).add(2);
  metrics.gauge("open", "Open.", [] { return 2.5; });
  metrics.gauge("kinds", "By kind.", [] { return 7; }, {{"kind", "http"}});
  metrics.counter_of("elsewhere_total", "Counted elsewhere.", [] { return 1e6; });
  EXPECT_EQ(metrics.text(),
            "# HELP a_total First.\n"
            "# TYPE a_total counter\n"
            "a_total{route=\"/x\",status=\"200\"} 1\n"
            "a_total{route=\"a\\\"b\\\\c\\nd\",status=\"404\"} 2\n"
            "# HELP b_total Second.\\nWith a \\\\.\n"
            "# TYPE b_total counter\n"
            "b_total 3\n"
            "# HELP elsewhere_total Counted elsewhere.\n"
            "# TYPE elsewhere_total counter\n"
            "elsewhere_total 1000000\n"
            "# HELP kinds By kind.\n"
            "# TYPE kinds gauge\n"
            "kinds{kind=\"http\"} 7\n"
            "# HELP open Open.\n"
            "# TYPE open gauge\n"
            "open 2.5\n");
}

TEST(Metrics, AHistogramsBucketsAddUp) {
  Metrics metrics;
  Histogram& seconds = metrics.histogram("took_seconds", "Took.", {{"tool", "doc_search"}});
  seconds.observe(0.00005);
  seconds.observe(0.0001);  // bounds are inclusive
  seconds.observe(0.3);
  seconds.observe(100);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{tool=\"doc_search\",le=\"0.0001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{tool=\"doc_search\",le=\"0.25\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{tool=\"doc_search\",le=\"0.5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{tool=\"doc_search\",le=\"60\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{tool=\"doc_search\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_count{tool=\"doc_search\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_sum{tool=\"doc_search\"} 100.30015\n"));
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameSeries) {
  Metrics metrics;
  Counter& first = metrics.counter("a_total", "A.", {{"x", "1"}});
  EXPECT_EQ(&first, &metrics.counter("a_total", "A.", {{"x", "1"}}));
  EXPECT_NE(&first, &metrics.counter("a_total", "A.", {{"x", "2"}}));
}

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&metrics] {
        for (int j = 0; j < 1000; ++j) {
          metrics.counter("a_total", "A.").add();
          metrics.histogram("b_seconds", "B.").observe(0.001);
          if (j % 100 == 0) metrics.text();
        }
      });
    }
  }
  EXPECT_EQ(metrics.counter("a_total", "A.").value(), 4000U);
  EXPECT_THAT(metrics.text(), HasSubstr("b_seconds_count 4000\n"));
}

}  // namespace
}  // namespace callslip
