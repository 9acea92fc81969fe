#include "index/extract/helper/pdf_page.h"

#include <poppler-image.h>
#include <poppler-page-renderer.h>

#include <algorithm>
#include <cmath>
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

/// A ligature of lam and alef is one glyph, whose two letters stand in the order of reading while
/// all others stand in that of the eye. Poppler gives both halves the same width.
void turn_ligatures(const poppler::text_box& box, std::u16string& text) {
  constexpr double kAlike = 0.02;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != kLam || !is_alef(text[i + 1])) continue;
    const double lam = box.char_bbox(i).width();
    const double alef = box.char_bbox(i + 1).width();
    if (std::abs(lam - alef) <= kAlike * lam) std::swap(text[i], text[i + 1]);
  }
}

/// The letters of a Latin ligature; empty for other characters.
std::string_view letters_of(char32_t c) {
  constexpr std::string_view kLigatures[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
  return c >= 0xFB00 && c <= 0xFB06 ? kLigatures[c - 0xFB00] : std::string_view();
}

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
    if (const std::string_view letters = letters_of(c.value); !letters.empty()) {
      clean += letters;
    } else if (c.value == 0xAD) {
      if (at == text.size() || text[at] == '\n') clean += '-';  // visible only there
    } else if (c.value == 0xA0) {
      clean += ' ';
    } else if (c.value == 0xF0B7) {
      append_utf8(clean, 0x2022);  // the bullet of Symbol
    } else if (c.value < 0x20 && c.value != '\n' && c.value != '\t') {
      clean += ' ';
    } else {
      append_utf8(clean, c.value);
    }
  }
  return clean;
}

}  // namespace

std::vector<PageWord> words_of(const poppler::page& page) {
  std::vector<PageWord> words;
  const auto boxes = page.text_list(poppler::page::text_list_include_font);
  words.reserve(boxes.size());
  for (const poppler::text_box& box : boxes) {
    if (words.size() >= kMostWords) break;
    const poppler::rectf place = box.bbox();
    const poppler::ustring text = box.text();
    PageWord word{place.left(),        place.top(),
                  place.right(),       place.bottom(),
                  box.get_font_size(), box.has_space_after(),
                  box.rotation() == 0, {text.begin(), text.end()}};
    turn_ligatures(box, word.text);
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<PageLine> lines_of(const poppler::page& page, PageGutters& gutters) {
  std::vector<PageLine> lines = lines_of_page(words_of(page), &gutters);
  for (PageLine& line : lines) line.text = cleaned(line.text);
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
