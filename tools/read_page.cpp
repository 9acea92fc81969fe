#include "tools/read_page.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tools/near_duplicates.h"

namespace callslip {
namespace {

std::string evidence_place(const Evidence& evidence) {
  std::string lines = std::to_string(evidence.location.line_start);
  if (evidence.location.line_end != evidence.location.line_start) {
    lines += "-" + std::to_string(evidence.location.line_end);
  }
  return "\n  (" + on_its_line(evidence.document) + ":" + lines +
         part_mark(evidence.location.part) + " | " + evidence.chunk_id + ")\n";
}

}  // namespace

void ReadPage::reserve_footer(const std::string& widest) {
  footer_room_ = block_.cost(widest);
  block_.reserve(footer_room_);
}

std::string ReadPage::add_answer(const std::string& answer) {
  constexpr std::string_view label = "Answer: ";
  const std::size_t room = block_.room_beside(block_.cost(label) + block_.cost("\n"));
  std::string shown(cut_to_tokens(answer, TextKind::prose, room, counter_));
  const TextBlock::Mark mark = block_.mark();
  if (!shown.empty() && block_.add(label) && block_.add(shown) && block_.add("\n")) return shown;
  block_.rewind(mark);
  return "";
}

std::size_t ReadPage::add_evidence(const std::vector<Evidence>& evidence, std::size_t keep,
                                   ReadChunksResult& result) {
  if (evidence.empty()) return 0;
  keep = std::min(keep, block_.left());
  block_.reserve(keep);
  const std::size_t shown = add_sentences(evidence, result);
  block_.release(keep);
  return shown;
}

std::size_t ReadPage::add_sentences(const std::vector<Evidence>& evidence,
                                    ReadChunksResult& result) {
  const TextBlock::Mark start = block_.mark();
  if (!tight_) block_.add("Evidence:\n");
  std::size_t at = 0;
  for (; at < evidence.size(); ++at) {
    const TextBlock::Mark mark = block_.mark();
    Evidence item = evidence[at];
    std::string place = evidence_place(item);
    if (block_.add("- " + item.text) && block_.add(place)) {
      result.evidence.push_back(std::move(item));
      continue;
    }
    block_.rewind(mark);
    if (at > 0) break;
    // The first must appear where nothing else did, or a small budget would never get on: cut it.
    if (tight_) place = "\n  (" + item.chunk_id + ")\n";
    const std::size_t left = block_.room_beside(block_.count("- ") + block_.cost(place));
    const std::string_view cut = cut_to_tokens(item.text, TextKind::prose, left, counter_);
    if (cut.empty()) break;
    item.location.byte_end = item.location.byte_start + cut.size();
    item.location.line_end = item.location.line_start + static_cast<std::uint64_t>(std::count(
                                                            cut.begin(), cut.end() - 1, '\n'));
    item.text = std::string(cut);
    if (!block_.add("- " + item.text) || !block_.add(place)) {
      block_.rewind(mark);
      break;
    }
    result.evidence.push_back(std::move(item));
    ++at;
    break;
  }
  if (at == 0) block_.rewind(start);
  return at;
}

bool ReadPage::add_chunk(const FoundChunk& chunk, std::size_t number) {
  const TextBlock::Mark mark = block_.mark();
  if (block_.add(chunk_header(chunk, number, block_.left(), counter_)) &&
      block_.add(chunk.text, chunk.tokens) &&
      block_.add(chunk.text.ends_with('\n') ? "\n" : "\n\n")) {
    return true;
  }
  block_.rewind(mark);
  return false;
}

/// Documents in the order of their best chunk, their chunks in the order of the text.
void ReadPage::arrange(TextBlock::Mark before, std::vector<FoundChunk>& chunks) {
  std::map<std::string, std::size_t> documents;
  for (const FoundChunk& chunk : chunks) documents.try_emplace(chunk.document, documents.size());
  std::vector<FoundChunk> arranged = chunks;
  std::stable_sort(arranged.begin(), arranged.end(), [&](const FoundChunk& a, const FoundChunk& b) {
    return std::pair(documents[a.document], a.location.byte_start) <
           std::pair(documents[b.document], b.location.byte_start);
  });
  const TextBlock ranked = block_;
  block_.rewind(before);
  for (std::size_t i = 0; i < arranged.size(); ++i) {
    if (add_chunk(arranged[i], i + 1)) continue;
    block_.restore(ranked);  // another number in a header can be a token longer
    return;
  }
  chunks = std::move(arranged);
}

Result<ReadPage::Position> ReadPage::add_chunks(const std::vector<RankedChunk>& chunks, Position at,
                                                Order order, ReadChunksResult& result) {
  const bool page_is_empty = result.evidence.empty();
  const TextBlock::Mark before = block_.mark();
  NearDuplicates seen;
  for (; at.chunk < chunks.size(); ++at.chunk, at.skip = 0) {
    FoundChunk chunk = describe_chunk(snapshot_, chunks[at.chunk].chunk);
    chunk.score = chunks[at.chunk].score;
    const auto text = snapshot_.chunk_text(chunk.number);
    if (!text) return text.error();
    at.skip = std::min(at.skip, text->size());
    if (order == Order::document) {
      const auto same = seen.find_or_add(*text);
      if (same && at.skip == 0) {
        result.chunks[*same].duplicates.push_back(chunk.chunk_id);
        continue;
      }
    }
    const auto narrow = [&](std::size_t end) {
      chunk.location = locate(snapshot_, chunk.number, *text, {at.skip, end});
      chunk.text = text->substr(at.skip, end - at.skip);
      chunk.truncated = at.skip > 0 || end < text->size();
      if (chunk.truncated) chunk.tokens = counter_.count(chunk.text);
    };
    narrow(text->size());
    if (add_chunk(chunk, result.chunks.size() + 1)) {
      result.chunks.push_back(std::move(chunk));
      continue;
    }
    if (!page_is_empty || !result.chunks.empty()) {
      if (order == Order::document) arrange(before, result.chunks);
      return at;
    }
    chunk.truncated = true;
    const std::string header = chunk_header(chunk, 1, block_.left() / 2, counter_);
    const std::size_t left = block_.room_beside(block_.cost(header) + block_.cost("\n\n"));
    const std::size_t cut = cut_to_tokens(chunk.text, chunk.kind, left, counter_).size();
    const std::size_t end = at.skip + cut;
    narrow(end);
    chunk.truncated = true;
    const TextBlock::Mark mark = block_.mark();
    if (cut == 0 || !block_.add(header) || !block_.add(chunk.text) || !block_.add("\n\n")) {
      block_.rewind(mark);
      return at;
    }
    result.chunks.push_back(std::move(chunk));
    if (end == text->size()) return Position{at.chunk + 1, 0};
    return Position{at.chunk, end};
  }
  if (order == Order::document) arrange(before, result.chunks);
  return at;
}

void ReadPage::finish(const std::string& footer, ReadChunksResult& result) {
  block_.release(footer_room_);
  if (!footer.empty()) block_.add(footer);
  result.text = block_.text();
  result.total_tokens = block_.total();
}

}  // namespace callslip
