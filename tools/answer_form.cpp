#include "tools/answer_form.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <string>

#include "index/text/sentences.h"
#include "index/text/utf8.h"
#include "index/text/utf8_steps.h"
#include "tools/folded_text.h"
#include "tools/form_words.h"

namespace callslip {
namespace {

namespace role = form_role;

constexpr std::size_t end_bytes = 4096;     // bytes of a long question that are looked at
constexpr std::size_t longest_clause = 24;  // tokens

constexpr FormRoles verbs = role::answers | role::requests;
// Speaks of an answer wherever it stands; a language or a format may be the question's subject.
constexpr FormRoles plain_forms = role::layout | role::manner;

/// A word, or a letter of a script without spaces.
struct Atom {
  ByteSpan span;
  std::string text;  // in small letters; empty: quoted, or code
  bool unspaced = false;
  bool set_off = false;  // by punctuation from what precedes it
};

/// Atoms [first, last) that are one word or phrase of a language.
struct Token {
  std::size_t first = 0;
  std::size_t last = 0;
  FormRoles roles = 0;
  std::string text;
};

bool any_of_words(std::string_view words, const std::string& word) {
  const std::size_t at = words.find(" " + word + " ");
  return at != std::string_view::npos && !word.empty();
}

bool parts_clauses(char32_t c) {
  static constexpr std::u32string_view marks =
      U",;:()[]!?\n\u2013\u2014\uFF0C\uFF1B\uFF1A\u3001"
      U"\uFF08\uFF09\uFF01\uFF1F\u3002\u2026";
  return marks.find(c) != std::u32string_view::npos;
}

/// The first quotation that begins at `pos` or later.
std::vector<ByteSpan>::const_iterator first_from(const std::vector<ByteSpan>& quoted,
                                                 std::size_t pos) {
  return std::lower_bound(quoted.begin(), quoted.end(), pos,
                          [](const ByteSpan& q, std::size_t at) { return q.start < at; });
}

std::vector<Atom> atoms_of(std::string_view text, ByteSpan within,
                           const std::vector<ByteSpan>& quoted) {
  std::vector<Atom> atoms;
  bool set_off = false;
  bool space = false;
  auto quote = first_from(quoted, within.start);
  for (std::size_t pos = within.start; pos < within.end;) {
    if (quote != quoted.end() && quote->start == pos) {
      atoms.push_back({*quote, "", false, set_off});
      pos = quote->end;
      ++quote;
      set_off = space = false;
      continue;
    }
    const utf8::CodePoint c = utf8::at(text, pos);
    const bool unspaced = is_unspaced_script(c.value) && is_word_character(c.value);
    if (unspaced) {
      // Chinese and Japanese put a space only where something else begins.
      if (space && !atoms.empty() && atoms.back().unspaced) set_off = true;
      atoms.push_back(
          {{pos, pos + c.length}, std::string(text.substr(pos, c.length)), true, set_off});
      pos += c.length;
      set_off = space = false;
      continue;
    }
    if (!is_word_character(c.value)) {
      const bool dash = c.value == '-' && space;
      set_off = set_off || dash || parts_clauses(c.value);
      space = utf8::is_space(c.value);
      pos += c.length;
      continue;
    }
    Atom atom{{pos, pos}, "", false, set_off};
    while (pos < within.end && (quote == quoted.end() || pos < quote->start)) {
      const utf8::CodePoint letter = utf8::at(text, pos);
      const bool mark = (U_GET_GC_MASK(static_cast<UChar32>(letter.value)) & U_GC_M_MASK) != 0;
      if ((!is_word_character(letter.value) && !mark && letter.value != '_') ||
          is_unspaced_script(letter.value)) {
        break;
      }
      append_utf8(atom.text, static_cast<char32_t>(u_tolower(static_cast<UChar32>(letter.value))));
      pos += letter.length;
    }
    atom.span.end = pos;
    atoms.push_back(std::move(atom));
    set_off = space = false;
  }
  return atoms;
}

/// The longest phrases of a language first.
std::vector<Token> tokens_of(const std::vector<Atom>& atoms, std::size_t language) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < atoms.size();) {
    Token token{i, i + 1, 0, atoms[i].text};
    std::string phrase;
    for (std::size_t n = 0; n < longest_form_phrase && i + n < atoms.size(); ++n) {
      const Atom& atom = atoms[i + n];
      if (atom.text.empty() || (n > 0 && atom.set_off)) break;
      if (n > 0 && !(atom.unspaced && atoms[i + n - 1].unspaced)) phrase += " ";
      phrase += atom.text;
      if (const FormRoles roles = form_roles(language, phrase); roles != 0) {
        token = {i, i + n + 1, roles, phrase};
      }
    }
    i = token.last;
    tokens.push_back(std::move(token));
  }
  return tokens;
}

