#include "index/analyzer.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>
#include <xapian.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "index/character_class.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxTermBytes = 64;         // longer words are noise; Xapian's bound is 245
constexpr std::size_t kMaxVocabulary = 1U << 17;  // distinct words remembered, about 20 MB

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

void truncate_term(std::string& term) {
  if (term.size() <= kMaxTermBytes) return;
  std::size_t end = kMaxTermBytes;
  while (end > 0 && (static_cast<unsigned char>(term[end]) & 0xC0) == 0x80) --end;
  term.resize(end);
}

enum class Script { latin, cyrillic, other };

/// Case-folded, compatibility-composed, without accents on Latin letters.
std::string fold(std::string_view word, Script& script) {
  script = Script::latin;
  if (is_ascii(word)) {
    std::string lower(word);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return lower;
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto* casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const auto* decompose = icu::Normalizer2::getNFDInstance(status);
  if (U_FAILURE(status) != 0) return std::string(word);
  const auto source =
      icu::UnicodeString::fromUTF8(icu::StringPiece(word.data(), static_cast<int>(word.size())));
  icu::UnicodeString folded = casefold->normalize(source, status);
  const icu::UnicodeString decomposed = decompose->normalize(folded, status);
  bool cyrillic = false;
  for (int i = 0; i < decomposed.length(); ++i) {
    if (decomposed[i] >= 0x400 && decomposed[i] < 0x530) cyrillic = true;
  }
  if (cyrillic) {
    script = Script::cyrillic;
    folded.findAndReplace(icu::UnicodeString(UChar{0x451}), icu::UnicodeString(UChar{0x435}));
  } else {
    folded.remove();
    for (int i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
      const UChar32 c = decomposed.char32At(i);
      if (u_charType(c) != U_NON_SPACING_MARK || c >= 0x370) folded.append(c);
    }
  }
  std::string out;
  folded.toUTF8String(out);
  if (!cyrillic && !is_ascii(out)) script = Script::other;
  return out;
}

/// The parts of an identifier: between underscores, at changes of case, at digits that follow.
/// Acronyms stay whole: parseHTTPRequest is parse, HTTP, Request.
std::vector<std::string_view> identifier_parts(std::string_view word) {
  enum Kind { lower, upper, digit, other };
  const auto kind_of = [](char c) {
    if (c >= 'a' && c <= 'z') return lower;
    if (c >= 'A' && c <= 'Z') return upper;
    if (c >= '0' && c <= '9') return digit;
    return other;
  };
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  const auto cut = [&](std::size_t end) {
    if (end > start + 1) parts.push_back(word.substr(start, end - start));
    start = end;
  };
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '_') {
      cut(i);
      start = i + 1;
      continue;
    }
    if (i == start) continue;
    const Kind before = kind_of(word[i - 1]);
    const Kind now = kind_of(word[i]);
    if (now == upper && (before == lower || before == digit)) cut(i);
    if (now == lower && before == upper && i - start > 1) cut(i - 1);
  }
  cut(word.size());
  if (parts.size() == 1 && parts[0].size() == word.size()) parts.clear();
  return parts;
}

bool may_have_parts(std::string_view word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (word[i] == '_' || word[i - 1] == '_') return true;
    if (word[i] >= 'A' && word[i] <= 'Z' && word[i - 1] >= '0') return true;
  }
  return false;
}

}  // namespace

class Analyzer::Impl {
 public:
  explicit Impl(Mode mode) : mode_(mode) {}

