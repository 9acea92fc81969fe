#include "index/tokens/bpe_tokenizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <limits>
#include <queue>
#include <utility>

namespace callslip {
namespace {

constexpr std::uint32_t no_rank = BpeVocabulary::no_rank;

// Text is worked on in slices below 2 GB, which is as far as ICU's lengths go.
constexpr std::size_t max_slice = std::size_t{1} << 30U;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<signed char>(byte) >= 0; });
}

// Copies `text` with U+FFFD for what is not UTF-8; returns false, and no copy, if it is all valid.
bool repair_utf8(std::string_view text, std::string& repaired) {
  const auto length = static_cast<std::int32_t>(text.size());
  std::int32_t copied = 0;
  for (std::int32_t at = 0; at < length;) {
    const std::int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, length, c);
    if (c >= 0) continue;
    repaired.append(text.substr(copied, start - copied)).append("\xEF\xBF\xBD");
    copied = at;
  }
  if (copied == 0) return false;
  repaired.append(text.substr(copied));
  return true;
}

// Returns `text` or its form C in `normalized`.
std::string_view to_nfc(std::string_view text, std::string& normalized) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return text;
  const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
  if (nfc->isNormalizedUTF8(piece, status) || U_FAILURE(status)) return text;
  icu::StringByteSink<std::string> sink(&normalized);
  nfc->normalizeUTF8(0, piece, sink, nullptr, status);
  return U_FAILURE(status) ? text : std::string_view(normalized);
}

// Merges one piece by repeatedly joining the neighbours whose union has the lowest rank, leftmost
// first. Reused from piece to piece, so that its memory is allocated once per text.
class Merger {
 public:
  explicit Merger(const BpeVocabulary& vocabulary) : vocabulary_(vocabulary) {}

  template <class Sink>
  void merge(std::string_view piece, Sink& sink) {
    piece_ = piece;
    parts_.clear();
    for (std::uint32_t i = 0; i <= piece.size(); ++i) parts_.push_back({i, no_rank, i + 1, i - 1});
    for (std::uint32_t i = 0; i + 1 < piece.size(); ++i) parts_[i].rank = joined_rank(i);
    // A scan of a word beats a heap; a scan of a megabyte without a break would be quadratic.
    if (piece.size() <= max_scanned) {
      merge_by_scan();
      for (std::size_t i = 0; i + 1 < parts_.size(); ++i) sink.take(text(i, i + 1));
    } else {
      merge_by_heap();
      for (std::uint32_t i = 0; i < piece.size(); i = parts_[i].next) {
        sink.take(text(i, parts_[i].next));
      }
    }
  }

 private:
  static constexpr std::size_t max_scanned = 96;

  struct Part {
    std::uint32_t begin;     // the part ends where the next one begins
    std::uint32_t rank;      // of this part joined with the next
    std::uint32_t next;      // heap only: index of the next part
    std::uint32_t previous;  // heap only
  };

