#include "index/tokens/token_estimator.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "index/tokens/token_weights.h"

// The estimate is a sum of weights, each at least 0, in 1/32 token:
//   - for each character, by its class and the class of the character before it;
//   - for each character of more than one byte, by its first two bytes (its script, and roughly how
//     rare it is there);
//   - for the k-th character of a run (Latin or Cyrillic word, digits, spaces, punctuation).
// Why that may be added up: a text b costs most when it stands alone. Alone, its first character
// has nothing before it, which weighs as much as the heaviest pair; bytes of a character that was
// cut weigh as much as the heaviest character; and a run that starts anew weighs at least what its
// continuation would, because the run weights' sums g are made so that g(m + n) <= g(m) + g(n).
// From its second character on, b costs the same in both cases. Rounding up once at the end keeps
// it.
namespace callslip {
namespace {

namespace weights = token_weights;

using Byte = std::uint8_t;

// Character classes: each ASCII letter and punctuation mark is one, other characters go by their
// lead byte. Some have a finer class as a predecessor, told by the second byte.
enum Class : Byte {
  lower_a = 0,
  upper_a = 26,
  digit = 52,
  space = 53,
  line_feed = 54,
  carriage_return = 55,
  tab = 56,
  control = 57,
  first_punctuation = 58,
  first_lead = 90,
  lead_c2 = first_lead,  // Latin-1 signs
  lead_c3,               // Latin-1 letters
  lead_c4,               // to C5: Latin Extended-A
  lead_c6,               // to CB: more Latin, phonetics
  lead_cc,               // to CD: combining marks
  lead_ce,               // to CF: Greek
  lead_d0,               // Cyrillic
  lead_d1,               // Cyrillic
  lead_d2,               // to D4: more Cyrillic
  lead_d5,               // to D7: Armenian, Hebrew
  lead_d8,               // to DB: Arabic
  lead_dc,               // to DF: Syriac, Thaana, N'Ko
  lead_e0,               // Indic, Thai
  lead_e1,               // Georgian, Ethiopic, Vietnamese, ...
  lead_e2,               // punctuation, signs
  lead_e3,               // Chinese punctuation, kana
  lead_e4,               // to E9: Han
  lead_ea,               // to ED: Hangul
  lead_ee,               // to EF: private use, full width
  lead_f0,               // to F4: emoji, rare Han
  nothing,               // before the text, and after what is not UTF-8
  invalid,               // a byte that never occurs in UTF-8
  // Only ever before a character, from here on (an invalid byte leaves `nothing` behind).
  chinese_punctuation = invalid,
  cyrillic_upper,
  full_width,
  predecessor_count,
};
constexpr Byte continuation = nothing;  // as a character: a byte that continues nothing
constexpr std::size_t class_count = invalid + 1;

constexpr Byte class_of(unsigned byte) {
  if (byte >= 'a' && byte <= 'z') return static_cast<Byte>(lower_a + byte - 'a');
  if (byte >= 'A' && byte <= 'Z') return static_cast<Byte>(upper_a + byte - 'A');
  if (byte >= '0' && byte <= '9') return digit;
  if (byte == ' ') return space;
  if (byte == '\n') return line_feed;
  if (byte == '\r') return carriage_return;
  if (byte == '\t') return tab;
  if (byte < ' ' || byte == 0x7F) return control;
  if (byte < 0x80) {
    const unsigned alphanumerics = byte > 'z' ? 62U : byte > 'Z' ? 36U : byte > '9' ? 10U : 0U;
    return static_cast<Byte>(first_punctuation + byte - '!' - alphanumerics);
  }
  if (byte < 0xC0) return continuation;
  if (byte < 0xC2 || byte > 0xF4) return invalid;
  constexpr std::array<unsigned, 20> leads{0xC2, 0xC3, 0xC4, 0xC6, 0xCC, 0xCE, 0xD0,
                                           0xD1, 0xD2, 0xD5, 0xD8, 0xDC, 0xE0, 0xE1,
                                           0xE2, 0xE3, 0xE4, 0xEA, 0xEE, 0xF0};
  std::size_t i = leads.size() - 1;
  while (byte < leads[i]) --i;
  return static_cast<Byte>(first_lead + i);
}

// Runs. A state of the machine is a kind and a length; a Latin run also knows whether its last
// letter was a small one, because "camelCase" starts a new run in the middle.
enum Run : Byte {
  no_run,
  latin_small,
  latin_upper,
  latin_other,
  cyrillic,
  digits,
  spaces,
  marks,
  run_count
};

constexpr Run run_of(unsigned byte_class) {
  if (byte_class < upper_a) return latin_small;
  if (byte_class < digit) return latin_upper;
  if (byte_class == digit) return digits;
  if (byte_class == space) return spaces;
  if (byte_class >= first_punctuation && byte_class < first_lead) return marks;
  if ((byte_class >= lead_c3 && byte_class <= lead_c6) || byte_class == lead_e1) return latin_other;
  if (byte_class >= lead_d0 && byte_class <= lead_d2) return cyrillic;
  return no_run;
}

constexpr std::size_t longest_run = 16;  // after its last weight a run goes on at that weight
constexpr std::size_t run_states = run_count * longest_run;

constexpr std::string_view run_weights(Run run) {
  switch (run) {
    case latin_small:
    case latin_upper:
    case latin_other:
      return weights::latin_run;
    case cyrillic:
      return weights::cyrillic_run;
    case digits:
      return weights::digit_run;
    case spaces:
      return weights::space_run;
    case marks:
      return weights::punctuation_run;
    default:
      return "0";
  }
}

constexpr Byte weight_of(char code) {
  if (code <= '9') return static_cast<Byte>(code - '0');
  if (code <= 'Z') return static_cast<Byte>(code - 'A' + 10);
  return static_cast<Byte>(code - 'a' + 36);
}

struct Tables {
  std::array<Byte, 256> class_of_byte{};
  std::array<std::array<Byte, 128>, predecessor_count> pair{};  // [before][character]
  std::array<std::array<Byte, 64>, 64> second{};                // [lead & 63][second & 63]
  std::array<Byte, 128> run_of_class{};
  std::array<std::array<Byte, run_count>, run_states> next_run{};
  std::array<Byte, run_states> run_weight{};  // of arriving in the state
};

constexpr bool is_latin(unsigned run) { return run >= latin_small && run <= latin_other; }

constexpr Tables make_tables() {
  Tables tables;
  for (unsigned byte = 0; byte < 256; ++byte) tables.class_of_byte[byte] = class_of(byte);
  for (unsigned c = 0; c < class_count; ++c) tables.run_of_class[c] = run_of(c);

  for (std::size_t before = 0; before < predecessor_count; ++before) {
    for (std::size_t c = 0; c < class_count; ++c) {
      Byte weight = weights::heaviest_pair;
      if (c == continuation) {
        weight = weights::heaviest_second;
      } else if (before != nothing && c != invalid) {
        weight = weight_of(weights::pair[before - (before > nothing ? 1 : 0)][c]);
      }
      tables.pair[before][c] = weight;
    }
  }
  for (std::size_t lead = 0; lead < 64; ++lead) {
    for (std::size_t i = 0; i < 64; ++i) tables.second[lead][i] = weight_of(weights::lead[lead]);
  }
  for (const auto& row : weights::second) {
    for (std::size_t i = 0; i < 64; ++i)
      tables.second[row.lead & 63U][i] = weight_of(row.weights[i]);
  }
  for (unsigned run = 0; run < run_count; ++run) {
    const std::string_view steps = run_weights(static_cast<Run>(run));
    for (std::size_t length = 1; length <= longest_run; ++length) {
      const std::size_t state = run * longest_run + length - 1;
      tables.run_weight[state] = weight_of(steps[std::min(length, steps.size()) - 1]);
      for (unsigned next = 0; next < run_count; ++next) {
        const bool goes_on = (run == next || (is_latin(run) && is_latin(next))) &&
                             !(run == latin_small && next == latin_upper);
        const std::size_t reached = goes_on ? std::min(length + 1, longest_run) : 1;
        tables.next_run[state][next] = static_cast<Byte>(next * longest_run + reached - 1);
      }
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

constexpr Byte no_run_state = no_run * longest_run;

// The class that a whole character leaves behind.
Byte predecessor(Byte lead, Byte lead_class, Byte second) {
  if (lead == 0xE3 && second == 0x80) return chinese_punctuation;
  if (lead == 0xD0 && second < 0xB0) return cyrillic_upper;
  if (lead == 0xEF && (second == 0xBC || second == 0xBD)) return full_width;
  return lead_class;
}

bool continues(Byte byte) { return (byte & 0xC0U) == 0x80U; }

}  // namespace

std::size_t TokenEstimator::count(std::string_view utf8) const {
  const auto* at = reinterpret_cast<const Byte*>(utf8.data());
  const Byte* const end = at + utf8.size();
  std::uint64_t sum = 0;
  Byte before = nothing;
  Byte run = no_run_state;
  while (at != end) {
    const Byte byte = *at++;
    const Byte current = tables.class_of_byte[byte];
    sum += tables.pair[before][current];
    run = tables.next_run[run][tables.run_of_class[current]];
    sum += tables.run_weight[run];
    before = current;
    if (byte < 0x80) continue;

    if (current == continuation || current == invalid) {
      before = nothing;
      run = no_run_state;
      continue;
    }
    const int length = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    int read = 0;
    for (; read < length && at != end && continues(*at); ++read, ++at) {
      if (read > 0) continue;
      sum += tables.second[byte & 63U][*at & 63U];
      before = predecessor(byte, current, *at);
    }
    if (read < length) {
      before = nothing;
      run = no_run_state;
    }
  }
  return static_cast<std::size_t>((sum + weights::units_per_token - 1) / weights::units_per_token);
}

std::unique_ptr<TokenCounter> make_token_estimator() { return std::make_unique<TokenEstimator>(); }

}  // namespace callslip
