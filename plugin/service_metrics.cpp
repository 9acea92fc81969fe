#include "plugin/service_metrics.h"

#include <chrono>

namespace callslip {
namespace {

using Clock = std::chrono::steady_clock;

const char* outcome_of(const Result<ToolOutput>& output, const CallContext& context) {
  if (context.cancelled()) return "cancelled";
  return output ? "done" : "error";
}

/// Of the latest commit; 0 while there is none.
template <class Read>
std::function<double()> of_snapshot(Library& library, Read read) {
  return [&library, read] {
    const auto snapshot = library.index().snapshot();
    return snapshot ? static_cast<double>(read(**snapshot)) : 0;
  };
}

}  // namespace

std::vector<Tool> measured(std::vector<Tool> tools, Metrics& metrics) {
  for (Tool& tool : tools) {
    Histogram& seconds = metrics.histogram("callslip_call_seconds", "How long calls of tools took.",
                                           {{"tool", tool.name}});
    tool.call = [&metrics, &seconds, name = tool.name, call = std::move(tool.call)](
                    const nlohmann::json& arguments, const CallContext& context) {
      const auto start = Clock::now();
      auto output = call(arguments, context);
      seconds.observe(std::chrono::duration<double>(Clock::now() - start).count());
      metrics
          .counter("callslip_calls_total", "Calls of tools, by outcome.",
                   {{"tool", name}, {"outcome", outcome_of(output, context)}})
          .add();
      return output;
    };
  }
  return tools;
}

void show_state(Metrics& metrics, Library& library, const WorkerPool& pool,
                const WorkerPool& waiting) {
  metrics.gauge("callslip_index_revision", "The index's latest commit.",
                of_snapshot(library, [](const Snapshot& s) { return s.manifest().revision; }));
  metrics.gauge("callslip_index_documents", "Documents in the index.",
                of_snapshot(library, [](const Snapshot& s) { return s.document_count(); }));
  metrics.gauge("callslip_index_chunks", "Chunks in the index.",
                of_snapshot(library, [](const Snapshot& s) { return s.chunk_count(); }));
  const char* const queue = "Calls that wait for a worker, by kind.";
  metrics.gauge("callslip_queue", queue, [&pool] { return static_cast<double>(pool.queued()); },
                {{"kind", "search"}});
  metrics.gauge("callslip_queue", queue,
                [&waiting] { return static_cast<double>(waiting.queued()); },
                {{"kind", "reading"}});
}

void show_watch(Metrics& metrics, const WatchBoard& board) {
  const auto show = [&](const char* name, const char* help, auto read) {
    metrics.gauge(name, help, [&board, read] {
      const auto report = board.own();
      return report ? static_cast<double>(read(*report)) : 0;
    });
  };
  show("callslip_watch_notified", "1: the system tells of changes to files.",
       [](const WatchReport& report) { return report.status.notified ? 1 : 0; });
  show("callslip_watch_polled", "1: all or a part of the files is looked at every few seconds.",
       [](const WatchReport& report) {
         return !report.status.notified || !report.status.polled_because.empty() ? 1 : 0;
       });
  show("callslip_watch_directories", "Folders that the system watches for this process.",
       [](const WatchReport& report) { return report.status.directories; });
  show("callslip_watch_overflows", "Times that changes came faster than they could be told.",
       [](const WatchReport& report) { return report.status.overflows; });
  show("callslip_watch_refreshes", "Looks at files that found changes, after the first.",
       [](const WatchReport& report) { return report.refreshes; });
  show("callslip_watch_last_change_seconds", "When the last of them was, since 1970.",
       [](const WatchReport& report) { return report.last_change; });
}

MeteredReader::MeteredReader(Reader& reader, Metrics& metrics)
    : reader_(reader),
      passages_(metrics.counter("callslip_reader_passages_total", "Passages that were judged.")),
      calls_(metrics.counter("callslip_reader_calls_total", "Calls to the reader's model.")),
      prompt_tokens_(metrics.counter("callslip_reader_tokens_total", "Tokens of these calls.",
                                     {{"kind", "prompt"}})),
      completion_tokens_(metrics.counter("callslip_reader_tokens_total", "Tokens of these calls.",
                                         {{"kind", "completion"}})) {}

void MeteredReader::count(const ReaderUsage& usage) {
  calls_.add(usage.calls);
  prompt_tokens_.add(usage.prompt_tokens);
  completion_tokens_.add(usage.completion_tokens);
}

ReaderUsage MeteredReader::read(const std::string& question, PassageSource& source,
                                std::uint64_t max_calls, const CallContext& context,
                                const OnVerdict& on_verdict) {
  const auto counted = [&](std::size_t passage, const Verdict& verdict) {
    passages_.add();
    on_verdict(passage, verdict);
  };
  ReaderUsage usage = reader_.read(question, source, max_calls, context, counted);
  count(usage);
  return usage;
}

Result<std::string> MeteredReader::answer(const PreparedQuestion& question,
                                          std::span<const Passage> evidence,
                                          const CallContext& context, ReaderUsage& usage) {
  ReaderUsage own;
  auto answer = reader_.answer(question, evidence, context, own);
  count(own);
  usage.add(own);
  return answer;
}

Result<PreparedQuestion> MeteredReader::prepare(const std::string& question,
                                                std::span<const std::string> languages,
                                                const CallContext& context, ReaderUsage& usage) {
  ReaderUsage own;
  auto prepared = reader_.prepare(question, languages, context, own);
  count(own);
  usage.add(own);
  return prepared;
}

}  // namespace callslip
