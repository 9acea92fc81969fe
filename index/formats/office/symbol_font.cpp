#include "index/formats/office/symbol_font.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

using Pair = std::pair<unsigned, char32_t>;

// Adobe's Symbol encoding: what is not as in ASCII, by code.
constexpr std::array symbol_letters = {
    Pair{0x22, U'∀'}, Pair{0x24, U'∃'}, Pair{0x27, U'∋'}, Pair{0x2A, U'∗'}, Pair{0x2D, U'−'},
    Pair{0x40, U'≅'}, Pair{0x41, U'Α'}, Pair{0x42, U'Β'}, Pair{0x43, U'Χ'}, Pair{0x44, U'Δ'},
    Pair{0x45, U'Ε'}, Pair{0x46, U'Φ'}, Pair{0x47, U'Γ'}, Pair{0x48, U'Η'}, Pair{0x49, U'Ι'},
    Pair{0x4A, U'ϑ'}, Pair{0x4B, U'Κ'}, Pair{0x4C, U'Λ'}, Pair{0x4D, U'Μ'}, Pair{0x4E, U'Ν'},
    Pair{0x4F, U'Ο'}, Pair{0x50, U'Π'}, Pair{0x51, U'Θ'}, Pair{0x52, U'Ρ'}, Pair{0x53, U'Σ'},
    Pair{0x54, U'Τ'}, Pair{0x55, U'Υ'}, Pair{0x56, U'ς'}, Pair{0x57, U'Ω'}, Pair{0x58, U'Ξ'},
    Pair{0x59, U'Ψ'}, Pair{0x5A, U'Ζ'}, Pair{0x5C, U'∴'}, Pair{0x5E, U'⊥'}, Pair{0x61, U'α'},
    Pair{0x62, U'β'}, Pair{0x63, U'χ'}, Pair{0x64, U'δ'}, Pair{0x65, U'ε'}, Pair{0x66, U'φ'},
    Pair{0x67, U'γ'}, Pair{0x68, U'η'}, Pair{0x69, U'ι'}, Pair{0x6A, U'ϕ'}, Pair{0x6B, U'κ'},
    Pair{0x6C, U'λ'}, Pair{0x6D, U'μ'}, Pair{0x6E, U'ν'}, Pair{0x6F, U'ο'}, Pair{0x70, U'π'},
    Pair{0x71, U'θ'}, Pair{0x72, U'ρ'}, Pair{0x73, U'σ'}, Pair{0x74, U'τ'}, Pair{0x75, U'υ'},
    Pair{0x76, U'ϖ'}, Pair{0x77, U'ω'}, Pair{0x78, U'ξ'}, Pair{0x79, U'ψ'}, Pair{0x7A, U'ζ'},
    Pair{0x7E, U'∼'}, Pair{0xA0, U'€'}, Pair{0xA2, U'′'}, Pair{0xA3, U'≤'}, Pair{0xA4, U'⁄'},
    Pair{0xA5, U'∞'}, Pair{0xA7, U'♣'}, Pair{0xA8, U'♦'}, Pair{0xA9, U'♥'}, Pair{0xAA, U'♠'},
    Pair{0xAB, U'↔'}, Pair{0xAC, U'←'}, Pair{0xAD, U'↑'}, Pair{0xAE, U'→'}, Pair{0xAF, U'↓'},
    Pair{0xB0, U'°'}, Pair{0xB1, U'±'}, Pair{0xB2, U'″'}, Pair{0xB3, U'≥'}, Pair{0xB4, U'×'},
    Pair{0xB5, U'∝'}, Pair{0xB6, U'∂'}, Pair{0xB7, U'•'}, Pair{0xB8, U'÷'}, Pair{0xB9, U'≠'},
    Pair{0xBA, U'≡'}, Pair{0xBB, U'≈'}, Pair{0xBC, U'…'}, Pair{0xC0, U'ℵ'}, Pair{0xC5, U'⊕'},
    Pair{0xC6, U'∅'}, Pair{0xC7, U'∩'}, Pair{0xC8, U'∪'}, Pair{0xC9, U'⊃'}, Pair{0xCA, U'⊇'},
    Pair{0xCB, U'⊄'}, Pair{0xCC, U'⊂'}, Pair{0xCD, U'⊆'}, Pair{0xCE, U'∈'}, Pair{0xCF, U'∉'},
    Pair{0xD0, U'∠'}, Pair{0xD1, U'∇'}, Pair{0xD2, U'®'}, Pair{0xD3, U'©'}, Pair{0xD4, U'™'},
    Pair{0xD5, U'∏'}, Pair{0xD6, U'√'}, Pair{0xD7, U'⋅'}, Pair{0xD8, U'¬'}, Pair{0xD9, U'∧'},
    Pair{0xDA, U'∨'}, Pair{0xDB, U'⇔'}, Pair{0xDC, U'⇐'}, Pair{0xDD, U'⇑'}, Pair{0xDE, U'⇒'},
    Pair{0xDF, U'⇓'}, Pair{0xE5, U'∑'}, Pair{0xF2, U'∫'}};

constexpr std::array wingdings = {
    Pair{0x28, U'☎'}, Pair{0x2A, U'✉'}, Pair{0x4A, U'☺'}, Pair{0x4C, U'☹'}, Pair{0x6C, U'●'},
    Pair{0x6E, U'■'}, Pair{0x6F, U'□'}, Pair{0x71, U'❑'}, Pair{0x76, U'❖'}, Pair{0x9F, U'•'},
    Pair{0xA7, U'▪'}, Pair{0xA8, U'◻'}, Pair{0xD8, U'➢'}, Pair{0xDF, U'←'}, Pair{0xE0, U'→'},
    Pair{0xE1, U'↑'}, Pair{0xE2, U'↓'}, Pair{0xE8, U'➔'}, Pair{0xF0, U'⇨'}, Pair{0xFB, U'✗'},
    Pair{0xFC, U'✓'}, Pair{0xFD, U'☒'}, Pair{0xFE, U'☑'}};

template <class Table>
char32_t look_up(const Table& table, unsigned code, char32_t fallback) {
  const auto found = std::lower_bound(table.begin(), table.end(), code,
                                      [](const Pair& a, unsigned b) { return a.first < b; });
  return found != table.end() && found->first == code ? found->second : fallback;
}

}  // namespace

char32_t symbol_character(std::string_view font, unsigned code) {
  const std::string name = ascii_lower(font);
  const unsigned plain = code >= 0xF000 && code <= 0xF0FF ? code - 0xF000 : code;
  if (name == "symbol") {
    return look_up(symbol_letters, plain, plain < 0x7F && plain >= 0x20 ? plain : U'•');
  }
  if (name.starts_with("wingdings") || name.starts_with("webdings")) {
    return name == "wingdings" ? look_up(wingdings, plain, U'•') : U'•';
  }
  return code;
}

}  // namespace callslip
