#include "index/extract/reading_order.h"

#include <unicode/ubidi.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>

namespace callslip {
namespace {

constexpr std::size_t kLongestLine = 100'000;

/// Quick; wrong at times in one way only.
bool may_run_from_the_right(const std::u16string& line) {
  return std::any_of(line.begin(), line.end(), [](char16_t c) {
    return (c >= 0x590 && c <= 0x8FF) || (c >= 0xD800 && c <= 0xDFFF) || c >= 0xFB1D;
  });
}

/// Above 0: most of it reads from the right.
std::ptrdiff_t direction_of(const std::u16string& line) {
  std::ptrdiff_t direction = 0;
  for (const char16_t c : line) {
    direction += is_from_the_right(c) ? 1 : 0;
    direction -= u_charDirection(c) == U_LEFT_TO_RIGHT ? 1 : 0;
  }
  return direction;
}

std::optional<std::u16string> reordered(const std::u16string& line, UBiDiReorderingMode mode,
                                        UBiDiLevel base, std::uint16_t options) {
  const std::unique_ptr<UBiDi, decltype(&ubidi_close)> bidi(ubidi_open(), &ubidi_close);
  if (!bidi) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  ubidi_setReorderingMode(bidi.get(), mode);
  ubidi_setPara(bidi.get(), line.data(), static_cast<std::int32_t>(line.size()), base, nullptr,
                &error);
  std::u16string out(line.size() * 2 + 1, u'\0');
  const std::int32_t written = ubidi_writeReordered(
      bidi.get(), out.data(), static_cast<std::int32_t>(out.size()), options, &error);
  if (U_FAILURE(error) != 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(written));
  return out;
}

/// Brackets that close what was opened, less those that do not.
std::ptrdiff_t closed_brackets(const std::u16string& line) {
  std::ptrdiff_t open = 0;
  std::ptrdiff_t score = 0;
  for (const char16_t c : line) {
    if (c == u'(' || c == u'[' || c == 0xAB) {
      ++open;
    } else if (c == u')' || c == u']' || c == 0xBB) {
      score += open > 0 ? 1 : -1;
      open = std::max<std::ptrdiff_t>(0, open - 1);
    }
  }
  return score - open;
}

}  // namespace

bool is_from_the_right(char16_t c) {
  const UCharDirection direction = u_charDirection(c);
  return direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
}

std::u16string reading_order(const std::u16string& line, bool mirrored) {
  if (!may_run_from_the_right(line) || line.size() > kLongestLine) return line;
  const std::ptrdiff_t direction = direction_of(line);
  if (std::none_of(line.begin(), line.end(), is_from_the_right)) return line;
  const UBiDiLevel usual = direction >= 0 ? UBIDI_RTL : UBIDI_LTR;
  const UBiDiLevel other = direction >= 0 ? UBIDI_LTR : UBIDI_RTL;
  const std::uint16_t options = mirrored ? UBIDI_DO_MIRRORING : 0;
  const UBiDiReorderingMode inverse[] = {UBIDI_REORDER_INVERSE_NUMBERS_AS_L,
                                         UBIDI_REORDER_INVERSE_LIKE_DIRECT};
  // No inverse fits all texts: the one that stands there as the line does is right.
  for (const UBiDiLevel base : {usual, other}) {
    for (const UBiDiReorderingMode mode : inverse) {
      const auto read = reordered(line, mode, base, options);
      if (read && reordered(*read, UBIDI_REORDER_DEFAULT, base, options) == line) return *read;
    }
  }
  return reordered(line, inverse[1], usual, options).value_or(line);
}

bool has_mirrored_brackets(const std::vector<std::u16string>& lines) {
  std::ptrdiff_t score = 0;
  for (const std::u16string& line : lines) {
    if (!may_run_from_the_right(line)) continue;
    score +=
        closed_brackets(reading_order(line, true)) - closed_brackets(reading_order(line, false));
  }
  return score > 0;
}

}  // namespace callslip