/// Some tokens in a row, looked at as one clause.
struct Clause {
  bool known = true;  // every word is one of the form's
  FormRoles roles = 0;
  bool counted = false;  // "three words"
  FormRoles first = 0;   // of the first token that is no plea

  bool has(FormRoles any) const { return (roles & any) != 0; }
  bool plain_form() const { return counted || has(plain_forms); }
  /// A format counts beside a word that makes it one: "a list" may be what is asked for.
  bool names_format() const {
    return has(role::format) && has(role::shape | role::prefix | role::answers);
  }
  bool form() const {
    return plain_form() || has(role::language | role::quality) || names_format();
  }
};

Clause clause_of(const std::vector<Token>& tokens, std::size_t first, std::size_t last) {
  Clause clause;
  bool begun = false;
  std::size_t number = last;
  for (std::size_t i = first; i < last; ++i) {
    const FormRoles roles = tokens[i].roles;
    const bool joins = (roles & role::joins) != 0;
    if ((roles & ~(role::asks | role::joins)) == 0 && !joins) {
      clause.known = false;
      return clause;
    }
    clause.roles |= roles;
    if (!begun && (roles & (role::polite | role::joins)) == 0) {
      begun = true;
      clause.first = roles;
    }
    if ((roles & role::number) != 0) number = i;
    // "one short sentence", "one or two sentences"
    if ((roles & role::unit) != 0 && number != last && i - number <= 2) clause.counted = true;
    if ((roles & role::unit) != 0 && i > first && (tokens[i - 1].roles & role::quality) != 0 &&
        clause.has(role::prefix)) {
      clause.counted = true;  // "in short sentences"
    }
  }
  // "What is the answer in one word" is a question.
  if ((clause.first & role::asks) != 0 && (clause.first & (verbs | role::prefix)) == 0) {
    clause.known = false;
  }
  return clause;
}

/// One sentence in one language.
class Sentence {
 public:
  Sentence(const std::vector<Atom>& atoms, std::size_t language)
      : atoms_(atoms), tokens_(tokens_of(atoms, language)) {
    std::size_t i = 0;
    while (i < tokens_.size() && (tokens_[i].roles & role::polite) != 0) ++i;
    imperative_ = i < tokens_.size() && (tokens_[i].roles & verbs) != 0 &&
                  (tokens_[i].roles & role::asks) == 0;
    if (imperative_) verb_ = tokens_[i].text;
  }

  bool all() const {
    if (tokens_.size() > 2 * longest_clause) return false;
    const Clause c = clause_of(tokens_, 0, tokens_.size());
    if (!c.known || !c.form()) return false;
    return c.has(verbs | role::polite | plain_forms) || c.counted ||
           (c.first & (role::prefix | role::quality | role::shape)) != 0;
  }

  /// How many atoms at the beginning are about the form.
  std::size_t beginning() const {
    for (std::size_t n = std::min(tokens_.size() - 1, longest_clause); n > 0; --n) {
      const Clause c = clause_of(tokens_, 0, n);
      if (!c.known || !c.form()) continue;
      const bool set_off = atoms_[tokens_[n].first].set_off;
      if (set_off ? begins_set_off(c) : begins_a_question(c, n)) return tokens_[n - 1].last;
    }
    return 0;
  }

  /// The first atom of an end that is about the form; the number of atoms where there is none.
  std::size_t ending() const {
    const std::size_t count = tokens_.size();
    const std::size_t least = count > longest_clause ? count - longest_clause : 1;
    for (std::size_t i = least; i < count; ++i) {
      const Clause c = clause_of(tokens_, i, count);
      if (!c.known || !c.form()) continue;
      const bool ends = atoms_[tokens_[i].first].set_off ? ends_set_off(c)
                                                         : ends_joined(c, i) || ends_plainly(c, i);
      if (ends) return tokens_[i].first;
    }
    return atoms_.size();
  }

 private:
  static bool begins_set_off(const Clause& c) {
    return c.has(verbs) ? !c.has(role::joins) || c.has(role::answers) : c.plain_form();
  }

