// Metrics: counters, gauges and histograms, printed in Prometheus' text format.
//
// Any thread; adding costs an atomic operation once a series exists. A name and its labels make a
// series; help and type come with the first use.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace callslip {

/// Label names and values, in the order in which they are printed.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Counter;
class Histogram;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The series lives as long as this. Names as Prometheus has them: callslip_calls_total.
  Counter& counter(const std::string& name, const std::string& help,
                   const MetricLabels& labels = {});
  /// Of seconds, in buckets from 100 microseconds to a minute.
  Histogram& histogram(const std::string& name, const std::string& help,
                       const MetricLabels& labels = {});
  /// `read` is called whenever the metrics are printed, on that thread.
  /// It outlives this.
  void gauge(const std::string& name, const std::string& help, std::function<double()> read,
             const MetricLabels& labels = {});
  /// A counter that someone else counts.
  void counter_of(const std::string& name, const std::string& help, std::function<double()> read,
                  const MetricLabels& labels = {});

  std::string text() const;

 private:
  struct Family;
  Family& family(const std::string& name, const char* type, const std::string& help);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>> families_;  // guarded by mutex_
};

class Counter {
 public:
  void add(std::uint64_t amount = 1);
  std::uint64_t value() const;

 private:
  friend class Metrics;
  std::atomic<std::uint64_t> value_{0};
};

class Histogram {
 public:
  void observe(double seconds);

 private:
  friend class Metrics;
  static constexpr std::size_t kBuckets = 18;
  std::atomic<std::uint64_t> buckets_[kBuckets + 1]{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

}  // namespace callslip
