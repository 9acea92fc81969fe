// What /metrics says of the tools, the reader and the index; what it says of the port is in
// http/port_metrics.h.
//
// Any thread. All that is given outlives what is made of it.
#pragma once

#include <vector>

#include "plugin/metrics.h"
#include "plugin/toolset/tool.h"
#include "plugin/watch_report.h"
#include "plugin/worker_pool.h"
#include "tools/library.h"
#include "tools/reader.h"

namespace callslip {

/// The same tools, whose calls are counted and timed by name and outcome.
std::vector<Tool> measured(std::vector<Tool> tools, Metrics& metrics);

/// The revision and the size of the index, and how many calls wait for a worker.
void show_state(Metrics& metrics, Library& library, const WorkerPool& pool,
                const WorkerPool& waiting);

/// How files are watched, by this process.
void show_watch(Metrics& metrics, const WatchBoard& board);

/// A reader whose calls and tokens are counted.
class MeteredReader final : public Reader {
 public:
  MeteredReader(Reader& reader, Metrics& metrics);

  std::string name() const override { return reader_.name(); }
  std::string identity() const override { return reader_.identity(); }
  ReaderUsage read(const std::string& question, PassageSource& source, std::uint64_t max_calls,
                   const CallContext& context, const OnVerdict& on_verdict) override;
  ReaderPlan plan(const std::string& question, PassageSource& source) const override {
    return reader_.plan(question, source);
  }
  Result<std::string> answer(const PreparedQuestion& question, std::span<const Passage> evidence,
                             const CallContext& context, ReaderUsage& usage) override;
  Result<PreparedQuestion> prepare(const std::string& question,
                                   std::span<const std::string> languages,
                                   const CallContext& context, ReaderUsage& usage) override;

 private:
  void count(const ReaderUsage& usage);

  Reader& reader_;
  Counter& passages_;
  Counter& calls_;
  Counter& prompt_tokens_;
  Counter& completion_tokens_;
};

}  // namespace callslip