  /// "In one sentence explain", "Answer briefly why": `n` tokens.
  bool begins_a_question(const Clause& c, std::size_t n) const {
    const FormRoles next = tokens_[n].roles;
    const bool unspaced = atoms_[tokens_[n].first].unspaced;
    if (!c.has(verbs)) {
      if ((next & (role::asks | role::requests)) == 0) return false;
      if (c.plain_form()) return true;
      // "用中文解释…"; "In German, how are…" asks about German.
      return unspaced && (next & role::requests) != 0 && (c.first & role::prefix) != 0 &&
             c.has(role::language);
    }
    if ((c.first & verbs) == 0 && !c.has(role::answers)) return false;
    if ((next & role::asks) != 0) {
      return c.has(role::answers) || c.plain_form() || c.has(role::language);
    }
    // "Explain in one sentence the rule", not "Write one word problem".
    const FormRoles end = tokens_[n - 1].roles;
    return !unspaced && imperative_ && c.plain_form() &&
           ((end & role::manner) != 0 ||
            (c.has(role::prefix) && (end & (role::unit | role::layout)) != 0));
  }

  bool ends_set_off(const Clause& c) const {
    if (c.has(role::answers)) return true;
    if (c.has(verbs)) return c.plain_form() || c.has(role::language) || imperative_;
    if (c.plain_form()) return true;
    if (c.has(role::language)) return (c.first & role::prefix) != 0 || c.has(role::polite);
    return c.has(role::format) && c.has(role::shape);
  }

  /// "… and answer in Chinese", "… please be brief"
  bool ends_joined(const Clause& c, std::size_t i) const {
    const FormRoles roles = tokens_[i].roles;
    static constexpr std::string_view pleas =
        " please kindly bitte veuillez пожалуйста 请 請 请你 請你 ";
    if (any_of_words(pleas, tokens_[i].text)) return c.has(verbs) || c.plain_form();
    if ((roles & role::joins) != 0) return c.has(role::answers);
    const bool other_script =
        atoms_[tokens_[i].first].unspaced && !atoms_[tokens_[i].first - 1].unspaced;
    return other_script && c.has(role::answers);
  }

  /// "… in one sentence": nothing but the form itself sets it off.
  bool ends_plainly(const Clause& c, std::size_t i) const {
    static constexpr std::string_view ins = " in en em в ";
    static constexpr std::array unmistakable = {"in ",     "en ",          "em ",      "like i",
                                                "as if i", "step by step", "простыми", "своими"};
    static constexpr std::string_view explains =
        " explain summarise summarize describe answer respond reply erkläre beschreibe explique "
        "expliquez résume résumez explica resume resuma spiega riassumi объясни объясните опиши "
        "опишите расскажи расскажите ";
    const Token& first = tokens_[i];
    if (c.has(verbs) || atoms_[first.first].unspaced) return false;
    // "How many words are in one paragraph" asks about paragraphs.
    const bool place = (tokens_[i - 1].roles & role::asks) != 0;
    if (any_of_words(ins, first.text) && c.counted && !place) return true;
    const bool sure = (first.roles & role::layout) != 0 &&
                      std::any_of(unmistakable.begin(), unmistakable.end(),
                                  [&](const char* words) { return first.text.starts_with(words); });
    if (sure || (any_of_words(ins, first.text) && c.has(role::layout) && !place)) return true;
    if (!imperative_) return false;
    if (c.plain_form()) {
      return (first.roles & (role::prefix | plain_forms | role::number)) != 0;
    }
    for (std::size_t k = 0; k < i; ++k) {
      if ((tokens_[k].roles & (role::asks | verbs)) == role::asks) return false;
    }
    const std::string& before = tokens_[i - 1].text;
    if (c.has(role::language)) {
      // Not "the poems written in French".
      return (first.roles & role::prefix) != 0 && any_of_words(explains, verb_) &&
             !before.ends_with("ed") && !before.ends_with("en");
    }
    return c.has(role::format) && (first.roles & role::shape) != 0;
  }

  const std::vector<Atom>& atoms_;
  const std::vector<Token> tokens_;
  bool imperative_ = false;
  std::string verb_;  // of an imperative
};

/// Languages whose script the sentence holds.
std::vector<std::size_t> languages_for(const std::vector<Atom>& atoms) {
  bool unspaced = false;
  bool cyrillic = false;
  bool hangul = false;
  bool latin = false;
  for (const Atom& atom : atoms) {
    const char32_t c = utf8::at(atom.text, 0).value;
    unspaced = unspaced || atom.unspaced;
    cyrillic = cyrillic || (c >= 0x400 && c < 0x530);
    hangul = hangul || (c >= 0xAC00 && c < 0xD7B0);
    latin = latin || (c >= 'a' && c < 0x250);
  }
  std::vector<std::size_t> numbers;
  for (std::size_t l = 0; l < form_languages().size(); ++l) {
    const std::string_view code = form_languages()[l].code;
    const bool wanted = code == "zh" || code == "ja" ? unspaced
                        : code == "ru"               ? cyrillic
                        : code == "ko"               ? hangul
                                                     : latin;
    if (wanted) numbers.push_back(l);
  }
  return numbers;
}

