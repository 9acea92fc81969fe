#include "tests/servers/phrase_set.h"

#include <algorithm>

namespace callslip::oracle {
namespace {

constexpr std::size_t step = sizeof(std::uint64_t);

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr std::uint64_t in_each_byte(std::uint64_t byte) { return byte * 0x0101010101010101U; }

/// Whether the bytes hold no control character and no two spaces side by side. May say no where
/// that is not so. The first byte in memory is the lowest.
bool is_plain(std::uint64_t bytes) {
  constexpr std::uint64_t high = in_each_byte(0x80);
  const std::uint64_t controls = (bytes - in_each_byte(0x20)) & ~bytes & high;
  const std::uint64_t differs = bytes ^ in_each_byte(0x20);
  const std::uint64_t spaces = ~(((differs & ~high) + in_each_byte(0x7F)) | differs) & high;
  return controls == 0 && (spaces & (spaces << 8U)) == 0;
}

}  // namespace

std::string with_single_spaces(std::string_view text) {
  std::string out(text.size() + step, '\0');
  char* to = out.data();
  bool space = true;  // none at the start
  for (std::size_t pos = 0; pos < text.size();) {
    if (pos + step <= text.size() && !(space && text[pos] == ' ')) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, text.data() + pos, step);
      if (is_plain(bytes)) {
        std::memcpy(to, &bytes, step);
        to += step;
        pos += step;
        space = text[pos - 1] == ' ';
        continue;
      }
    }
    // To the end of what is not plain, and a little on.
    for (const std::size_t end = std::min(pos + step, text.size()); pos < end; ++pos) {
      const bool is = is_space(text[pos]);
      *to = is ? ' ' : text[pos];
      to += is && space ? 0 : 1;
      space = is;
    }
  }
  if (to != out.data() && space) --to;
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

PhraseSet::PhraseSet(const std::vector<std::string>& phrases) {
  for (const std::string& phrase : phrases) {
    const std::size_t number = phrases_.size();
    phrases_.push_back(with_single_spaces(phrase));
    const std::string& text = phrases_.back();
    if (text.size() < step) {
      short_.push_back(number);
      continue;
    }
    const std::uint64_t key = key_at(text.data());
    by_key_.emplace_back(key, number);
    starts_[static_cast<unsigned char>(text[0])] = true;
    filter_.set(slot(key));
  }
  std::sort(by_key_.begin(), by_key_.end());
  if (std::count(starts_.begin(), starts_.end(), true) == 1) {
    only_start_ = std::find(starts_.begin(), starts_.end(), true) - starts_.begin();
  }
}

std::size_t PhraseSet::next_start(std::string_view text, std::size_t pos) const {
  if (only_start_) return std::min(text.find(static_cast<char>(*only_start_), pos), text.size());
  while (pos < text.size() && !starts_[static_cast<unsigned char>(text[pos])]) ++pos;
  return pos;
}

std::vector<std::size_t> PhraseSet::find(std::string_view text) const {
  std::vector<std::size_t> found;
  const auto add = [&found](std::size_t number) {
    if (std::find(found.begin(), found.end(), number) == found.end()) found.push_back(number);
  };
  for (std::size_t pos = 0; !by_key_.empty(); ++pos) {
    pos = next_start(text, pos);
    if (pos + step > text.size()) break;
    const std::uint64_t key = key_at(text.data() + pos);
    if (!filter_.test(slot(key))) continue;
    auto entry = std::lower_bound(by_key_.begin(), by_key_.end(), std::pair(key, std::size_t{0}));
    for (; entry != by_key_.end() && entry->first == key; ++entry) {
      if (text.substr(pos).starts_with(phrases_[entry->second])) add(entry->second);
    }
  }
  for (const std::size_t number : short_) {
    if (!phrases_[number].empty() && text.find(phrases_[number]) != text.npos) add(number);
  }
  return found;
}

}  // namespace callslip::oracle
