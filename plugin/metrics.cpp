#include "plugin/metrics.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace callslip {
namespace {

/// Upper bounds, in seconds; what is above counts in "+Inf" only.
constexpr std::array<double, 18> kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                         0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                         1,      2.5,     5,      10,    30,     60};

std::string escaped(const std::string& text, bool quotes) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\\\";
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '"' && quotes) {
      result += "\\\"";
    } else {
      result += c;
    }
  }
  return result;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> digits{};
  const double size = std::abs(value);
  // As people write them; what would not fit, with an exponent.
  const auto format = size == 0 || (size >= 1e-6 && size < 1e15) ? std::chars_format::fixed
                                                                 : std::chars_format::general;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, format);
  return {digits.data(), end.ptr};
}

/// a="b",c="d"
std::string inner_labels(const MetricLabels& labels) {
  std::string result;
  for (const auto& [name, value] : labels) {
    if (!result.empty()) result += ',';
    result += name + "=\"" + escaped(value, true) + "\"";
  }
  return result;
}

std::string line(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

std::string with(const std::string& labels, const std::string& more) {
  return labels.empty() ? more : labels + "," + more;
}

}  // namespace

/// The series of one name, by their labels.
struct Metrics::Family {
  const char* type = "";
  std::string help;
  std::map<std::string, std::unique_ptr<Counter>> counters;
  std::map<std::string, std::unique_ptr<Histogram>> histograms;
  std::map<std::string, std::function<double()>> reads;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Family& Metrics::family(const std::string& name, const char* type,
                                 const std::string& help) {
  std::unique_ptr<Family>& found = families_[name];
  if (!found) {
    found = std::make_unique<Family>();
    found->type = type;
    found->help = help;
  }
  return *found;
}

Counter& Metrics::counter(const std::string& name, const std::string& help,
                          const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Counter>& series = family(name, "counter", help).counters[inner_labels(labels)];
  if (!series) series = std::make_unique<Counter>();
  return *series;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                              const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Histogram>& series =
      family(name, "histogram", help).histograms[inner_labels(labels)];
  if (!series) series = std::make_unique<Histogram>();
  return *series;
}

void Metrics::gauge(const std::string& name, const std::string& help, std::function<double()> read,
                    const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  family(name, "gauge", help).reads[inner_labels(labels)] = std::move(read);
}

void Metrics::counter_of(const std::string& name, const std::string& help,
                         std::function<double()> read, const MetricLabels& labels) {
  const std::lock_guard lock(mutex_);
  family(name, "counter", help).reads[inner_labels(labels)] = std::move(read);
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string result;
  for (const auto& [name, family] : families_) {
    result += "# HELP " + name + " " + escaped(family->help, false) + "\n";
    result += "# TYPE " + name + " " + std::string(family->type) + "\n";
    for (const auto& [labels, series] : family->counters) {
      result += line(name, labels, std::to_string(series->value()));
    }
    for (const auto& [labels, read] : family->reads) result += line(name, labels, number(read()));
    for (const auto& [labels, series] : family->histograms) {
      // Read one after another: the count is the last bucket, so that the two agree.
      std::uint64_t count = 0;
      for (std::size_t i = 0; i <= kBounds.size(); ++i) {
        count += series->buckets_[i].load(std::memory_order_relaxed);
        const std::string bound = i < kBounds.size() ? number(kBounds[i]) : "+Inf";
        result +=
            line(name + "_bucket", with(labels, "le=\"" + bound + "\""), std::to_string(count));
      }
      const auto nanoseconds = series->nanoseconds_.load(std::memory_order_relaxed);
      result += line(name + "_sum", labels, number(static_cast<double>(nanoseconds) / 1e9));
      result += line(name + "_count", labels, std::to_string(count));
    }
  }
  return result;
}

void Counter::add(std::uint64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }

std::uint64_t Counter::value() const { return value_.load(std::memory_order_relaxed); }

void Histogram::observe(double seconds) {
  static_assert(kBounds.size() == kBuckets);
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  if (seconds > 0) {
    nanoseconds_.fetch_add(static_cast<std::uint64_t>(seconds * 1e9), std::memory_order_relaxed);
  }
}

}  // namespace callslip