  void add(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto size = static_cast<std::int32_t>(text.size());
    std::int32_t i = 0;
    while (i < size) {
      std::int32_t start = i;
      const CharacterClass first = next_class(bytes, i, size);
      if (first == CharacterClass::separator) continue;
      if (first == CharacterClass::unspaced) {
        i = add_unspaced(text, start, i, size);
        continue;
      }
      while (i < size) {
        const std::int32_t before = i;
        if (next_class(bytes, i, size) == CharacterClass::letter) continue;
        i = before;
        break;
      }
      i = extend_word(bytes, start, i, size);
      add_word(text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(i - start)));
      i = skip_possessive(text, i);
    }
  }

  std::vector<Count> counts() const {
    std::vector<Count> out;
    out.reserve(touched_.size());
    for (const std::uint32_t id : touched_) out.push_back({*terms_[id], frequency_[id]});
    return out;
  }

  std::uint32_t length() const { return length_; }

  void clear() {
    for (const std::uint32_t id : touched_) frequency_[id] = 0;
    touched_.clear();
    length_ = 0;
    if (words_.size() < kMaxVocabulary && term_ids_.size() < kMaxVocabulary) return;
    words_.clear();
    term_ids_.clear();
    terms_.clear();
    frequency_.clear();
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  template <class T>
  using StringMap = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  static CharacterClass next_class(const std::uint8_t* bytes, std::int32_t& i, std::int32_t size) {
    if (bytes[i] < 0x80) return character_class(bytes[i++]);
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    return c < 0 ? CharacterClass::separator : character_class(static_cast<char32_t>(c));
  }

  /// Past the possessive in "the model's": it says nothing of its own.
  static std::int32_t skip_possessive(std::string_view text, std::int32_t i) {
    for (const std::string_view suffix : {"'s", "'S", "\u2019s"}) {
      const auto end = static_cast<std::size_t>(i) + suffix.size();
      if (text.substr(static_cast<std::size_t>(i), suffix.size()) != suffix) continue;
      if (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) continue;
      return static_cast<std::int32_t>(end);
    }
    return i;
  }

  /// "C++", "C#" and the like are words.
  static std::int32_t extend_word(const std::uint8_t* bytes, std::int32_t start, std::int32_t i,
                                  std::int32_t size) {
    if (i - start == 1 && i < size) {
      if (bytes[i] == '#') return i + 1;
      if (bytes[i] == '+' && i + 1 < size && bytes[i + 1] == '+') return i + 2;
    }
    return i;
  }

  void add_word(std::string_view word) {
    if (const auto found = words_.find(word); found != words_.end()) {
      for (const std::uint32_t id : found->second) count(id);
      return;
    }
    std::vector<std::uint32_t> ids = terms_of(word);
    for (const std::uint32_t id : ids) count(id);
    if (word.size() <= 2 * kMaxTermBytes) words_.emplace(std::string(word), std::move(ids));
  }

  std::vector<std::uint32_t> terms_of(std::string_view word) {
    if (word.size() > 16 * kMaxTermBytes) word = word.substr(0, 16 * kMaxTermBytes);
    std::vector<std::uint32_t> ids{intern(stem(word))};
    if (!may_have_parts(word)) return ids;
    for (const std::string_view part : identifier_parts(word)) {
      const std::uint32_t id = intern(stem(part));
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }
    return ids;
  }

  std::string stem(std::string_view word) {
    Script script = Script::latin;
    std::string folded = fold(word, script);
    truncate_term(folded);
    if (script == Script::latin && folded.find_first_of("_0123456789") == std::string::npos) {
      return english_(folded);
    }
    if (script == Script::cyrillic) return russian_(folded);
    return folded;
  }

  /// Adds the n-grams of a run of unspaced letters; returns where the run ends.
  std::int32_t add_unspaced(std::string_view text, std::int32_t start, std::int32_t first_end,
                            std::int32_t size) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    std::int32_t letter = start;  // the letter before `end`
    std::int32_t end = first_end;
    std::size_t letters = 1;
    const auto piece = [&](std::int32_t from, std::int32_t to) {
      add_word(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
    };
    if (mode_ == Mode::index) piece(letter, end);
    while (end < size) {
      std::int32_t next = end;
      if (next_class(bytes, next, size) != CharacterClass::unspaced) break;
      piece(letter, next);
      if (mode_ == Mode::index) piece(end, next);
      letter = end;
      end = next;
      ++letters;
    }
    if (mode_ == Mode::query && letters == 1) piece(letter, end);
    return end;
  }

  std::uint32_t intern(const std::string& term) {
    const auto [entry, added] =
        term_ids_.try_emplace(term, static_cast<std::uint32_t>(terms_.size()));
    if (added) {
      terms_.push_back(&entry->first);
      frequency_.push_back(0);
    }
    return entry->second;
  }

  void count(std::uint32_t id) {
    if (terms_[id]->empty()) return;
    if (frequency_[id]++ == 0) touched_.push_back(id);
    ++length_;
  }

  const Mode mode_;
  Xapian::Stem english_{"english"};
  Xapian::Stem russian_{"russian"};
  StringMap<std::vector<std::uint32_t>> words_;  // a word as written -> its terms
  StringMap<std::uint32_t> term_ids_;
  std::vector<const std::string*> terms_;  // by id; keys of term_ids_, whose nodes do not move
  std::vector<std::uint32_t> frequency_;   // by id, since clear()
  std::vector<std::uint32_t> touched_;
  std::uint32_t length_ = 0;
};

Analyzer::Analyzer(Mode mode) : impl_(std::make_unique<Impl>(mode)) {}
Analyzer::~Analyzer() = default;
Analyzer::Analyzer(Analyzer&&) noexcept = default;
Analyzer& Analyzer::operator=(Analyzer&&) noexcept = default;

void Analyzer::add(std::string_view utf8) {
  constexpr std::size_t slice = 1U << 30;  // ICU's offsets are 32-bit
  for (; utf8.size() > slice; utf8.remove_prefix(slice)) impl_->add(utf8.substr(0, slice));
  impl_->add(utf8);
}

std::vector<Analyzer::Count> Analyzer::counts() const { return impl_->counts(); }
std::uint32_t Analyzer::length() const { return impl_->length(); }
void Analyzer::clear() { impl_->clear(); }

std::vector<QueryTerm> query_terms(std::string_view query) {
  thread_local Analyzer analyzer(Analyzer::Mode::query);
  analyzer.clear();
  analyzer.add(query);
  std::vector<QueryTerm> terms;
  for (const auto& count : analyzer.counts()) {
    terms.push_back({std::string(count.term), count.frequency});
  }
  return terms;
}

}  // namespace callslip
