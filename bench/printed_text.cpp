#include "bench/printed_text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "bench/edit_distance.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr char32_t kFree = 0x1F;

bool only_directs(char32_t c) {
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || c == 0xAD;
}

bool is_bullet(char32_t c) {
  return c == 0x2022 || c == 0x25E6 || c == 0x25AA || c == 0x2023 || c == 0x25CF || c == 0x25CB ||
         c == 0x25A0;
}

bool is_wide(char32_t c) {
  return (c >= 0x2E80 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFF00 && c <= 0xFFEF);
}

bool is_blank(char32_t c) {
  return c <= 0x20 ? c != kFree
                   : c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F;
}

std::u32string code_points(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  const icu::UnicodeString composed = nfc->normalize(
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size()))),
      error);
  std::u32string out;
  for (std::int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
    out += static_cast<char32_t>(composed.char32At(i));
  }
  return out;
}

/// As compared; hyphens at line ends are marked in the text only, the reference has none.
std::u32string normalised_printed(std::string_view text, bool marks_hyphens) {
  std::u32string out;
  const std::u32string points = code_points(text);
  bool blank = false;
  for (std::size_t i = 0; i < points.size(); ++i) {
    char32_t c = points[i];
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    // A soft hyphen is printed, if at all, at a line end only.
    std::size_t behind = i + 1;
    bool ends_line = false;
    while (behind < points.size() && is_blank(points[behind])) {
      ends_line = ends_line || points[behind] == U'\n';
      ++behind;
    }
    const bool letter = !blank && !out.empty() && u_isalpha(static_cast<UChar32>(out.back())) != 0;
    if (marks_hyphens && (c == U'-' || c == 0x2010 || c == 0xAD) && ends_line && letter &&
        behind < points.size()) {
      out += kLineHyphen;
      i = behind - 1;
      continue;
    }
    if (only_directs(c) || is_bullet(c)) continue;
    if (c == 0x2010 || c == 0x2011) c = U'-';
    if (blank && !out.empty() && !(is_wide(c) && is_wide(out.back()))) out += U' ';
    blank = false;
    out += c;
  }
  return out;
}

/// As compared where nothing was printed.
std::u32string normalised_written(std::string_view text) {
  std::u32string out;
  const std::u32string points = code_points(text);
  bool blank = false;
  bool begins_line = true;
  std::size_t tabs = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const char32_t c = points[i];
    if (is_blank(c)) {
      blank = true;
      tabs += c == U'\t' ? 1 : 0;
      begins_line = begins_line || c == U'\n';
      continue;
    }
    if (c == 0xAD || c == 0x200B || c == 0xFEFF) continue;
    const bool alone = i + 1 < points.size() && is_blank(points[i + 1]);
    if (begins_line && alone && (c == U'-' || is_bullet(c))) continue;
    begins_line = false;
    if (blank && !out.empty()) out += tabs > 0 ? std::u32string(tabs, U'\t') : U" ";
    blank = false;
    tabs = 0;
    out += c == 0x2010 || c == 0x2011 ? U'-' : c;
  }
  return out;
}

std::u32string normalised(std::string_view text, TextOrigin origin, bool is_reference) {
  return origin == TextOrigin::written ? normalised_written(text)
                                       : normalised_printed(text, !is_reference);
}

using Words = std::map<std::u32string, long>;

template <class Take>
void each_word(std::u32string_view text, const Take& take) {
  std::u32string word;
  const auto end = [&] {
    if (!word.empty()) take(word);
    word.clear();
  };
  for (const char32_t c : text) {
    if (c == U' ' || c == U'\t') {
      end();
    } else if (is_wide(c)) {  // no blanks part the words of Chinese and Japanese
      end();
      take(std::u32string(1, c));
    } else {
      word += c;
    }
  }
  end();
}

/// With each hyphen of a line end taken as the reference's words have it.
std::u32string as_known(const std::u32string& word, const Words& known) {
  std::u32string joined;
  std::u32string kept;
  for (const char32_t c : word) {
    if (c != kLineHyphen) joined += c;
    kept += c == kLineHyphen ? U'-' : c;
  }
  const auto found = known.find(kept);
  return found != known.end() && found->second > 0 ? kept : joined;
}

void print(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    if (c == kLineHyphen) {
      out += "¬";
    } else {
      append_utf8(out, c);
    }
  }
  std::fputs(out.c_str(), stdout);
}

