#include "tools/passages.h"

#include <algorithm>
#include <utility>

namespace callslip {
namespace {

constexpr std::string_view kEnd = "\n\n";  // the longer of two: a text may end its line

/// "4f2akq81v0z:9-12"; each of the two may be such a range.
std::string range_id(const std::string& first, const std::string& last) {
  return first.substr(0, first.find('-')) + "-" + last.substr(last.find_last_of(":-") + 1);
}

}  // namespace

bool Passages::neighbours(ChunkNumber before, ChunkNumber after) const {
  return before + 1 == after && snapshot_.document_of(before) == snapshot_.document_of(after);
}

std::size_t Passages::cost_of(const Passage& passage, std::size_t number) const {
  std::size_t cost = block_.cost(chunk_header(passage.described, number, room_, block_.counter())) +
                     block_.cost(kEnd);
  for (const Member& member : passage.members) cost += member.cost;
  return cost;
}

/// What the header says of a passage that begins and ends with these.
void Passages::describe(Passage& passage, const FoundChunk& first, const FoundChunk& last) {
  passage.described = first;
  passage.described.text.clear();
  passage.described.location.line_end = last.location.line_end;
  passage.described.location.byte_end = last.location.byte_end;
  if (passage.members.size() > 1) {
    passage.described.chunk_id = range_id(first.chunk_id, last.chunk_id);
  }
}

bool Passages::add(const FoundChunk& chunk, std::size_t tokens, bool alone) {
  Passage own;
  own.members.push_back(
      {added_, chunk.number, tokens + (block_.counter().exact() ? std::size_t{1} : 0)});
  own.alone = alone;
  describe(own, chunk, chunk);
  Order next = with(chunk, std::move(own));
  std::size_t cost = 0;
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (next[i]->numbered != i + 1) {
      Passage numbered = *next[i];
      numbered.numbered = i + 1;
      numbered.cost = cost_of(numbered, i + 1);
      next[i] = std::make_shared<const Passage>(std::move(numbered));
    }
    cost += next[i]->cost;
  }
  if (cost > room_) return false;
  passages_ = std::move(next);
  ++added_;
  return true;
}

/// The passages with one more chunk, which may join two of them.
Passages::Order Passages::with(const FoundChunk& chunk, Passage own) const {
  Order next = passages_;
  const auto open = [&own](const auto& passage) { return !own.alone && !passage->alone; };
  const auto before = std::find_if(next.begin(), next.end(), [&](const auto& passage) {
    return open(passage) && neighbours(passage->members.back().number, chunk.number);
  });
  const auto after = std::find_if(next.begin(), next.end(), [&](const auto& passage) {
    return open(passage) && neighbours(chunk.number, passage->members.front().number);
  });
  const auto place = std::min(before, after);  // where the best of its chunks stands
  if (place == next.end()) {
    next.push_back(std::make_shared<const Passage>(std::move(own)));
    return next;
  }
  const Passage& first = before == next.end() ? own : **before;
  const Passage& last = after == next.end() ? own : **after;
  Passage joined;
  if (&first != &own) joined.members = first.members;
  joined.members.push_back(own.members.front());
  if (&last != &own) {
    joined.members.insert(joined.members.end(), last.members.begin(), last.members.end());
  }
  describe(joined, first.described, last.described);
  const auto other = std::max(before, after);
  *place = std::make_shared<const Passage>(std::move(joined));
  if (other != next.end()) next.erase(other);
  return next;
}

void Passages::write(const std::vector<FoundChunk>& chunks, TextBlock& block) const {
  for (std::size_t i = 0; i < passages_.size(); ++i) {
    const Passage& passage = *passages_[i];
    block.add(chunk_header(passage.described, i + 1, room_, block.counter()));
    bool line_ended = false;
    for (const Member& member : passage.members) {
      const std::string& text = chunks[member.position].text;
      block.add(text, member.cost - (block.counter().exact() ? 1 : 0));
      line_ended = text.ends_with('\n');
    }
    block.add(line_ended ? "\n" : kEnd);
  }
}

std::vector<FoundPassage> Passages::joined(const std::vector<FoundChunk>& chunks) const {
  std::vector<FoundPassage> all;
  for (const auto& passage : passages_) {
    if (passage->members.size() < 2) continue;
    FoundPassage found{{}, passage->described.document, passage->described.location};
    for (const Member& member : passage->members) {
      found.chunk_ids.push_back(chunks[member.position].chunk_id);
    }
    all.push_back(std::move(found));
  }
  return all;
}

}  // namespace callslip
