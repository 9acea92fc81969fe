#include "index/extract/helper/pdf_page.h"

#include <poppler-image.h>
#include <poppler-page-renderer.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr double kLookResolution = 36;  // dots an inch: enough to see whether anything is there
constexpr double kMostPoints = 14'400;  // 200 inches, the largest page that PDF knows
constexpr int kDark = 160;
constexpr std::size_t kMostWords = 200'000;

constexpr char16_t kLam = 0x0644;

bool is_alef(char16_t c) { return c == 0x0622 || c == 0x0623 || c == 0x0625 || c == 0x0627; }

bool is_mark(char16_t c) { return u_charType(c) == U_NON_SPACING_MARK; }

bool is_alike(double a, double b) {
  constexpr double kAlike = 0.02;
  return std::abs(a - b) <= kAlike * std::max(a, b);
}

/// How wide lam and alef are, in font sizes, where they are no ligature.
class LetterWidths {
 public:
  explicit LetterWidths(const std::vector<poppler::text_box>& boxes) {
    for (const poppler::text_box& box : boxes) {
      const poppler::ustring text = box.text();
      const double size = std::max(box.get_font_size(), 0.1);
      for (std::size_t i = 0; i < text.size(); ++i) {
        const bool lam = text[i] == kLam;
        if (!lam && !is_alef(text[i])) continue;
        const bool paired =
            lam ? i + 1 < text.size() && is_alef(text[i + 1]) : i > 0 && text[i - 1] == kLam;
        if (!paired) (lam ? lams_ : alefs_).push_back(box.char_bbox(i).width() / size);
      }
    }
    for (auto* widths : {&lams_, &alefs_}) std::sort(widths->begin(), widths->end());
  }

  bool has_lam(double width) const { return has(lams_, width); }
  bool has_alef(double width) const { return has(alefs_, width); }

 private:
  static bool has(const std::vector<double>& widths, double width) {
    const auto next = std::lower_bound(widths.begin(), widths.end(), width);
    return (next != widths.end() && is_alike(*next, width)) ||
           (next != widths.begin() && is_alike(*(next - 1), width));
  }

  std::vector<double> lams_;
  std::vector<double> alefs_;
};

/// Several letters of one glyph - a ligature of lam and alef, a letter with its marks - stand in
/// the order of reading while all others stand in that of the eye. Poppler gives them one width,
/// which is seldom that of the letters by themselves.
void turn_ligatures(const poppler::text_box& box, const LetterWidths& usual, std::u16string& text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const UCharDirection direction = u_charDirection(text[i]);
    if (direction != U_RIGHT_TO_LEFT && direction != U_RIGHT_TO_LEFT_ARABIC) continue;
    const double width = box.char_bbox(i).width();
    const double size = std::max(box.get_font_size(), 0.1);
    const auto as_wide = [&](std::size_t other) {
      return width > 0 && is_alike(box.char_bbox(other).width(), width);
    };
    std::size_t end = i + 1;
    if (text[i] == kLam && is_alef(text[end]) && as_wide(end) &&
        !(usual.has_lam(width / size) && usual.has_alef(box.char_bbox(end).width() / size))) {
      ++end;
    }
    while (end < text.size() && is_mark(text[end]) && as_wide(end)) ++end;
    std::reverse(text.begin() + static_cast<std::ptrdiff_t>(i),
                 text.begin() + static_cast<std::ptrdiff_t>(end));
    i = end - 1;
  }
}

/// The true sizes of fonts that do not say them: the bitmap fonts of TeX (Type 3, without a name).
/// Poppler guesses from the width of an `m`, or of any letter, and is wrong by half for Cyrillic;
/// the mean width of many letters is the better guess.
class BitmapFonts {
 public:
  explicit BitmapFonts(const std::vector<poppler::text_box>& boxes) {
    for (const poppler::text_box& box : boxes) {
      if (!is_bitmap(box)) continue;
      Widths& widths = fonts_[key(box)];
      widths.sum += box.bbox().width();
      widths.letters += box.text().size();
    }
  }

  void correct(const poppler::text_box& box, PageWord& word) const {
    if (fonts_.empty() || !is_bitmap(box)) return;
    const auto font = fonts_.find(key(box));
    if (font == fonts_.end() || font->second.letters < kManyLetters) return;
    const double mean = font->second.sum / static_cast<double>(font->second.letters);
    if (mean >= kNarrow * word.size && mean <= kWide * word.size) return;
    const double baseline = word.top + kGuessedAscent * (word.bottom - word.top);
    word.size = mean / kUsual;
    word.top = baseline - kAscent * word.size;
    word.bottom = baseline + kDescent * word.size;
  }

