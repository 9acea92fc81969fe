// MadeUpProse: English-like text without end, the same in every run; no two sentences are alike.
//
// Belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace callslip {

class MadeUpProse {
 public:
  explicit MadeUpProse(std::uint32_t seed) : random_(seed) {}

  std::string sentence() {
    std::string text =
        "In " + name() + ", " + std::string(pick(subjects)) + " number " + std::to_string(++count_);
    const std::size_t clauses = 1 + random_() % 3;
    for (std::size_t i = 0; i < clauses; ++i) {
      if (i > 0) text += i % 2 == 1 ? ", which" : " and";
      text.append(" ").append(pick(verbs)).append(" the ").append(pick(adjectives)).append(" ");
      text.append(pick(objects)).append(" ").append(pick(places)).append(" ").append(name());
    }
    return text + ".";
  }

  /// Paragraphs of at least so many bytes.
  std::string text(std::size_t bytes) {
    std::string text;
    for (std::size_t sentences = 1; text.size() < bytes; ++sentences) {
      text.append(sentence()).append(sentences % 6 == 0 ? "\n\n" : " ");
    }
    return text + "\n";
  }

 private:
  static constexpr std::array<std::string_view, 12> subjects = {
      "the committee", "a surveyor",   "the registry", "an apprentice", "the ferry",  "the archive",
      "a merchant",    "the district", "the assembly", "a physician",   "the bridge", "the mill"};
  static constexpr std::array<std::string_view, 12> verbs = {
      "recorded", "measured", "replaced", "described", "repaired", "examined",
      "ordered",  "carried",  "rejected", "announced", "borrowed", "inherited"};
  static constexpr std::array<std::string_view, 12> adjectives = {
      "wooden",  "annual",  "unfinished", "northern", "forgotten", "expensive",
      "printed", "regular", "narrow",     "official", "remaining", "second"};
  static constexpr std::array<std::string_view, 12> objects = {
      "ledger",  "canal",   "inventory", "agreement", "lantern", "harvest",
      "railway", "library", "orchard",   "warehouse", "map",     "instrument"};
  static constexpr std::array<std::string_view, 8> places = {
      "near",        "on behalf of",     "across the river from", "after the flood in",
      "by order of", "at the border of", "in the winter after",   "with the help of"};

  template <std::size_t N>
  std::string_view pick(const std::array<std::string_view, N>& words) {
    return words[random_() % N];
  }

  std::string name() {
    static constexpr std::array<std::string_view, 16> syllables = {
        "bar", "den", "hol", "mir", "tan", "wes", "lor", "fen",
        "gar", "rik", "sol", "ven", "ash", "pel", "dor", "kin"};
    std::string text(pick(syllables));
    text.append(pick(syllables)).append(pick(syllables));
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
  }

  std::mt19937 random_;
  std::uint64_t count_ = 0;
};

}  // namespace callslip
