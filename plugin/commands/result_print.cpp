#include "plugin/commands/result_print.h"

#include <iostream>
#include <map>

#include "plugin/commands/terminal.h"
#include "tools/read_summary.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

std::string place(const std::string& document, const Location& location) {
  std::string lines = std::to_string(location.line_start);
  if (location.line_end != location.line_start) lines += "-" + std::to_string(location.line_end);
  return styled(document, Style::cyan) + ":" +
         styled(lines + part_mark(location.part), Style::green);
}

void print_evidence(const std::vector<Evidence>& evidence) {
  for (const Evidence& item : evidence) {
    std::cout << place(item.document, item.location) << "  " << styled(item.chunk_id, Style::dim)
              << "\n  " << item.text << "\n";
  }
  if (!evidence.empty()) std::cout << "\n";
}

/// Where the best chunks are; --chunk ID prints one.
void print_places(const std::vector<FoundChunk>& chunks) {
  if (chunks.empty()) return;
  std::cout << styled("The best chunks:", Style::bold) << "\n";
  for (const FoundChunk& chunk : chunks) {
    std::cout << "  " << place(chunk.document, chunk.location);
    if (!chunk.headings.empty()) std::cout << "  " << chunk.headings.back();
    std::cout << "  " << styled(chunk.chunk_id, Style::dim) << "\n";
  }
  std::cout << "\n";
}

void print_coverage(const ReadChunksResult& result) {
  const Coverage& c = result.coverage;
  std::cout << summary_line(result) << "\n";
  if (result.strength == EvidenceStrength::weak) {
    std::cout << "The evidence is weak: it may not answer the question.\n";
  }
  if (!result.unknown_terms.empty()) {
    std::cout << "In no document:";
    for (const std::string& term : result.unknown_terms) std::cout << " " << term;
    std::cout << "\n";
  }
  std::map<std::string, std::size_t> reasons;
  for (const Coverage::Failure& failure : c.failures) ++reasons[failure.reason];
  for (const auto& [reason, count] : reasons) {
    const bool named = c.failures.size() < c.failed;
    std::cerr << styled("failed", Style::yellow, 2) << ": " << (named ? "at least " : "")
              << quantity(count, "chunk") << ": " << reason << "\n";
  }
}

}  // namespace

void print_chunks(const std::vector<FoundChunk>& chunks) {
  for (const FoundChunk& chunk : chunks) {
    std::cout << place(chunk.document, chunk.location);
    std::string path = chunk.title;
    for (const std::string& heading : chunk.headings) {
      if (heading != chunk.title) path += (path.empty() ? "" : " > ") + heading;
    }
    if (!path.empty()) std::cout << "  " << styled(path, Style::bold);
    char score[32];
    std::snprintf(score, sizeof score, "%.2f", chunk.score);
    std::cout << "  " << styled(std::string(score) + "  " + chunk.chunk_id, Style::dim) << "\n";
    if (!chunk.text.empty()) {
      std::cout << chunk.text << (chunk.text.ends_with('\n') ? "" : "\n");
      if (chunk.truncated) std::cout << styled("(cut)", Style::dim) << "\n";
      std::cout << "\n";
    }
  }
}

void print_expanded(const QuestionPreparation& expanded) {
  const auto line = [](const char* label, const std::string& text) {
    if (!text.empty()) std::cout << styled(label, Style::dim) << text << "\n";
  };
  std::string keywords;
  for (const std::string& keyword : expanded.question.keywords) {
    keywords += (keywords.empty() ? "" : ", ") + keyword;
  }
  line("searched for: ", expanded.question.information);
  line("instruction:  ", expanded.question.instruction);
  line(expanded.by_model ? "keywords:     " : "keywords (by rules): ", keywords);
  std::cout << "\n";
}

void print_reading(const ReadChunksResult& result) {
  if (!result.by_question) {
    print_chunks(result.chunks);
  } else {
    print_evidence(result.evidence);
    print_places(result.chunks);
    if (!result.answer.empty()) std::cout << result.answer << "\n\n";
    if (result.plan) {
      std::cout << plan_line(*result.plan) << "\n";
    } else {
      print_coverage(result);
    }
  }
  for (const std::string& note : result.notes) {
    std::cerr << styled("note", Style::yellow, 2) << ": " << note << "\n";
  }
  if (!result.next_cursor.empty()) {
    std::cout << (result.next == "read_more" ? "To read on" : "There is more")
              << ": callslip read --cursor " << result.next_cursor << "\n";
  }
}

}  // namespace callslip
