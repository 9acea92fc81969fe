#include "tests/servers/phrase_set.h"

#include <algorithm>

namespace callslip::oracle {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string with_single_spaces(std::string_view text) {
  std::string out(text.size(), '\0');
  char* to = out.data();
  bool space = true;  // none at the start
  for (const char c : text) {
    if (!is_space(c)) {
      *to++ = c;
      space = false;
    } else if (!space) {
      *to++ = ' ';
      space = true;
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
    if (text.size() < sizeof(std::uint64_t)) {
      short_.push_back(number);
      continue;
    }
    const std::uint64_t key = key_at(text.data());
    by_key_.emplace_back(key, number);
    starts_[static_cast<unsigned char>(text[0])] = true;
    filter_.set(slot(key));
  }
  std::sort(by_key_.begin(), by_key_.end());
}

std::vector<std::size_t> PhraseSet::find(std::string_view text) const {
  std::vector<std::size_t> found;
  const auto add = [&found](std::size_t number) {
    if (std::find(found.begin(), found.end(), number) == found.end()) found.push_back(number);
  };
  for (std::size_t pos = 0; !by_key_.empty() && pos + sizeof(std::uint64_t) <= text.size(); ++pos) {
    if (!starts_[static_cast<unsigned char>(text[pos])]) continue;
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
