#include "tools/read_summary.h"

#include <cstdio>

#include "tools/text_block.h"

namespace callslip {
namespace {

std::string duration(double seconds) {
  char text[32];
  if (seconds < 1) return "less than 1 s";
  if (seconds < 120) {
    std::snprintf(text, sizeof text, "about %.0f s", seconds);
  } else {
    std::snprintf(text, sizeof text, "about %.0f min", seconds / 60);
  }
  return text;
}

std::string what_it_takes(const ReaderPlan& plan) {
  std::string text = quantity(plan.passages + plan.cached, "chunk");
  if (plan.cached > 0) text += " (" + std::to_string(plan.cached) + " from the cache)";
  text += ", " + quantity(plan.tokens, "token") + ", " + quantity(plan.calls, "call");
  if (plan.calls > 0) {
    text += " (" + quantity(plan.prompt_tokens, "prompt token") + ")";
  }
  text += ", " + duration(plan.seconds);
  if (plan.price) {
    char price[32];
    std::snprintf(price, sizeof price, ", price %.4g", *plan.price);
    text += price;
  }
  return text;
}

}  // namespace

std::string summary_line(const ReadChunksResult& result) {
  const Coverage& c = result.coverage;
  std::string line;
  switch (result.status) {
    case ReadChunksResult::Status::found:
      line = "Found: " + quantity(c.relevant, "relevant chunk");
      break;
    case ReadChunksResult::Status::nothing_relevant:
      line = "Nothing relevant found";
      break;
    case ReadChunksResult::Status::partial:
      line = "Partial: " + quantity(c.relevant, "relevant chunk") + " so far";
      break;
  }
  line += "; read " + std::to_string(c.read) + " of " + quantity(c.in_scope, "chunk");
  if (c.failed > 0) line += ", " + std::to_string(c.failed) + " failed";
  if (c.unread > 0) line += ", " + std::to_string(c.unread) + " not read";
  return line + ".";
}

std::string plan_line(const ReadPlan& plan) {
  const bool same = plan.least.passages == plan.most.passages;
  if (same) return "It would read " + what_it_takes(plan.most) + ".";
  return "It would read at least " + what_it_takes(plan.least) + "; at most " +
         what_it_takes(plan.most) + ".";
}

std::string footer_line(const std::string& next, const std::string& cursor, bool tight) {
  if (tight && !next.empty()) return "cursor: " + cursor + "\n";
  if (next == "return_more") {
    return "More was found: call read_chunks with cursor \"" + cursor + "\"\n";
  }
  if (next == "read_more") return "To read on: call read_chunks with cursor \"" + cursor + "\"\n";
  if (next == "submit_readings") {
    return "Then call submit_readings with cursor \"" + cursor +
           "\" and, for each chunk above, its chunk_id and the sentences that help, copied exactly "
           "(an empty list: none)\n";
  }
  return "";
}

}  // namespace callslip
