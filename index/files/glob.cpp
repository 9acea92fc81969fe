#include "index/files/glob.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace callslip {

namespace {

constexpr std::string_view special_characters = "*?[\\";

// Invalid bytes become values above Unicode, so that they equal only themselves.
constexpr char32_t invalid_byte_base = 0x110000;

using Ranges = std::vector<std::pair<char32_t, char32_t>>;

/// ASCII only, as in git: what a locale thinks must not change what is indexed.
std::optional<Ranges> named_class(std::string_view name) {
  if (name == "alnum") return Ranges{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}};
  if (name == "alpha") return Ranges{{'A', 'Z'}, {'a', 'z'}};
  if (name == "blank") return Ranges{{' ', ' '}, {'\t', '\t'}};
  if (name == "cntrl") return Ranges{{0, 31}, {127, 127}};
  if (name == "digit") return Ranges{{'0', '9'}};
  if (name == "graph") return Ranges{{33, 126}};
  if (name == "lower") return Ranges{{'a', 'z'}};
  if (name == "print") return Ranges{{32, 126}};
  if (name == "punct") return Ranges{{33, 47}, {58, 64}, {91, 96}, {123, 126}};
  if (name == "space") return Ranges{{9, 13}, {' ', ' '}};
  if (name == "upper") return Ranges{{'A', 'Z'}};
  if (name == "xdigit") return Ranges{{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
  return std::nullopt;
}

void append_character(std::string& out, char32_t character, bool bytes) {
  if (bytes || character >= invalid_byte_base) {
    out.push_back(static_cast<char>(character & 0xFF));
    return;
  }
  std::array<char, U8_MAX_LENGTH> buffer{};
  std::size_t length = 0;
  U8_APPEND_UNSAFE(buffer.data(), length, character);
  out.append(buffer.data(), length);
}

}  // namespace

/// The states of the automaton that are alive; on the stack for all but absurd patterns.
class Glob::StateSet {
 public:
  explicit StateSet(std::size_t states) {
    const std::size_t words = states / 64 + 1;
    if (words > near_.size()) far_.resize(words);
    words_ = words > near_.size() ? std::span<std::uint64_t>(far_)
                                  : std::span<std::uint64_t>(near_).first(words);
  }
  StateSet(const StateSet&) = delete;
  StateSet& operator=(const StateSet&) = delete;
  ~StateSet() = default;

  void add(std::size_t state) { words_[state / 64] |= std::uint64_t{1} << (state % 64); }
  bool has(std::size_t state) const { return ((words_[state / 64] >> (state % 64)) & 1) != 0; }
  void clear() { std::fill(words_.begin(), words_.end(), 0); }
  bool empty() const {
    return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; });
  }
  void swap(StateSet& other) {
    std::swap_ranges(words_.begin(), words_.end(), other.words_.begin());
  }

  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(i * 64 + static_cast<std::size_t>(__builtin_ctzll(word)));
      }
    }
  }

 private:
  std::array<std::uint64_t, 2> near_{};
  std::vector<std::uint64_t> far_;
  std::span<std::uint64_t> words_;
};

bool Glob::CharacterClass::contains(char32_t character) const {
  if (character == U'/') return false;
  const bool listed = std::any_of(ranges.begin(), ranges.end(), [character](const auto& range) {
    return range.first <= character && character <= range.second;
  });
  return listed != negated;
}

Glob::Glob(std::string_view pattern) : pattern_(pattern) {
  const bool folder = pattern.size() > 1 && pattern.back() == '/';
  const std::string_view name = folder ? pattern.substr(0, pattern.size() - 1) : pattern;
  const bool no_slash = name.find('/') == std::string_view::npos;
  base_name_ = no_slash && !folder;
  if (folder) {  // one without a slash may be at any depth, like a base name
    compile((no_slash ? "**/" : "") + std::string(name) + "/**", Dialect::paths);
  } else {
    compile(pattern, Dialect::paths);
  }
}

