#include "tools/question_keywords.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "index/analyzer.h"
#include "index/language/text_language.h"
#include "index/text/utf8.h"
#include "index/text/utf8_steps.h"
#include "tools/answer_form.h"
#include "tools/folded_text.h"
#include "tools/form_words.h"
#include "tools/question_words.h"

namespace callslip {
namespace {

constexpr std::size_t max_bytes = 128;      // of a keyword
constexpr std::size_t max_question = 8192;  // looked at

std::string in_small_letters(std::string_view word) {
  std::string small;
  for (std::size_t pos = 0; pos < word.size();) {
    const utf8::CodePoint c = utf8::at(word, pos);
    append_utf8(small, static_cast<char32_t>(u_tolower(static_cast<UChar32>(c.value))));
    pos += c.length;
  }
  return small;
}

bool is_letter(char32_t c) {
  return is_word_character(c) || c == '_' ||
         (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0;
}

/// "foo_bar", "std::map", "--index", "ext4/inode.c", "HttpServer", "C++": more than a word.
bool is_identifier(std::string_view word) {
  bool letters = false;
  bool inner_mark = false;
  bool inner_capital = false;
  bool after_small = false;
  for (std::size_t pos = 0; pos < word.size(); ++pos) {
    const char c = word[pos];
    const bool small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool capital = c >= 'A' && c <= 'Z';
    if (static_cast<unsigned char>(c) >= 0x80) return false;
    letters = letters || small || capital;
    inner_capital = inner_capital || (capital && after_small);
    inner_mark =
        inner_mark || std::string_view("_./:\\->#+=@$()<*").find(c) != std::string_view::npos;
    after_small = small;
  }
  return letters && (inner_mark || inner_capital);
}

/// Without the punctuation of the sentence around it; marks that an identifier may have stay.
std::string_view without_punctuation(std::string_view word) {
  const auto is_one_of = [](std::string_view marks, char c) {
    return marks.find(c) != std::string_view::npos;
  };
  while (!word.empty() && is_one_of("([{<'\",;:!?*", word.front())) word.remove_prefix(1);
  for (;;) {
    if (word.empty() || word.ends_with("()")) return word;
    const char last = word.back();
    if (last == '+' && word.ends_with("++")) return word;
    if (last == '#' && word.size() > 1) return word;
    // "std::vector<int>", "f(x)"
    if ((last == '>' && word.find('<') != std::string_view::npos) ||
        (last == ')' && word.find('(') != std::string_view::npos)) {
      return word;
    }
    if (!is_one_of(")]}>'\",;:!?.*-/=+#", last)) return word;
    word.remove_suffix(1);
  }
}

using BreakIterator = std::unique_ptr<UBreakIterator, decltype(&ubrk_close)>;
using OpenText = std::unique_ptr<UText, decltype(&utext_close)>;

class Collector {
 public:
  explicit Collector(std::string_view question) : language_(language_of(question)) {
    for (std::size_t l = 0; l < form_languages().size(); ++l) {
      if (form_languages()[l].code == language_) form_language_ = l;
    }
  }

  std::vector<std::string> take(std::string_view question) {
    std::size_t pos = 0;
    for (const ByteSpan& quote : quoted_spans(question)) {
      add_text(question.substr(pos, quote.start - pos));
      add_quoted(question.substr(quote.start, quote.end - quote.start));
      pos = quote.end;
    }
    add_text(question.substr(pos));
    return std::move(keywords_);
  }

 private:
  void add_quoted(std::string_view quoted) {
    const bool code = quoted.front() == '`' && !quoted.starts_with("```");
    if (code && quoted.size() > 2) {
      add(utf8::trim(quoted.substr(1, quoted.size() - 2)));
    } else {
      add_text(quoted);
    }
  }

  void add_text(std::string_view text) {
    for (std::size_t pos = 0; pos < text.size();) {
      pos = utf8::skip_space(text, pos, text.size());
      std::size_t end = pos;
      while (end < text.size() && utf8::space_at(text, end) == 0) {
        end += utf8::at(text, end).length;
      }
      const std::string_view word = without_punctuation(text.substr(pos, end - pos));
      if (is_identifier(word)) {
        if (!is_contraction(word)) add(word);
        at_start_ = false;
      } else {
        add_words(word);
      }
      if (end > pos && std::string_view(".!?:").find(text[end - 1]) != std::string_view::npos) {
        at_start_ = true;
      }
      pos = end;
    }
  }

  /// "and/or"
  bool is_contraction(std::string_view word) const {
    for (std::size_t pos = 0; pos < word.size();) {
      const std::size_t end = std::min(word.find_first_of("/-.'", pos), word.size());
      if (!is_function_word(in_small_letters(word.substr(pos, end - pos)), language_)) return false;
      pos = end + 1;
    }
    return true;
  }

  void add_words(std::string_view text) {
    for (std::size_t pos = 0; pos < text.size();) {
      const utf8::CodePoint c = utf8::at(text, pos);
      if (!is_letter(c.value)) {
        pos += c.length;
        continue;
      }
      const bool unspaced = is_unspaced_script(c.value);
      std::size_t end = pos;
      while (end < text.size()) {
        const utf8::CodePoint next = utf8::at(text, end);
        if (!is_letter(next.value) || is_unspaced_script(next.value) != unspaced) break;
        end += next.length;
      }
      if (unspaced) {
        add_unspaced(text.substr(pos, end - pos));
      } else {
        add_word(text.substr(pos, end - pos));
      }
      pos = end;
    }
  }

  /// Parted by ICU's dictionaries. Single letters are mostly particles; two in a row that are
  /// none are a word that the dictionary does not have.
  void add_unspaced(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const BreakIterator words(ubrk_open(UBRK_WORD, "", nullptr, 0, &status), &ubrk_close);
    const OpenText open(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status),
        &utext_close);
    if (U_SUCCESS(status)) ubrk_setUText(words.get(), open.get(), &status);
    if (U_FAILURE(status)) {
      add(text);
      return;
    }
    std::size_t singles = 0;  // bytes before pos
    auto pos = static_cast<std::size_t>(ubrk_first(words.get()));
    for (int32_t next = ubrk_next(words.get()); next != UBRK_DONE; next = ubrk_next(words.get())) {
      const auto end = static_cast<std::size_t>(next);
      const std::string_view word = text.substr(pos, end - pos);
      const bool single = utf8::at(word, 0).length == word.size();
      if (single && word.size() < text.size() && !is_particle(word)) {
        singles += word.size();
      } else {
        add_singles(text.substr(pos - singles, singles));
        singles = 0;
        if (!single || word.size() == text.size()) add_word(word);
      }
      pos = end;
    }
    add_singles(text.substr(pos - singles, singles));
  }

  static bool is_particle(std::string_view letter) {
    static constexpr std::string_view particles =
        "的地得是了在有和与與及或而之其所以于於从從到对對为為被把让讓给給向跟由会會能可要应應该該"
        "不没沒很也都就还還再又更最这這那哪我你您他她它们們个個些几幾"
        "吗嗎呢吧啊请請谁誰何什么麼怎说說做用来來去出过過着著等";
    return utf8::at(letter, 0).value < 0x3400 || particles.find(letter) != std::string_view::npos;
  }

  void add_singles(std::string_view letters) {
    if (letters.size() > utf8::at(letters, 0).length) add_word(letters);
  }

  void add_word(std::string_view word) {
    const std::string small = in_small_letters(word);
    const bool start = at_start_;
    const FormRoles roles = form_roles(form_language_, small);
    constexpr FormRoles asking = form_role::polite | form_role::answers | form_role::requests;
    if (start && (roles & asking) != 0) return;
    if (roles == form_role::polite) return;
    at_start_ = false;
    if (is_function_word(small, language_)) return;
    const bool letter = small.size() == utf8::at(small, 0).length;
    if (letter && (small == word || word == "I") && (small[0] < '0' || small[0] > '9')) return;
    const auto terms = query_terms(word);
    const bool asks = std::all_of(terms.begin(), terms.end(), [](const QueryTerm& term) {
      return is_question_term(term.term);
    });
    if (!asks) add(word);
  }

  void add(std::string_view keyword) {
    if (keywords_.size() >= most_question_keywords || keyword.empty() ||
        keyword.size() > max_bytes) {
      return;
    }
    if (seen_.insert(fold_text(keyword).bytes).second) keywords_.emplace_back(keyword);
  }

  const std::string_view language_;
  std::size_t form_language_ = 0;
  bool at_start_ = true;  // of a sentence, but for a plea
  std::vector<std::string> keywords_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

std::vector<std::string> question_keywords(std::string_view question) {
  question = question.substr(0, utf8_floor(question, max_question));
  return Collector(question).take(question);
}

}  // namespace callslip