bool is_small_letter(std::string_view text, std::size_t pos) {
  return u_islower(static_cast<UChar32>(utf8::at(text, pos).value)) != 0;
}

bool ends_quotation(const std::vector<ByteSpan>& quoted, std::size_t pos) {
  const auto next = first_from(quoted, pos);
  return next != quoted.begin() && std::prev(next)->end == pos;
}

/// Sentences, joined again where one ends inside of a quotation.
std::vector<ByteSpan> sentences_of(std::string_view text, const std::vector<ByteSpan>& quoted) {
  std::vector<ByteSpan> sentences;
  for (ByteSpan span : split_sentences(text, TextKind::prose)) {
    if (!sentences.empty() && span.end <= sentences.back().end) continue;
    // 'What is "No." in …' goes on after the quotation.
    const bool goes_on = !sentences.empty() && is_small_letter(text, span.start) &&
                         ends_quotation(quoted, sentences.back().end);
    if (goes_on || (!sentences.empty() && span.start < sentences.back().end)) {
      sentences.back().end = span.end;
    } else {
      sentences.push_back(span);
    }
    // The last quotation that begins in it ends in it, too.
    const auto next = first_from(quoted, sentences.back().end);
    if (next != quoted.begin()) {
      sentences.back().end = std::max(sentences.back().end, std::prev(next)->end);
    }
  }
  return sentences;
}

void find_in_sentence(std::string_view text, ByteSpan sentence, const std::vector<ByteSpan>& quoted,
                      std::vector<ByteSpan>& spans) {
  const std::vector<Atom> atoms = atoms_of(text, sentence, quoted);
  if (atoms.empty()) return;
  std::size_t begin = 0;
  std::size_t end = atoms.size();
  for (const std::size_t language : languages_for(atoms)) {
    const Sentence looked_at(atoms, language);
    if (looked_at.all()) {
      spans.push_back(sentence);
      return;
    }
    begin = std::max(begin, looked_at.beginning());
    end = std::min(end, looked_at.ending());
  }
  if (begin >= end) return;  // the two meet: nothing is certain
  if (begin > 0) spans.push_back({sentence.start, atoms[begin - 1].span.end});
  if (end < atoms.size()) spans.push_back({atoms[end].span.start, sentence.end});
}

}  // namespace

std::vector<ByteSpan> quoted_spans(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> marks{{
      {"```", "```"},
      {"~~~", "~~~"},
      {"`", "`"},
      {"\"", "\""},
      {"\u201C", "\u201D"},
      {"\u201E", "\u201C"},
      {"\u00AB", "\u00BB"},
      {"\u300C", "\u300D"},
      {"\u300E", "\u300F"},
  }};
  constexpr std::size_t short_bytes = 5;          // "yes": no quotation, but what to answer with
  std::array<bool, marks.size()> never_closed{};  // a mark that is missing is not sought again
  std::vector<ByteSpan> spans;
  for (std::size_t pos = 0; pos < text.size();) {
    std::size_t next = pos + utf8::at(text, pos).length;
    for (std::size_t m = 0; m < marks.size(); ++m) {
      const auto& [open, close] = marks[m];
      if (never_closed[m] || text.substr(pos, open.size()) != open) continue;
      const bool fence = open.size() == 3 && open[0] == close[0] && open[0] < 0x7F && open[0] > 0;
      std::size_t end = text.find(close, pos + open.size());
      if (end == std::string_view::npos) {
        never_closed[m] = true;
        if (!fence) continue;
        end = text.size();
      } else {
        end += close.size();
      }
      next = end;
      if (fence || end - pos > short_bytes + open.size() + close.size() || open == "`") {
        spans.push_back({pos, end});
      }
      break;
    }
    pos = next;
  }
  return spans;
}

std::vector<ByteSpan> answer_form_spans(std::string_view question) {
  const std::vector<ByteSpan> quoted = quoted_spans(question);
  std::vector<ByteSpan> spans;
  for (const ByteSpan& sentence : sentences_of(question, quoted)) {
    if (sentence.start >= end_bytes && question.size() - sentence.start > end_bytes) continue;
    find_in_sentence(question, sentence, quoted, spans);
  }
  return spans;
}

}  // namespace callslip
