#include <iostream>

#include "plugin/commands.h"
#include "plugin/result_json.h"
#include "plugin/result_print.h"
#include "plugin/signals.h"
#include "plugin/terminal.h"
#include "tools/read_chunks.h"

namespace callslip {

int run_read(const Settings& settings) {
  SignalWatch signals;
  Library library(std::make_shared<Index>(index_directory(settings)));
  auto reader = make_reader(settings, library.index());
  if (!reader) return fail(reader.error());
  ReadChunksRequest request;
  for (const std::string& word : settings.operands) {
    request.question += (request.question.empty() ? "" : " ") + word;
  }
  request.chunk_ids = settings.chunk_ids;
  request.before = settings.before;
  request.after = settings.after;
  request.documents = settings.documents;
  if (settings.effort == "quick") request.effort = Effort::quick;
  if (settings.effort == "exhaustive") request.effort = Effort::exhaustive;
  request.answer = settings.answer;
  request.max_tokens = std::max(settings.max_tokens, min_max_tokens);
  request.deadline_s = settings.deadline_s;
  request.cursor = settings.cursor;

  ProgressBar bar("reading");
  CallContext context;
  context.stop = signals.token();
  context.progress = [&](double done, double total, const std::string& message) {
    bar.update(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total), message);
  };
  ReadChunks::Options options;
  options.max_calls = settings.reader_max_calls;
  const auto result = ReadChunks(library, **reader, options).run(request, context);
  bar.clear();
  if (!result) return fail(result.error());
  if (settings.json) {
    std::cout << to_json(*result).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
              << "\n";
    return 0;
  }
  print_evidence(result->evidence);
  print_chunks(result->chunks);
  if (!result->answer.empty())
    std::cout << styled("Answer: ", Style::bold) << result->answer << "\n";
  if (result->by_question) {
    const Coverage& c = result->coverage;
    std::cout << c.read << " of " << c.in_scope << " chunks read, " << c.relevant << " relevant, "
              << c.failed << " failed, " << c.unread << " not read\n";
    for (const Coverage::Failure& failure : c.failures) {
      std::cerr << styled("failed", Style::yellow, 2) << ": " << failure.chunk_id << ": "
                << failure.reason << "\n";
    }
  }
  if (!result->next_cursor.empty()) {
    std::cout << (result->next == "read_more" ? "read on" : "more") << ": --cursor "
              << result->next_cursor << "\n";
  }
  return 0;
}

}  // namespace callslip
