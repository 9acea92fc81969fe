#include "index/analyzer.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "index/language/word_forms.h"
#include "index/text/character_class.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxTermBytes = 64;         // longer words are noise; Xapian's bound is 245
constexpr std::size_t kMaxVocabulary = 1U << 17;  // distinct words remembered, about 20 MB

constexpr std::size_t kNumberedWord = 4;  // letters; x86, ext4 and utf8 are words
constexpr std::size_t kPathParts = 3;     // that a path is found by as it is written

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

std::string ascii_small(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return small;
}

void truncate_term(std::string& term) {
  if (term.size() <= kMaxTermBytes) return;
  std::size_t end = kMaxTermBytes;
  while (end > 0 && (static_cast<unsigned char>(term[end]) & 0xC0) == 0x80) --end;
  term.resize(end);
}

/// The parts of an identifier: between underscores, at changes of case, at digits that follow.
/// Acronyms stay whole: parseHTTPRequest is parse, HTTP, Request. A word of a part does without
/// its number as well: HTTPRequest2 is HTTP, Request2, Request.
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
    if (end > start + 1) {
      const std::string_view part = word.substr(start, end - start);
      parts.push_back(part);
      const std::size_t letters = part.find_last_not_of("0123456789") + 1;
      if (letters < part.size() && letters >= kNumberedWord)
        parts.push_back(part.substr(0, letters));
    }
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
  explicit Impl(Mode mode) : mode_(mode) { set_languages({Language::unknown}); }

  void set_languages(LanguageSet languages) {
    if (vocabulary_ != nullptr && languages == languages_) return;
    languages_ = languages;
    contexts_.clear();
    for (int i = 0; i < static_cast<int>(Language::count); ++i) {
      if (languages.contains(static_cast<Language>(i))) {
        contexts_.push_back(static_cast<Language>(i));
      }
    }
    // What was learned for another set of a query is of no use for this one.
    if (mode_ == Mode::query) {
      vocabularies_.clear();
      known_ = 0;
    }
    vocabulary_ = &vocabularies_[languages.bits()];
  }

  void set_kebab(bool kebab) { kebab_ = kebab; }

  void add(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto size = static_cast<std::int32_t>(text.size());
    std::int32_t i = 0;
    std::int32_t compound_end = 0;
    while (i < size) {
      std::int32_t start = i;
      const CharacterClass first = next_class(bytes, i, size);
      if (first == CharacterClass::separator) continue;
      if (first == CharacterClass::unspaced) {
        i = add_unspaced(text, start, i, size);
        continue;
      }
      i = run_end(bytes, i, size, first);
      if (first == CharacterClass::joined) {
        add_joined(slice(text, start, i));
        continue;
      }
      i = extend_word(bytes, start, i, size);
      if (start >= compound_end) compound_end = add_compound(text, start, i);
      add_word(slice(text, start, i));
      i = skip_possessive(text, i);
    }
  }

  void add_path(std::string_view path) {
    add(path);
    std::size_t start = path.size();
    for (std::size_t parts = 0; parts < kPathParts && start != std::string_view::npos; ++parts) {
      start = start == 0 ? path.npos : path.rfind('/', start - 1);
      add_raw(path.substr(start == path.npos ? 0 : start + 1));
    }
  }

  std::vector<Count> counts() const {
    std::vector<Count> out;
    out.reserve(touched_.size());
    for (const std::uint32_t id : touched_) {
      out.push_back({*terms_[id], frequency_[id], word_[id], optional_[id]});
    }
    return out;
  }

  std::uint32_t length() const { return length_; }

  void clear() {
    for (const std::uint32_t id : touched_) frequency_[id] = 0;
    touched_.clear();
    length_ = 0;
    words_ = 0;
    if (known_ < kMaxVocabulary && term_ids_.size() < kMaxVocabulary) return;
    known_ = 0;
    vocabularies_.clear();
    vocabulary_ = &vocabularies_[languages_.bits()];
    term_ids_.clear();
    terms_.clear();
    frequency_.clear();
    word_.clear();
    optional_.clear();
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  template <class T>
  using StringMap = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  /// A term of a word; the forms of a word, and of each of its parts, stand together.
  struct Form {
    std::uint32_t id = 0;
    bool first = false;
    bool shared = false;  // with a form of the same identifier that was left out
  };
  using Vocabulary = StringMap<std::vector<Form>>;  // a word as written -> its terms

  static std::string_view slice(std::string_view text, std::int32_t from, std::int32_t to) {
    return text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  }

  static CharacterClass next_class(const std::uint8_t* bytes, std::int32_t& i, std::int32_t size) {
    if (bytes[i] < 0x80) return character_class(bytes[i++]);
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    return c < 0 ? CharacterClass::separator : character_class(static_cast<char32_t>(c));
  }

  static std::int32_t run_end(const std::uint8_t* bytes, std::int32_t i, std::int32_t size,
                              CharacterClass wanted) {
    while (i < size) {
      const std::int32_t before = i;
      if (next_class(bytes, i, size) != wanted) return before;
    }
    return i;
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

  /// Words joined by hyphens, in a query also by slashes and dots, are one term more: an identifier
  /// of Lisp, the path of a file. Returns where they end.
  std::int32_t add_compound(std::string_view text, std::int32_t start, std::int32_t end) {
    if (mode_ == Mode::index && !kebab_) return end;
    const std::string_view joints = mode_ == Mode::index ? "-" : "-/.";
    const auto is_word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    auto at = static_cast<std::size_t>(end);
    while (at + 1 < text.size() && joints.find(text[at]) != joints.npos && is_word(text[at + 1])) {
      ++at;
      while (at < text.size() && is_word(text[at])) ++at;
    }
    if (at == static_cast<std::size_t>(end)) return end;
    add_raw(text.substr(static_cast<std::size_t>(start), at - static_cast<std::size_t>(start)));
    return static_cast<std::int32_t>(at);
  }

  /// A term as it is written, but for case.
  void add_raw(std::string_view text) {
    if (text.empty() || text.size() > kMaxTermBytes) return;
    const std::uint32_t id =
        intern(is_ascii(text) ? ascii_small(text) : compatibility_folded(text));
    const bool known = frequency_[id] != 0;
    ++words_;
    count(id);
    if (mode_ == Mode::query && !known) optional_[id] = true;
  }

  void add_word(std::string_view word) {
    const auto found = vocabulary_->find(word);
    if (found != vocabulary_->end()) {
      count(found->second);
      return;
    }
    std::vector<Form> forms = forms_of(word);
    count(forms);
    if (word.size() > 2 * kMaxTermBytes) return;
    ++known_;
    vocabulary_->emplace(std::string(word), std::move(forms));
  }

  std::vector<Form> forms_of(std::string_view word) {
    if (word.size() > 16 * kMaxTermBytes) word = word.substr(0, 16 * kMaxTermBytes);
    std::vector<Form> forms;
    append_forms(word, forms);
    if (!may_have_parts(word)) return forms;
    for (const std::string_view part : identifier_parts(word)) append_forms(part, forms);
    return forms;
  }

  void append_forms(std::string_view word, std::vector<Form>& forms) {
    scratch_.clear();
    for (const Language language : contexts_) word_forms_.add(word, language, scratch_);
    const std::size_t begin = forms.size();
    bool shared = false;
    for (std::string& term : scratch_) {
      truncate_term(term);
      const std::uint32_t id = intern(term);
      const bool known =
          std::any_of(forms.begin(), forms.end(), [&](const Form& form) { return form.id == id; });
      shared = shared || known;
      if (!known) forms.push_back({id, forms.size() == begin, false});
    }
    if (forms.size() > begin) forms[begin].shared = shared;
  }

  /// Adds the n-grams of a run of unspaced letters; returns where the run ends.
  std::int32_t add_unspaced(std::string_view text, std::int32_t start, std::int32_t first_end,
                            std::int32_t size) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const std::int32_t run = run_end(bytes, first_end, size, CharacterClass::unspaced);
    const std::string_view letters = slice(text, start, run);
    // Half-width kana: their voicing marks are letters of their own.
    if (letters.find("\xEF\xBD") == letters.npos && letters.find("\xEF\xBE") == letters.npos) {
      add_pairs(letters);
    } else {
      add_pairs(compatibility_folded(letters));
    }
    return run;
  }

  void add_pairs(std::string_view letters) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(letters.data());
    const auto size = static_cast<std::int32_t>(letters.size());
    std::int32_t before = 0;
    std::int32_t end = 0;
    U8_FWD_1(bytes, end, size);
    if (mode_ == Mode::index || end == size) add_word(slice(letters, 0, end));
    for (std::int32_t at = end; at < size;) {
      std::int32_t next = at;
      U8_FWD_1(bytes, next, size);
      add_word(slice(letters, before, next));
      if (mode_ == Mode::index) add_word(slice(letters, at, next));
      before = at;
      at = next;
    }
  }

  /// Adds the words of a run of letters between which no space tells where a word ends.
  void add_joined(std::string_view run) {
    UErrorCode status = U_ZERO_ERROR;
    if (!words_break_) {
      words_break_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
    }
    UText text = UTEXT_INITIALIZER;
    utext_openUTF8(&text, run.data(), static_cast<std::int64_t>(run.size()), &status);
    if (words_break_) words_break_->setText(&text, status);
    if (U_FAILURE(status) != 0) {  // ICU without its data
      add_word(run);
    } else {
      std::int32_t start = words_break_->first();
      for (std::int32_t end = words_break_->next(); end != icu::BreakIterator::DONE;
           end = words_break_->next()) {
        const auto touched_before = static_cast<std::uint32_t>(touched_.size());
        add_word(slice(run, start, end));
        // Where a word ends depends on its neighbours.
        if (mode_ == Mode::query) {
          for (std::size_t i = touched_before; i < touched_.size(); ++i)
            optional_[touched_[i]] = true;
        }
        start = end;
      }
    }
    utext_close(&text);
  }

  std::uint32_t intern(const std::string& term) {
    const auto [entry, added] =
        term_ids_.try_emplace(term, static_cast<std::uint32_t>(terms_.size()));
    if (added) {
      terms_.push_back(&entry->first);
      frequency_.push_back(0);
      word_.push_back(0);
      optional_.push_back(false);
    }
    return entry->second;
  }

  void count(const std::vector<Form>& forms) {
    if (mode_ == Mode::index) {
      for (const Form& form : forms) count(form.id);
      return;
    }
    for (std::size_t i = 0; i < forms.size();) {
      std::size_t end = i + 1;
      while (end < forms.size() && !forms[end].first) ++end;
      ++words_;
      // A text may hold this word by a form that an earlier word of the query has given already.
      const bool shared = forms[i].shared ||
                          std::any_of(&forms[i], &forms[i] + (end - i),
                                      [&](const Form& form) { return frequency_[form.id] != 0; });
      for (; i < end; ++i) {
        const bool fresh = frequency_[forms[i].id] == 0;
        count(forms[i].id);
        if (fresh && shared) optional_[forms[i].id] = true;
      }
    }
  }

  void count(std::uint32_t id) {
    if (terms_[id]->empty()) return;
    if (frequency_[id]++ == 0) {
      touched_.push_back(id);
      word_[id] = words_;
      optional_[id] = false;
    }
    ++length_;
  }

  const Mode mode_;
  bool kebab_ = false;
  LanguageSet languages_;
  std::vector<Language> contexts_;  // the same
  WordForms word_forms_;
  std::unique_ptr<icu::BreakIterator> words_break_;
  std::unordered_map<std::uint64_t, Vocabulary> vocabularies_;  // by languages
  Vocabulary* vocabulary_ = nullptr;                            // of languages_
  std::size_t known_ = 0;                                       // words in all of them
  StringMap<std::uint32_t> term_ids_;
  std::vector<const std::string*> terms_;  // by id; keys of term_ids_, whose nodes do not move
  std::vector<std::uint32_t> frequency_;   // by id, since clear()
  std::vector<std::uint32_t> word_;        // by id: the word that it was first counted for
  std::vector<bool> optional_;             // by id, in a query
  std::vector<std::uint32_t> touched_;
  std::vector<std::string> scratch_;
  std::uint32_t length_ = 0;
  std::uint32_t words_ = 0;
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

void Analyzer::set_languages(LanguageSet languages) { impl_->set_languages(languages); }
void Analyzer::set_kebab(bool kebab) { impl_->set_kebab(kebab); }
void Analyzer::add_path(std::string_view path) { impl_->add_path(path); }
std::vector<Analyzer::Count> Analyzer::counts() const { return impl_->counts(); }
std::uint32_t Analyzer::length() const { return impl_->length(); }
void Analyzer::clear() { impl_->clear(); }

std::vector<QueryTerm> query_terms(std::string_view query, LanguageSet languages) {
  thread_local Analyzer analyzer(Analyzer::Mode::query);
  analyzer.clear();
  analyzer.set_languages(languages.empty() ? LanguageSet{Language::unknown} : languages);
  analyzer.add(query);
  std::vector<QueryTerm> terms;
  for (const auto& count : analyzer.counts()) {
    terms.push_back({std::string(count.term), count.frequency, count.word, count.optional});
  }
  return terms;
}

}  // namespace callslip
