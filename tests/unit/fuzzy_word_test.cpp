#include "index/search/fuzzy_word.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "index/text/utf8.h"

namespace callslip {
namespace {

/// The distance by its definition, on ASCII.
std::size_t distance_of(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

/// Walks a sorted dictionary as a search does.
std::map<std::string, std::size_t> close_in(const std::vector<std::string>& sorted,
                                            const std::string& word, std::size_t most,
                                            std::size_t* looked_at = nullptr) {
  FuzzyWord fuzzy(word, most);
  std::map<std::string, std::size_t> close;
  auto it = std::lower_bound(sorted.begin(), sorted.end(), fuzzy.begin());
  while (it != sorted.end() && *it < fuzzy.end()) {
    if (looked_at != nullptr) ++*looked_at;
    const FuzzyWord::Step step = fuzzy.step(*it);
    if (step.distance) close[*it] = *step.distance;
    EXPECT_GT(step.next, *it);
    it = std::lower_bound(it, sorted.end(), step.next);
  }
  return close;
}

TEST(FuzzyWord, FindsWhatTheDefinitionFindsInAnyDictionary) {
  std::mt19937 random(7);
  std::vector<std::string> words;
  for (int i = 0; i < 4000; ++i) {
    std::string word;
    const std::size_t letters = 1 + random() % 8;
    for (std::size_t l = 0; l < letters; ++l) word += static_cast<char>('a' + random() % 4);
    words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const std::string& word :
       {std::string("abcd"), std::string("dabcab"), std::string("aabbccdd")}) {
    for (const std::size_t most : {1U, 2U}) {
      std::map<std::string, std::size_t> expected;
      for (const std::string& each : words) {
        const std::size_t distance = distance_of(word, each);
        if (distance <= (each[0] == word[0] ? most : 1)) expected[each] = distance;
      }
      EXPECT_EQ(close_in(words, word, most), expected) << word << " " << most;
    }
  }
}

TEST(FuzzyWord, PassesOverMostOfADictionary) {
  std::vector<std::string> words;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) {
      for (char c = 'a'; c <= 'z'; ++c) words.push_back({a, b, c, 'e', 'r', 'o', 'n'});
    }
  }
  words.emplace_back("heron");
  std::sort(words.begin(), words.end());
  std::size_t looked_at = 0;
  EXPECT_EQ(close_in(words, "herron", 1, &looked_at),
            (std::map<std::string, std::size_t>{{"hereron", 1}, {"heron", 1}}));
  EXPECT_LT(looked_at, words.size() / 5);
}

TEST(FuzzyWord, CountsLettersAndNotBytes) {
  const std::vector<std::string> words{"zebra", "библиотека", "библия", "город"};
  EXPECT_EQ(close_in(words, "библеотека", 1),
            (std::map<std::string, std::size_t>{{"библиотека", 1}}));
}

TEST(FuzzyWord, AnotherFirstLetterIsOneMistakeAtMost) {
  EXPECT_EQ(close_in({"kangaroo"}, "cangaroo", 2).count("kangaroo"), 1U);
  EXPECT_EQ(close_in({"kangaroo"}, "cangarou", 2).count("kangaroo"), 0U);
}

TEST(FuzzyWord, ShortWordsStayAsTheyAre) {
  EXPECT_EQ(spelling_tolerance(3), 0U);
  EXPECT_EQ(spelling_tolerance(6), 1U);
  EXPECT_EQ(spelling_tolerance(9), 2U);
}

}  // namespace
}  // namespace callslip
