#include "plugin/result_print.h"

#include <iostream>

#include "plugin/terminal.h"

namespace callslip {
namespace {

std::string place(const std::string& document, const Location& location) {
  std::string lines = std::to_string(location.line_start);
  if (location.line_end != location.line_start) lines += "-" + std::to_string(location.line_end);
  return styled(document, Style::cyan) + ":" + styled(lines, Style::green);
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

void print_evidence(const std::vector<Evidence>& evidence) {
  for (const Evidence& item : evidence) {
    std::cout << place(item.document, item.location) << "  " << styled(item.chunk_id, Style::dim)
              << "\n  " << item.text << "\n";
  }
  if (!evidence.empty()) std::cout << "\n";
}

}  // namespace callslip
