#include "tools/library_languages.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "index/language/text_language.h"

namespace callslip {
namespace {

constexpr std::uint64_t sample_size = 200;  // chunks that are looked at together
constexpr std::uint64_t most_samples = 3;   // while they tell too little:
constexpr std::uint64_t enough_told = sample_size / 4;
// Of a chunk; more tells nothing new, and comments may begin late.
constexpr std::uint64_t prose_bytes = 512;
constexpr std::uint64_t code_bytes = 1024;
constexpr std::size_t most_known = 16;  // revisions
constexpr double least_share = 0.03;

using Counts = std::map<std::string_view, std::uint64_t>;

/// The living chunk at a place, counted from the first living one.
class LivingChunks {
 public:
  explicit LivingChunks(const Snapshot& snapshot) {
    for (const ChunkRange& range : snapshot.living()) {
      ranges_.push_back(range);
      ends_.push_back(size() + (range.last - range.first));
    }
  }
  std::uint64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  ChunkNumber at(std::uint64_t place) const {
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), place);
    const ChunkRange& range = ranges_[static_cast<std::size_t>(end - ends_.begin())];
    return range.last - static_cast<ChunkNumber>(*end - place);
  }

 private:
  std::vector<ChunkRange> ranges_;
  std::vector<std::uint64_t> ends_;
};

/// Whether the chunk told its language.
bool count_chunk(const Snapshot& snapshot, ChunkNumber number, Counts& counts) {
  const ChunkRow& chunk = snapshot.chunk(number);
  const DocumentNumber document = snapshot.document_of(number);
  const bool code = (snapshot.document(document).flags & DocumentRow::kCode) != 0;
  const std::uint64_t most = code ? code_bytes : prose_bytes;
  const auto text =
      snapshot.text(document, chunk.byte_start, std::min<std::uint64_t>(chunk.bytes, most));
  if (!text) return false;
  const auto language = language_of(*text, code ? TextKind::code : TextKind::prose);
  if (language.empty()) return false;
  ++counts[language];
  return true;
}

std::vector<LanguageShare> sample(const Snapshot& snapshot) {
  const LivingChunks chunks(snapshot);
  Counts counts;
  std::uint64_t told = 0;
  if (chunks.size() <= sample_size) {
    for (std::uint64_t i = 0; i < chunks.size(); ++i) {
      if (count_chunk(snapshot, chunks.at(i), counts)) ++told;
    }
  } else {
    // One of each stretch. Where in the stretch changes by the golden ratio: a fixed step could
    // keep pace with documents that take turns, as translations do.
    const double step = static_cast<double>(chunks.size()) / sample_size;
    for (std::uint64_t i = 0; i < sample_size * most_samples; ++i) {
      if (i % sample_size == 0 && told >= enough_told) break;
      const double within = std::fmod(static_cast<double>(i) * 0.6180339887498949, 1.0);
      const auto place =
          static_cast<std::uint64_t>((static_cast<double>(i % sample_size) + within) * step);
      if (count_chunk(snapshot, chunks.at(std::min(place, chunks.size() - 1)), counts)) ++told;
    }
  }
  std::vector<LanguageShare> languages;
  for (const auto& [language, count] : counts) {
    const double share = static_cast<double>(count) / static_cast<double>(told);
    if (share >= least_share) languages.push_back({std::string(language), share});
  }
  std::stable_sort(languages.begin(), languages.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  return languages;
}

}  // namespace

std::vector<LanguageShare> LibraryLanguages::of(const Snapshot& snapshot) {
  const std::string revision = snapshot.manifest().index_id + "@" + snapshot.revision() + "@" +
                               std::to_string(snapshot.visibility());
  const std::lock_guard lock(mutex_);  // who comes meanwhile wants the same
  for (const Known& known : known_) {
    if (known.revision == revision) return known.languages;
  }
  known_.push_front({revision, sample(snapshot)});
  if (known_.size() > most_known) known_.pop_back();
  return known_.front().languages;
}

}  // namespace callslip