Glob Glob::ignore_rule(std::string_view pattern) {
  Glob glob;
  glob.pattern_ = std::string(pattern);
  glob.bytes_ = true;
  glob.compile(pattern, Dialect::ignore_file);
  return glob;
}

bool Glob::has_wildcards(std::string_view text) {
  return text.find_first_of(special_characters) != std::string_view::npos;
}

void Glob::compile(std::string_view pattern, Dialect dialect) {
  const bool git = dialect == Dialect::ignore_file;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '*') {
      compile_stars(pattern, at, dialect);
    } else if (c == '?') {
      tokens_.push_back({.kind = Kind::any_character});
      ++at;
    } else if (c == '[') {
      const ClassSyntax syntax = compile_class(pattern, at);
      if (syntax == ClassSyntax::complete) continue;
      never_ = never_ || git || syntax == ClassSyntax::malformed;
      add_literal(U'[');
      ++at;
    } else {
      if (c == '\\') {
        never_ = never_ || (git && at + 1 == pattern.size());
        if (at + 1 < pattern.size()) ++at;
      }
      add_literal(next_character(pattern, at));
    }
  }
  split_off_literals();
}

void Glob::compile_stars(std::string_view pattern, std::size_t& at, Dialect dialect) {
  const std::size_t first = at;
  at = std::min(pattern.find_first_not_of('*', at), pattern.size());
  const bool two = at - first >= 2;
  const bool git = dialect == Dialect::ignore_file;
  // git compares the wildcard-free beginning apart, and then takes stars right behind it for the
  // beginning of a component: there `foo**/bar` matches `foobar` and `foo/x/bar`.
  const bool behind_literals =
      git && pattern.find_first_of(special_characters) == first && first != 0;
  const bool starts_component = first == 0 || pattern[first - 1] == '/' || behind_literals;
  const bool slash = at < pattern.size() && pattern[at] == '/';
  const bool ends_component = at == pattern.size() || slash || pattern.substr(at, 2) == "\\/";
  if (two && starts_component && slash) {
    ++at;
    tokens_.push_back({.kind = Kind::any_directories});
  } else if (two && (!git || (starts_component && ends_component))) {
    tokens_.push_back({.kind = Kind::any_path});
  } else {
    tokens_.push_back({.kind = Kind::any_run});
  }
}

/// Moves `at` behind the class when it is complete. The details follow git: `]` stands for itself
/// in the first place, `-` in the first and the last and behind a range.
Glob::ClassSyntax Glob::compile_class(std::string_view pattern, std::size_t& at) {
  CharacterClass result;
  std::size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) {
    result.negated = true;
    ++i;
  }
  std::optional<char32_t> previous;  // where a range may begin
  for (bool first = true;; first = false) {
    if (i >= pattern.size()) return ClassSyntax::unclosed;
    if (pattern[i] == ']' && !first) break;
    if (pattern[i] == '[' && pattern.substr(i + 1, 1) == ":") {
      const std::size_t close = pattern.find(']', i + 2);
      if (close == std::string_view::npos) return ClassSyntax::unclosed;
      if (close > i + 2 && pattern[close - 1] == ':') {
        const auto ranges = named_class(pattern.substr(i + 2, close - i - 3));
        if (!ranges) return ClassSyntax::malformed;
        result.ranges.insert(result.ranges.end(), ranges->begin(), ranges->end());
        previous.reset();
        i = close + 1;
        continue;
      }
    }
    const bool range =
        pattern[i] == '-' && previous && i + 1 < pattern.size() && pattern[i + 1] != ']';
    if (range) ++i;
    if (pattern[i] == '\\' && ++i >= pattern.size()) return ClassSyntax::unclosed;
    const char32_t character = next_character(pattern, i);
    result.ranges.emplace_back(range ? *previous : character, character);
    previous = range ? std::nullopt : std::optional<char32_t>(character);
  }
  at = i + 1;
  tokens_.push_back({.kind = Kind::any_of_class, .class_index = classes_.size()});
  classes_.push_back(std::move(result));
  return ClassSyntax::complete;
}

