// PhraseSet: finds which of many phrases stand in a text, in one pass over the text.
//
// Immutable: any thread. Texts and phrases are compared with each run of white space as one space.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callslip::oracle {

/// With each run of white space as one space, and none at the ends.
std::string with_single_spaces(std::string_view text);

class PhraseSet {
 public:
  PhraseSet() = default;
  /// Empty phrases are never found.
  explicit PhraseSet(const std::vector<std::string>& phrases);

  /// The phrases' numbers in the order in which they first stand in the text, each once. The text
  /// must have single spaces.
  std::vector<std::size_t> find(std::string_view text) const;

 private:
  /// Where one could start, from pos on; else the text's end.
  std::size_t next_start(std::string_view text, std::size_t pos) const;

  static constexpr unsigned filter_bits = 16;

  static std::uint64_t key_at(const char* bytes) {
    std::uint64_t key = 0;
    std::memcpy(&key, bytes, sizeof key);
    return key;
  }
  static std::size_t slot(std::uint64_t key) {
    return (key * 0x9E3779B97F4A7C15U) >> (64U - filter_bits);
  }

  std::vector<std::string> phrases_;
  std::vector<std::size_t> short_;  // of less than a key: searched singly
  std::vector<std::pair<std::uint64_t, std::size_t>> by_key_;  // sorted; the key: the first 8 bytes
  std::array<bool, 256> starts_{};                             // a phrase starts with the byte
  std::optional<std::ptrdiff_t> only_start_;                   // all of them do
  std::bitset<1U << filter_bits> filter_;                      // slots of keys
};

}  // namespace callslip::oracle
