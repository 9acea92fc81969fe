#include <iostream>

#include "plugin/commands/commands.h"
#include "plugin/commands/result_print.h"
#include "plugin/commands/signals.h"
#include "plugin/commands/terminal.h"
#include "plugin/reading_services.h"
#include "plugin/toolset/result_json.h"
#include "tools/read_chunks.h"

namespace callslip {

int run_read(const Settings& settings) {
  SignalWatch signals;
  Library library(std::make_shared<Index>(index_directory(settings)));
  const auto services = make_reading_services(settings, library.index());
  if (!services) return fail(services.error());
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
  request.expand = settings.expand;
  request.dry_run = settings.plan;
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
  options.languages = services->languages.get();
  const auto result = ReadChunks(library, *services->reader, options).run(request, context);
  bar.clear();
  if (!result) return fail(result.error());
  if (settings.json) {
    std::cout << to_json(*result).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
              << "\n";
  } else {
    print_reading(*result);
  }
  return 0;
}

}  // namespace callslip