void Glob::add_literal(char32_t character) {
  tokens_.push_back({.kind = Kind::literal, .character = character});
}

/// Comparing the two ends first settles nearly all paths without the automaton.
void Glob::split_off_literals() {
  const auto wild = [](const Token& token) { return token.kind != Kind::literal; };
  const auto first = std::find_if(tokens_.begin(), tokens_.end(), wild);
  const auto last = std::find_if(tokens_.rbegin(), std::make_reverse_iterator(first), wild).base();
  for (auto it = tokens_.begin(); it != first; ++it) {
    append_character(prefix_, it->character, bytes_);
  }
  for (auto it = last; it != tokens_.end(); ++it) {
    append_character(suffix_, it->character, bytes_);
  }
  tokens_ = std::vector<Token>(first, last);
  std::string literal;
  for (const Token& token : tokens_) {
    if (wild(token)) {
      literal.clear();
    } else {
      append_character(literal, token.character, bytes_);
    }
    if (literal.size() > needle_.size()) needle_ = literal;
  }
}

char32_t Glob::next_character(std::string_view text, std::size_t& at) const {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (bytes_ || byte < 0x80) {
    ++at;
    return byte;
  }
  const std::size_t start = at;
  UChar32 character = 0;
  U8_NEXT(text.data(), at, text.size(), character);
  if (character >= 0) return static_cast<char32_t>(character);
  at = start + 1;
  return invalid_byte_base + byte;
}

bool Glob::matches(std::string_view path) const {
  if (never_) return false;
  if (base_name_) {
    if (path.ends_with('/')) return false;
    const std::size_t slash = path.rfind('/');
    if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  }
  if (tokens_.empty()) return path == prefix_;
  if (path.size() < prefix_.size() + suffix_.size()) return false;
  if (!path.starts_with(prefix_) || !path.ends_with(suffix_)) return false;
  path.remove_prefix(prefix_.size());
  path.remove_suffix(suffix_.size());
  if (tokens_.size() == 1 && tokens_[0].kind == Kind::any_path) return true;
  if (tokens_.size() == 1 && tokens_[0].kind == Kind::any_run) {
    return path.find('/') == std::string_view::npos;
  }
  // Most of what is asked has not even that.
  return path.find(needle_) != std::string_view::npos && matches_tokens(path);
}

bool Glob::may_be_empty(Kind kind) {
  return kind == Kind::any_run || kind == Kind::any_path || kind == Kind::any_directories;
}

void Glob::enter(StateSet& states, std::size_t state) const {
  states.add(state);
  while (state < tokens_.size() && may_be_empty(tokens_[state].kind)) states.add(++state);
}

void Glob::step(std::size_t state, char32_t character, StateSet& next) const {
  if (state == tokens_.size()) return;
  const Token& token = tokens_[state];
  const bool slash = character == U'/';
  switch (token.kind) {
    case Kind::literal:
      if (character == token.character) enter(next, state + 1);
      break;
    case Kind::any_character:
      if (!slash) enter(next, state + 1);
      break;
    case Kind::any_of_class:
      if (classes_[token.class_index].contains(character)) enter(next, state + 1);
      break;
    case Kind::any_run:
      if (!slash) enter(next, state);
      break;
    case Kind::any_path:
      enter(next, state);
      break;
    case Kind::any_directories:
      next.add(state);  // inside a component: only a slash leads on
      if (slash) enter(next, state + 1);
      break;
  }
}

bool Glob::matches_tokens(std::string_view text) const {
  StateSet states(tokens_.size());
  StateSet next(tokens_.size());
  enter(states, 0);
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = next_character(text, at);
    next.clear();
    states.for_each([&](std::size_t state) { step(state, character, next); });
    if (next.empty()) return false;
    states.swap(next);
  }
  return states.has(tokens_.size());
}

}  // namespace callslip
