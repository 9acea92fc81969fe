#include "tools/near_duplicates.h"

#include <algorithm>
#include <cctype>

#include "index/hash.h"
#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

constexpr std::size_t kWords = 4;
constexpr double kSame = 0.85;
constexpr std::size_t kFewest = 8;  // shingles: shorter texts must be equal

/// The hashes of runs of words, each once. A character outside ASCII counts as a word: many
/// scripts do not part them.
std::vector<std::uint64_t> shingles_of(std::string_view text) {
  std::vector<std::uint64_t> words;
  for (std::size_t pos = 0; pos < text.size();) {
    const auto byte = static_cast<unsigned char>(text[pos]);
    if (byte >= 0x80) {
      const std::size_t length = std::max<std::size_t>(1, utf8::at(text, pos).length);
      words.push_back(hash64(text.substr(pos, length)));
      pos += length;
      continue;
    }
    std::size_t end = pos;
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    if (end > pos) words.push_back(hash64(text.substr(pos, end - pos)));
    pos = std::max(end, pos + 1);
  }
  std::vector<std::uint64_t> shingles;
  const std::size_t run = std::min(kWords, std::max<std::size_t>(1, words.size()));
  for (std::size_t i = 0; i + run <= words.size(); ++i) {
    shingles.push_back(hash64({reinterpret_cast<const char*>(words.data() + i), run * 8}));
  }
  std::sort(shingles.begin(), shingles.end());
  shingles.erase(std::unique(shingles.begin(), shingles.end()), shingles.end());
  return shingles;
}

}  // namespace

std::optional<std::size_t> NearDuplicates::find_or_add(std::string_view text) {
  const std::vector<std::uint64_t> shingles = shingles_of(text);
  std::vector<std::size_t> shared(sizes_.size());
  for (const std::uint64_t shingle : shingles) {
    const auto found = holders_.find(shingle);
    if (found == holders_.end()) continue;
    for (const std::uint32_t holder : found->second) ++shared[holder];
  }
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    const std::size_t all = sizes_[i] + shingles.size() - shared[i];
    const bool equal = shared[i] == all && all > 0;
    const bool near = std::min(sizes_[i], shingles.size()) >= kFewest &&
                      static_cast<double>(shared[i]) >= kSame * static_cast<double>(all);
    if (equal || near) return i;
  }
  for (const std::uint64_t shingle : shingles) {
    holders_[shingle].push_back(static_cast<std::uint32_t>(sizes_.size()));
  }
  sizes_.push_back(shingles.size());
  return std::nullopt;
}

}  // namespace callslip