/// The first places that differ, each with what stands around it.
void show_places(std::u32string_view got, std::u32string_view wanted) {
  constexpr std::size_t kAgree = 12;
  std::size_t i = 0;
  std::size_t j = 0;
  for (int shown = 0; shown < 40 && i < got.size() && j < wanted.size();) {
    if (got[i] == wanted[j] || (got[i] == kLineHyphen && wanted[j] == U'-')) {
      ++i;
      ++j;
      continue;
    }
    if (got[i] == kLineHyphen) {
      ++i;
      continue;
    }
    std::size_t x = 0;
    std::size_t y = 0;
    bool resumed = false;
    for (std::size_t off = 1; off < 3000 && !resumed; ++off) {
      for (std::size_t p = 0; p <= off && !resumed; ++p) {
        x = i + p;
        y = j + (off - p);
        resumed = x + kAgree <= got.size() && y + kAgree <= wanted.size() &&
                  got.substr(x, kAgree) == wanted.substr(y, kAgree);
      }
    }
    if (!resumed) break;
    std::fputs("    ...", stdout);
    print(wanted.substr(j > 25 ? j - 25 : 0, std::min<std::size_t>(j, 25)));
    std::fputs("[text: ", stdout);
    print(got.substr(i, std::min<std::size_t>(x - i, 300)));
    std::fputs("][reference: ", stdout);
    print(wanted.substr(j, std::min<std::size_t>(y - j, 300)));
    std::fputs("]\n", stdout);
    ++shown;
    i = x;
    j = y;
  }
}

/// Characters of words lost and invented; a word that came out a little different counts by its
/// changed characters in `changed`.
void count_words(std::u32string_view text, std::u32string_view reference, bool show,
                 PrintedErrors& errors) {
  Words words;
  each_word(reference, [&](const std::u32string& word) { ++words[word]; });
  each_word(text, [&](const std::u32string& word) { --words[as_known(word, words)]; });
  std::vector<std::u32string> lost;
  std::vector<std::u32string> invented;
  for (const auto& [word, count] : words) {
    for (long i = 0; i < count; ++i) lost.push_back(word);
    for (long i = 0; i < -count; ++i) invented.push_back(word);
  }
  for (const std::u32string& word : lost) errors.lost += word.size();
  for (const std::u32string& word : invented) errors.invented += word.size();
  if (show) {
    for (const auto* list : {&lost, &invented}) {
      std::fputs(list == &lost ? "    lost:" : "    invented:", stdout);
      for (std::size_t i = 0; i < std::min<std::size_t>(list->size(), 60); ++i) {
        std::fputs(" ", stdout);
        print((*list)[i]);
      }
      std::fputs("\n", stdout);
    }
  }
  constexpr std::size_t kMostPaired = 2000;
  std::size_t left = 0;
  std::size_t paired = 0;
  std::vector<char> taken(invented.size(), 0);
  for (const std::u32string& word : lost) {
    std::size_t best = word.size() / 2 + 1;
    std::size_t place = invented.size();
    for (std::size_t i = 0; i < invented.size() && invented.size() <= kMostPaired; ++i) {
      if (taken[i] != 0) continue;
      const std::size_t apart = edit_distance(invented[i], word);
      if (apart < best) {
        best = apart;
        place = i;
      }
    }
    if (place == invented.size()) {
      left += word.size();
    } else {
      taken[place] = 1;
      paired += best;
    }
  }
  std::size_t extra = 0;
  for (std::size_t i = 0; i < invented.size(); ++i) extra += taken[i] != 0 ? 0 : invented[i].size();
  errors.changed += paired + std::max(left, extra);
}

}  // namespace

PrintedErrors compare_printed(std::string_view text, std::string_view reference, TextOrigin origin,
                              bool show) {
  PrintedErrors errors;
  std::u32string got = normalised(text, origin, false);
  std::string ordered;
  std::vector<std::u32string> free;
  for (std::size_t at = 0; at < reference.size();) {
    const std::size_t end = std::min(reference.find('\n', at), reference.size());
    const std::string_view line = reference.substr(at, end - at);
    if (!line.empty() && static_cast<unsigned char>(line.front()) == kFree) {
      free.push_back(normalised(line.substr(1), origin, true));
    } else {
      ordered.append(line).append("\n");
    }
    at = end + 1;
  }
  for (const std::u32string& note : free) {
    const Occurrence place = find_alike(got, note);
    errors.length += note.size();
    errors.distance += place.distance;
    errors.changed += place.distance;
    errors.lost += place.distance;
    if (show && place.distance > 0) {
      std::printf("    note at a distance of %zu: ", place.distance);
      print(note);
      std::fputs(" | ", stdout);
      print(std::u32string_view(got).substr(place.start, place.end - place.start));
      std::fputs("\n", stdout);
    }
    if (place.distance < note.size()) {
      std::size_t start = place.start;  // and the blank before it
      if (start > 0 && got[start - 1] == U' ') --start;
      got.erase(start, place.end - start);
    }
  }
  const std::u32string wanted = normalised(ordered, origin, true);
  errors.length += wanted.size();
  errors.distance += edit_distance(got, wanted);
  count_words(got, wanted, show, errors);
  if (show) show_places(got, wanted);
  return errors;
}

}  // namespace callslip
