#include "index/text/double_byte_charset.h"

#include <cmath>
#include <cstddef>
#include <span>

namespace callslip {
namespace {

using Byte = unsigned char;

/// Byte pairs of one kind: how likely a character of running text is of this kind. The kind's
/// characters count as equally likely.
struct Zone {
  Byte lead_low;
  Byte lead_high;
  Byte trail_low;
  Byte trail_high;
  double share;
};

struct Scheme {
  const char* charset;
  std::span<const Zone> everyday;  // punctuation, syllables, frequent ideographs
  Byte lead_low;                   // what is a pair at all
  Byte trail_low;
  bool half_width_kana;  // A1..DF stand alone
};

constexpr Zone korean[] = {{0xA1, 0xA3, 0xA1, 0xFE, 0.05}, {0xB0, 0xC8, 0xA1, 0xFE, 0.93}};
constexpr Zone simplified[] = {{0xA1, 0xA3, 0xA1, 0xFE, 0.12}, {0xB0, 0xD7, 0xA1, 0xFE, 0.85}};
constexpr Zone traditional[] = {{0xA1, 0xA3, 0x40, 0xFE, 0.12}, {0xA4, 0xC6, 0x40, 0xFE, 0.85}};
constexpr Zone shift_jis[] = {
    {0x81, 0x81, 0x40, 0xFC, 0.12}, {0x82, 0x83, 0x40, 0xF1, 0.55}, {0x88, 0x97, 0x40, 0xFC, 0.30}};
constexpr Zone euc_jp[] = {
    {0xA1, 0xA1, 0xA1, 0xFE, 0.12}, {0xA4, 0xA5, 0xA1, 0xF6, 0.55}, {0xB0, 0xCF, 0xA1, 0xFE, 0.30}};

constexpr Scheme schemes[] = {{"EUC-KR", korean, 0xA1, 0xA1, false},
                              {"GB18030", simplified, 0x81, 0x40, false},
                              {"BIG5", traditional, 0x81, 0x40, false},
                              {"SHIFT_JIS", shift_jis, 0x81, 0x40, true},
                              {"EUC-JP", euc_jp, 0xA1, 0xA1, false}};

// What an ASCII byte costs, so that a scheme whose pairs end in one is not at a disadvantage.
const double ascii_cost = std::log(1.0 / 60);
const double rare_cost = std::log(0.03 / 10000);

struct Fit {
  bool possible = true;
  std::size_t pairs = 0;
  std::size_t everyday = 0;
  double likelihood = 0;  // a logarithm
};

Fit fit_of(const Scheme& scheme, std::string_view bytes) {
  Fit fit;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto lead = static_cast<Byte>(bytes[i]);
    if (lead < 0x80) {
      fit.likelihood += ascii_cost;
      continue;
    }
    if (scheme.half_width_kana && lead >= 0xA1 && lead <= 0xDF) {
      ++fit.pairs;  // rare in running text, so not an everyday one
      fit.likelihood += rare_cost;
      continue;
    }
    if (i + 1 == bytes.size()) break;  // the sample ended in the middle of a pair
    const auto trail = static_cast<Byte>(bytes[++i]);
    if (lead < scheme.lead_low || lead == 0xFF || trail < scheme.trail_low || trail == 0x7F ||
        trail == 0xFF) {
      fit.possible = false;
      return fit;
    }
    ++fit.pairs;
    double cost = rare_cost;
    for (const Zone& zone : scheme.everyday) {
      if (lead < zone.lead_low || lead > zone.lead_high) continue;
      if (trail < zone.trail_low || trail > zone.trail_high) continue;
      const int size =
          (zone.lead_high - zone.lead_low + 1) * (zone.trail_high - zone.trail_low + 1);
      cost = std::log(zone.share / size);
      ++fit.everyday;
      break;
    }
    fit.likelihood += cost;
  }
  return fit;
}

}  // namespace

std::string guess_double_byte_charset(std::string_view bytes) {
  const Scheme* best = nullptr;
  double best_likelihood = 0;
  for (const Scheme& scheme : schemes) {
    const Fit fit = fit_of(scheme, bytes);
    if (!fit.possible || fit.pairs < 3 || fit.everyday * 10 < fit.pairs * 9) continue;
    if (best != nullptr && fit.likelihood <= best_likelihood) continue;
    best = &scheme;
    best_likelihood = fit.likelihood;
  }
  return best == nullptr ? std::string() : best->charset;
}

}  // namespace callslip