 private:
  struct Widths {
    double sum = 0;
    std::size_t letters = 0;
  };
  static constexpr std::size_t kManyLetters = 30;
  // Widths of letters in font sizes.
  static constexpr double kNarrow = 0.42;
  static constexpr double kWide = 0.62;
  static constexpr double kUsual = 0.52;
  static constexpr double kGuessedAscent = 0.95 / 1.3;  // of the height, as Poppler takes it
  static constexpr double kAscent = 0.8;
  static constexpr double kDescent = 0.25;

  /// In Latin, Greek or Cyrillic: letters of other scripts have other widths.
  static bool is_bitmap(const poppler::text_box& box) {
    if (box.rotation() != 0 || !box.get_font_name().empty()) return false;
    const poppler::ustring text = box.text();
    return std::all_of(text.begin(), text.end(), [](char16_t c) { return c < 0x530; });
  }
  static long key(const poppler::text_box& box) { return std::lround(box.get_font_size() * 100); }

  std::map<long, Widths> fonts_;
};

/// The letters of a Latin ligature; empty for other characters.
std::string_view letters_of(char32_t c) {
  constexpr std::string_view kLigatures[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
  return c >= 0xFB00 && c <= 0xFB06 ? kLigatures[c - 0xFB00] : std::string_view();
}

constexpr char32_t kDotlessI = 0x131;

bool is_accent(char32_t c) { return c >= 0x300 && c <= 0x30C; }

bool only_directs(char32_t c) {
  return c == 0 || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF;
}

std::string cleaned(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text, at);
    at += c.length;
    if (only_directs(c.value)) continue;
    // TeX puts accents on an i without its dot.
    if (c.value == kDotlessI && at < text.size() && is_accent(decode_utf8(text, at).value)) {
      clean += 'i';
      continue;
    }
    if (const std::string_view letters = letters_of(c.value); !letters.empty()) {
      clean += letters;
    } else if (c.value == 0xAD) {
      if (at == text.size() || text[at] == '\n') clean += '-';  // visible only there
    } else if (c.value == 0xF0B7) {
      append_utf8(clean, 0x2022);  // the bullet of Symbol
    } else if (c.value == 0xA0 || (c.value < 0x20 && c.value != '\n' && c.value != '\t')) {
      clean += ' ';
    } else {
      append_utf8(clean, c.value);
    }
  }
  return clean;
}

/// Letters with the accents that TeX sets apart as one character.
std::string composed(std::string text) {
  bool has_accent = false;
  for (std::size_t at = 0; at < text.size() && !has_accent;) {
    const CodePoint c = decode_utf8(text, at);
    at += c.length;
    has_accent = c.value >= 0x300 && c.value <= 0x36F;
  }
  if (!has_accent) return text;
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error) != 0) return text;
  const icu::UnicodeString one = nfc->normalize(icu::UnicodeString::fromUTF8(text), error);
  if (U_FAILURE(error) != 0) return text;
  std::string out;
  one.toUTF8String(out);
  return out;
}

}  // namespace

std::vector<PageWord> words_of(const poppler::page& page) {
  std::vector<PageWord> words;
  const auto boxes = page.text_list(poppler::page::text_list_include_font);
  words.reserve(boxes.size());
  const LetterWidths usual(boxes);
  const BitmapFonts bitmaps(boxes);
  for (const poppler::text_box& box : boxes) {
    if (words.size() >= kMostWords) break;
    const poppler::rectf place = box.bbox();
    const poppler::ustring text = box.text();
    PageWord word{place.left(),        place.top(),
                  place.right(),       place.bottom(),
                  box.get_font_size(), box.has_space_after(),
                  box.rotation() == 0, {text.begin(), text.end()}};
    turn_ligatures(box, usual, word.text);
    bitmaps.correct(box, word);
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<PageLine> lines_of(const poppler::page& page, PageGutters& gutters) {
  std::vector<PageLine> lines = lines_of_page(words_of(page), &gutters);
  for (PageLine& line : lines) line.text = composed(cleaned(line.text));
  return lines;
}

double ink_of(const poppler::page& page) {
  const poppler::rectf size = page.page_rect();
  if (!(size.width() > 0 && size.width() <= kMostPoints && size.height() > 0 &&
        size.height() <= kMostPoints)) {
    return 0;
  }
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_gray8);
  const poppler::image image = renderer.render_page(&page, kLookResolution, kLookResolution);
  if (!image.is_valid() || image.width() == 0 || image.height() == 0) return 0;
  std::size_t dark = 0;
  for (int y = 0; y < image.height(); ++y) {
    const char* row = image.const_data() + static_cast<std::ptrdiff_t>(y) * image.bytes_per_row();
    dark += static_cast<std::size_t>(std::count_if(
        row, row + image.width(), [](char c) { return static_cast<unsigned char>(c) < kDark; }));
  }
  const double all = static_cast<double>(image.width()) * image.height();
  return static_cast<double>(dark) / all;
}

}  // namespace callslip