  struct Candidate {
    std::uint32_t rank;
    std::uint32_t part;
    std::uint32_t end;  // where the joined part would end: tells a stale candidate
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : part > other.part;
    }
  };

  std::string_view text(std::size_t from, std::size_t to) const {
    return piece_.substr(parts_[from].begin, parts_[to].begin - parts_[from].begin);
  }

  // Before any merge: of single bytes.
  std::uint32_t joined_rank(std::uint32_t part) const {
    return vocabulary_.rank(piece_.substr(part, 2));
  }

  void merge_by_scan() {
    const auto rank_at = [this](std::size_t i) {
      return i + 2 < parts_.size() ? vocabulary_.rank(text(i, i + 2)) : no_rank;
    };
    while (parts_.size() > 2) {
      const auto best =
          std::min_element(parts_.begin(), parts_.end(),
                           [](const Part& a, const Part& b) { return a.rank < b.rank; });
      if (best->rank == no_rank) return;
      const auto i = static_cast<std::size_t>(best - parts_.begin());
      parts_.erase(best + 1);
      parts_[i].rank = rank_at(i);
      if (i > 0) parts_[i - 1].rank = rank_at(i - 1);
    }
  }

  void merge_by_heap() {
    const auto end = static_cast<std::uint32_t>(piece_.size());
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
    const auto offer = [&](std::uint32_t part) {
      const std::uint32_t next = parts_[part].next;
      if (next >= end) {
        parts_[part].rank = no_rank;
        return;
      }
      const std::uint32_t stop = parts_[next].next;
      parts_[part].rank = vocabulary_.rank(text(part, stop));
      if (parts_[part].rank != no_rank) queue.push({parts_[part].rank, part, stop});
    };
    for (std::uint32_t i = 0; i < end; ++i) offer(i);
    while (!queue.empty()) {
      const Candidate best = queue.top();
      queue.pop();
      const std::uint32_t gone = parts_[best.part].next;
      const bool stale =
          parts_[best.part].rank != best.rank || gone >= end || parts_[gone].next != best.end;
      if (stale) continue;
      parts_[best.part].next = best.end;
      parts_[best.end].previous = best.part;
      parts_[gone].rank = no_rank;
      offer(best.part);
      if (best.part > 0) offer(parts_[best.part].previous);
    }
  }

  const BpeVocabulary& vocabulary_;
  std::string_view piece_;
  std::vector<Part> parts_;
};

struct CountSink {
  std::size_t tokens = 0;
  void take(std::string_view) { ++tokens; }
  void take(std::uint32_t) { ++tokens; }
};

struct IdSink {
  const BpeVocabulary& vocabulary;
  std::vector<std::uint32_t> ids;
  void take(std::string_view token) { ids.push_back(vocabulary.rank(token)); }
  void take(std::uint32_t id) { ids.push_back(id); }
};

}  // namespace

BpeTokenizer::BpeTokenizer(BpeVocabulary vocabulary)
    : vocabulary_(std::move(vocabulary)),
      pattern_(SplitPattern::for_vocabulary_of(vocabulary_.size())),
      id_("tiktoken:" + vocabulary_.fingerprint()) {}

Result<std::unique_ptr<BpeTokenizer>> BpeTokenizer::load(const std::string& path) {
  Result<BpeVocabulary> vocabulary = BpeVocabulary::load(path);
  if (!vocabulary) return vocabulary.error();
  return std::unique_ptr<BpeTokenizer>(new BpeTokenizer(std::move(vocabulary).value()));
}

template <class Sink>
void BpeTokenizer::tokenize(std::string_view utf8, Sink& sink) const {
  while (utf8.size() > max_slice) {
    const std::size_t line = utf8.rfind('\n', max_slice);
    const std::size_t cut = line == std::string_view::npos ? max_slice : line + 1;
    tokenize(utf8.substr(0, cut), sink);
    utf8.remove_prefix(cut);
  }
  std::string repaired;
  std::string normalized;
  if (!is_ascii(utf8)) {
    if (repair_utf8(utf8, repaired)) utf8 = repaired;
    if (pattern_.wants_nfc()) utf8 = to_nfc(utf8, normalized);
  }
  Merger merger(vocabulary_);
  PieceReader pieces(pattern_, utf8);
  for (std::string_view piece = pieces.next(); !piece.empty(); piece = pieces.next()) {
    const std::uint32_t whole = vocabulary_.rank(piece);
    if (whole != no_rank) {
      sink.take(whole);
    } else {
      merger.merge(piece, sink);
    }
  }
}

std::size_t BpeTokenizer::count(std::string_view utf8) const {
  CountSink sink;
  tokenize(utf8, sink);
  return sink.tokens;
}

std::vector<std::uint32_t> BpeTokenizer::encode(std::string_view utf8) const {
  IdSink sink{vocabulary_, {}};
  tokenize(utf8, sink);
  return std::move(sink.ids);
}

Result<std::unique_ptr<TokenCounter>> load_bpe_tokenizer(const std::string& path) {
  Result<std::unique_ptr<BpeTokenizer>> tokenizer = BpeTokenizer::load(path);
  if (!tokenizer) return tokenizer.error();
  return std::unique_ptr<TokenCounter>(std::move(tokenizer).value());
}

}  // namespace callslip
