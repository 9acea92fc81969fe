#include "tools/folded_text.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <array>
#include <cctype>

#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

void append_utf8(std::string& to, char32_t c) {
  const auto byte = [&to](char32_t value) { to.push_back(static_cast<char>(value)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0U | (c >> 6U));
    byte(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    byte(0xE0U | (c >> 12U));
    byte(0x80U | ((c >> 6U) & 0x3FU));
    byte(0x80U | (c & 0x3FU));
  } else {
    byte(0xF0U | (c >> 18U));
    byte(0x80U | ((c >> 12U) & 0x3FU));
    byte(0x80U | ((c >> 6U) & 0x3FU));
    byte(0x80U | (c & 0x3FU));
  }
}

bool is_dash(char32_t c) { return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212; }

bool is_quotation_mark(char32_t c) {
  if (c < 0x80) return c == '"' || c == '\'' || c == '`';
  return c == 0xAB || c == 0xBB || c == 0xB4 || (c >= 0x2018 && c <= 0x201F) ||
         (c >= 0x2032 && c <= 0x2037) || c == 0x2039 || c == 0x203A ||
         (c >= 0x300C && c <= 0x300F) || (c >= 0x301D && c <= 0x301F);
}

bool is_invisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) || c == 0xFE0F;
}

class Folder {
 public:
  explicit Folder(std::string_view text) : text_(text) {
    folded_.bytes.reserve(text.size());
    folded_.origins.reserve(text.size());
  }

  FoldedText fold() {
    bool line_start = true;
    for (std::size_t pos = 0; pos < text_.size();) {
      const utf8::CodePoint c = utf8::at(text_, pos);
      origin_ = {pos, pos + c.length};
      const bool line_mark = line_start && (c.value == '>' || c.value == '#');
      if (!line_mark && !is_emphasis(c.value, pos)) take(c.value);
      if (c.value == '\n') {
        line_start = true;
      } else if (!utf8::is_space(c.value) && !line_mark) {
        line_start = false;
      }
      pos += c.length;
    }
    return std::move(folded_);
  }

 private:
  bool is_emphasis(char32_t c, std::size_t pos) const {
    if (c == '*') return true;
    if (c != '_') return false;
    return !is_word_character(utf8::before(text_, 0, pos).value) ||
           !is_word_character(utf8::at(text_, pos + 1).value);
  }

  void take(char32_t c) {
    if (utf8::is_space(c)) {
      if (!space_ && !folded_.bytes.empty()) space_origin_ = origin_;
      space_ = !folded_.bytes.empty();
    } else if (is_invisible(c) || is_quotation_mark(c)) {
      // Dropped on both sides.
    } else if (is_dash(c)) {
      if (folded_.bytes.empty() || folded_.bytes.back() != '-' || space_) put('-');
    } else if (c == 0x2026) {
      for (int i = 0; i < 3; ++i) put('.');
    } else if (c < 0x80) {
      put(static_cast<char32_t>(std::tolower(static_cast<int>(c))));
    } else {
      take_other(c);
    }
  }

  void take_other(char32_t c) {
    static const UNormalizer2* const nfkc = [] {
      UErrorCode error = U_ZERO_ERROR;
      return unorm2_getNFKCInstance(&error);
    }();
    std::array<UChar, 32> units{};
    UErrorCode error = U_ZERO_ERROR;
    const int32_t length =
        unorm2_getDecomposition(nfkc, static_cast<UChar32>(c), units.data(), units.size(), &error);
    if (length <= 0 || error != U_ZERO_ERROR) {
      put(static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT)));
      return;
    }
    for (int32_t i = 0; i < length;) {
      UChar32 part = 0;
      U16_NEXT(units.data(), i, length, part);
      const auto value = static_cast<char32_t>(part);
      if (value < 0x80 || is_dash(value) || utf8::is_space(value)) {
        take(value);
      } else {
        put(static_cast<char32_t>(u_foldCase(part, U_FOLD_CASE_DEFAULT)));
      }
    }
  }

  void put(char32_t c) {
    if (space_) {
      folded_.bytes.push_back(' ');
      folded_.origins.push_back(space_origin_);
      space_ = false;
    }
    append_utf8(folded_.bytes, c);
    folded_.origins.resize(folded_.bytes.size(), origin_);
  }

  std::string_view text_;
  FoldedText folded_;
  ByteSpan origin_;
  ByteSpan space_origin_;
  bool space_ = false;  // white space was seen, and nothing after it yet
};

}  // namespace

bool is_word_character(char32_t c) {
  if (c < 0x80) return std::isalnum(static_cast<int>(c)) != 0;
  return c != 0xFFFD && u_isalnum(static_cast<UChar32>(c)) != 0;
}

bool is_unspaced_script(char32_t c) {
  return (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xF900 && c < 0xFB00) || c >= 0x20000 ||
         (c >= 0x0E00 && c < 0x0F00) || (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800);
}

FoldedText fold_text(std::string_view text) { return Folder(text).fold(); }

FoldedText squeeze_text(const FoldedText& folded) {
  FoldedText squeezed;
  squeezed.bytes.reserve(folded.bytes.size());
  squeezed.origins.reserve(folded.bytes.size());
  for (std::size_t pos = 0; pos < folded.bytes.size();) {
    const utf8::CodePoint c = utf8::at(folded.bytes, pos);
    if (is_word_character(c.value)) {
      squeezed.bytes.append(folded.bytes, pos, c.length);
      squeezed.origins.resize(squeezed.bytes.size(), folded.origins[pos]);
    }
    pos += c.length;
  }
  return squeezed;
}

TextMeasure measure_text(std::string_view text) {
  TextMeasure measure;
  bool inside = false;
  for (std::size_t pos = 0; pos < text.size();) {
    const utf8::CodePoint c = utf8::at(text, pos);
    if (is_word_character(c.value)) {
      ++measure.letters;
      measure.letter_bytes += c.length;
      if (!inside || is_unspaced_script(c.value)) ++measure.words;
      inside = true;
    } else if (utf8::is_space(c.value)) {
      inside = false;
    } else {
      // "don't" and "e\u0301" are one word each.
      const bool joins = c.value == '\'' || c.value == 0x2019 ||
                         u_charType(static_cast<UChar32>(c.value)) == U_NON_SPACING_MARK;
      if (!joins) {
        inside = false;
        ++measure.marks;
      }
    }
    pos += c.length;
  }
  return measure;
}

}  // namespace callslip
