#include "index/extract/page_layout.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "index/extract/page_columns.h"
#include "index/extract/page_pieces.h"
#include "index/extract/reading_order.h"

namespace callslip {
namespace {

constexpr double kCellGap = 1.5;       // in font sizes: wider parts cells
constexpr double kSpaceGap = 0.2;      // in font sizes: wider is a space
constexpr double kWideSpace = 0.8;     // between Chinese or Japanese characters
constexpr double kArabicSpace = 0.15;  // letters that do not join leave gaps, too
constexpr double kHairSpace = 0.03;
constexpr double kLeastSpace = 0.1;  // in font sizes
constexpr double kParagraph = 1.45;  // in line heights, from top to top
constexpr double kSizeChange = 1.15;

bool is_wide(char16_t c) { return (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xFF00 && c < 0xFFF0); }

/// Whether a blank parts two words that follow each other. A space that the file is said to have
/// counts only where it can be seen: the ends of sub- and superscripts are taken for spaces too.
bool are_parted(const PageWord& word, const PageWord& next) {
  if (!word.upright) return true;
  const auto is_mark = [](char16_t c) { return u_charType(c) == U_NON_SPACING_MARK; };
  // Right-to-left marks stand left of their letter.
  if (std::all_of(word.text.begin(), word.text.end(), is_mark)) return false;
  const double gap = next.left - word.right;
  const double smaller = std::max(std::min(word.size, next.size), 1.0);
  // Lines of Chinese and Japanese are filled by spreading their characters.
  if (is_wide(word.text.back()) && is_wide(next.text.front())) {
    return gap > kWideSpace * std::max(next.size, 1.0);
  }
  const double least = is_from_the_right(word.text.back()) && is_from_the_right(next.text.front())
                           ? kArabicSpace
                       : std::max(word.size, next.size) > kSizeChange * smaller ? kLeastSpace
                                                                                : kHairSpace;
  return gap > kSpaceGap * std::max(next.size, 1.0) ||
         ((word.space_after || next.space_after) && gap > least * smaller);
}

/// Whether a word is the number of a footnote before its text.
bool is_note_number(const PageWord& word, const PageWord& next) {
  return word.size * kSizeChange < next.size && word.bottom < next.bottom &&
         std::all_of(word.text.begin(), word.text.end(),
                     [](char16_t c) { return c >= u'0' && c <= u'9'; });
}

std::u16string text_of(const Piece& piece) {
  std::u16string text;
  const PageWord* last = nullptr;
  for (const PageWord* word : piece.words) {
    if (last != nullptr && (are_parted(*last, *word) ||
                            (last == piece.words.front() && is_note_number(*last, *word)))) {
      text += u' ';
    }
    text += word->text;
    last = word;
  }
  return text;
}

bool begins_paragraph(const Piece& above, const Piece& next) {
  const double height = std::max({above.height(), next.height(), 1.0});
  const double down = next.top - above.top;
  if (down <= 0 || down > kParagraph * height + 0.5) return true;
  const double larger = std::max(above.size, next.size);
  const double smaller = std::max(std::min(above.size, next.size), 0.1);
  return larger / smaller > kSizeChange;
}

}  // namespace

std::vector<PageLine> lines_of_page(const std::vector<PageWord>& words, PageGutters* gutters) {
  Pieces upright;
  Pieces turned;
  for (Piece& piece : pieces_of(words)) {
    (piece.upright ? upright : turned).push_back(std::move(piece));
  }
  std::stable_sort(upright.begin(), upright.end(), by_top);
  std::deque<Pieces> kept;
  std::vector<PieceLine> lines;
  add_lines(upright, 0, gutters, kept, lines);
  for (const Piece& piece : turned) lines.push_back({&piece});
  std::vector<PageLine> page;
  std::vector<std::u16string> texts;
  const Piece* above = nullptr;
  for (const PieceLine& line : lines) {
    std::u16string joined;
    const Piece* before = nullptr;
    PageLine& out = page.emplace_back();
    out.top = line.front()->top;
    out.bottom = line.front()->bottom;
    for (const Piece* piece : line) {
      if (before != nullptr) {
        const bool cell = piece->left - before->right > kCellGap * std::max(piece->size, 1.0);
        joined += cell ? u"  " : u" ";
      }
      joined += text_of(*piece);
      before = piece;
      out.top = std::min(out.top, piece->top);
      out.bottom = std::max(out.bottom, piece->bottom);
    }
    out.begins_paragraph = above != nullptr && begins_paragraph(*above, *line.front());
    texts.push_back(std::move(joined));
    above = line.front();
  }
  const bool mirrored = has_mirrored_brackets(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::u16string ordered = reading_order(texts[i], mirrored);
    icu::UnicodeString(ordered.data(), static_cast<std::int32_t>(ordered.size()))
        .toUTF8String(page[i].text);
  }
  return page;
}

std::string text_of_lines(const std::vector<PageLine>& lines) {
  std::string text;
  for (const PageLine& line : lines) {
    if (line.begins_paragraph && !text.empty()) text += '\n';
    text += line.text;
    text += '\n';
  }
  return text;
}

std::string lay_out_page(const std::vector<PageWord>& words) {
  return text_of_lines(lines_of_page(words));
}

}  // namespace callslip
