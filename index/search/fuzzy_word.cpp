#include "index/search/fuzzy_word.h"

#include <algorithm>

#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t kOneFrom = 4;  // letters
constexpr std::size_t kTwoFrom = 8;

std::size_t least(const std::vector<std::size_t>& row) {
  return *std::min_element(row.begin(), row.end());
}

std::u32string code_points(std::string_view utf8) {
  std::u32string all;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = decode_utf8(utf8, at);
    all.push_back(point.value);
    at += point.length;
  }
  return all;
}

/// The first string after all that begin with this one.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

}  // namespace

std::size_t spelling_tolerance(std::size_t letters) {
  if (letters < kOneFrom) return 0;
  return letters < kTwoFrom ? 1 : 2;
}

FuzzyWord::FuzzyWord(std::string_view utf8, std::size_t most)
    : word_(code_points(utf8)), most_(most) {
  rows_.emplace_back();
  for (std::size_t i = 0; i <= word_.size(); ++i) rows_.back().push_back(i);
  // Letters of one script stand together.
  constexpr char32_t block = 0x100;
  const auto [low, high] = std::minmax_element(word_.begin(), word_.end());
  append_utf8(begin_, *high < 0x80 ? U'a' : *low / block * block);
  append_utf8(end_, *high < 0x80 ? U'z' + 1 : (*high / block + 1) * block);
}

void FuzzyWord::add_row(char32_t letter) {
  const std::vector<std::size_t>& last = rows_.back();
  std::vector<std::size_t> row{last[0] + 1};
  for (std::size_t j = 1; j <= word_.size(); ++j) {
    std::size_t distance =
        std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (word_[j - 1] == letter ? 0 : 1)});
    if (j > 1 && !letters_.empty() && word_[j - 2] == letter && word_[j - 1] == letters_.back()) {
      distance = std::min(distance, rows_[rows_.size() - 2][j - 2] + 1);
    }
    row.push_back(distance);
  }
  letters_.push_back(letter);
  rows_.push_back(std::move(row));
}

FuzzyWord::Step FuzzyWord::step(std::string_view term) {
  std::size_t at = 0;  // in bytes
  std::size_t depth = 0;
  while (at < term.size() && depth < letters_.size()) {
    const CodePoint point = decode_utf8(term, at);
    if (point.value != letters_[depth]) break;
    at += point.length;
    ++depth;
  }
  letters_.resize(depth);
  rows_.resize(depth + 1);
  while (at < term.size()) {
    const CodePoint point = decode_utf8(term, at);
    add_row(point.value);
    at += point.length;
    const std::size_t most = most_for(letters_[0]);
    // Two letters exchanged look back by two rows.
    const std::size_t reachable = std::min(least(rows_.back()), least(rows_[rows_.size() - 2]) + 1);
    if (reachable > most) return {std::nullopt, after_prefix(std::string(term.substr(0, at)))};
  }
  Step step;
  const std::size_t distance = rows_.back().back();
  if (!letters_.empty() && distance <= most_for(letters_[0])) step.distance = distance;
  step.next = std::string(term) + '\0';
  return step;
}

}  // namespace callslip
