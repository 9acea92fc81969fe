#include "index/files/glob.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view path;
  bool matches;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(Glob(c.pattern).matches(c.path), c.matches) << c.pattern << " on " << c.path;
  }
}

TEST(Glob, StarStopsAtSlash) {
  check({{"docs/*.md", "docs/a.md", true},
         {"docs/*.md", "docs/.md", true},
         {"docs/*.md", "docs/a/b.md", false},
         {"docs/*/b.md", "docs/a/b.md", true},
         {"docs/*/b.md", "docs/b.md", false},
         {"/*", "/a", true},
         {"a/*b*c", "a/xbybzc", true},
         {"a/*b*c", "a/xb/c", false}});
}

TEST(Glob, TwoStarsCrossSlashes) {
  check({{"a/**/b", "a/b", true},        {"a/**/b", "a/x/b", true},
         {"a/**/b", "a/x/y/b", true},    {"a/**/b", "a/xb", false},
         {"a/**/b", "ab", false},        {"**/b", "b", true},
         {"**/b", "x/y/b", true},        {"**/b", "xb", false},
         {"a/**", "a/x", true},          {"a/**", "a/x/y", true},
         {"a/**", "a", false},           {"a/**", "ab/x", false},
         {"a**/z", "abc/d/z", true},     {"a/b**", "a/bc/d", true},
         {"a/**b", "a/x/yb", true},      {"**/a/**/b/**", "x/a/b/c", true},
         {"**/a/**/b/**", "a/b", false}, {"**/*.c", "x.c", true},
         {"**/*.c", "a/b/x.c", true},    {"/**/x", "/x", true},
         {"a/***/b", "a/x/y/b", true},   {"a/**/**/b", "a/b", true}});
}

TEST(Glob, PatternWithoutSlashMatchesBaseNames) {
  check({{"*.md", "a.md", true},
         {"*.md", "x/y/a.md", true},
         {"*.md", "x.md/a.txt", false},
         {"Makefile", "src/Makefile", true},
         {"Makefile", "src/Makefile.am", false},
         {"**", "x/y", true},
         {"", "", true},
         {"", "a", false}});
}

TEST(Glob, OtherPatternsMatchTheWholePath) {
  check({{"y/a.md", "y/a.md", true},
         {"y/a.md", "x/y/a.md", false},
         {"/srv/*.md", "/srv/a.md", true},
         {"/srv/*.md", "srv/a.md", false}});
}

TEST(Glob, FinalSlashTakesEverythingBelow) {
  check({{"build/", "build/a.o", true},
         {"build/", "x/build/y/a.o", true},
         {"build/", "build", false},
         {"build/", "build/", true},
         {"x/b*/", "x/build/y/a.o", true},
         {"x/b*/", "y/x/build/a.o", false}});
}

TEST(Glob, DirectoryWithFinalSlashTellsWhetherAllBelowIsTaken) {
  check({{"a/**", "a/", true}, {"a/*", "a/", true}, {"a/*.c", "a/", false}, {"", "a/", false}});
}

TEST(Glob, QuestionMarkIsOneCharacterButNoSlash) {
  check({{"a?c", "abc", true},
         {"a?c", "ac", false},
         {"x/a?c", "x/a/c", false},
         {"?.md", "é.md", true},
         {"??.md", "é.md", false},
         {"?.md", "文.md", true},
         {"?.md", "😀.md", true}});
}

TEST(Glob, ClassesHaveRangesAndNegation) {
  check({{"[abc].c", "b.c", true},    {"[abc].c", "d.c", false},    {"[a-c]x", "bx", true},
         {"[!a-c]x", "bx", false},    {"[^a-c]x", "dx", true},      {"[a-c-e]", "-", true},
         {"[a-c-e]", "d", false},     {"[-a]", "-", true},          {"[a-]", "-", true},
         {"[]a]", "]", true},         {"[!]a]", "]", false},        {"[!]a]", "b", true},
         {"[\\]]", "]", true},        {"[\\a-c]", "b", true},       {"[а-я].md", "ж.md", true},
         {"[а-я].md", "z.md", false}, {"[!a].md", "文.md", true},   {"[[:digit:]]", "7", true},
         {"[[:digit:]x]", "x", true}, {"[[:alpha:]]", "7", false},  {"[c-a]", "b", false},
         {"[[]", "[", true},          {"x/a[!b]c", "x/a/c", false}, {"x/a[/]c", "x/a/c", false}});
}

TEST(Glob, UnclosedClassStandsForItself) {
  check({{"a[", "a[", true},
         {"notes [draft", "notes [draft", true},
         {"[[:nope:]]", "n", false},
         {"a[b", "ab", false},
         {"*[", "x[", true}});
}

TEST(Glob, BackslashTakesTheNextCharacterAsItIs) {
  check({{"a\\*b", "a*b", true},
         {"a\\*b", "axb", false},
         {"\\[x\\]", "[x]", true},
         {"a\\\\b", "a\\b", true},
         {"a\\", "a\\", true},
         {"\\é", "é", true}});
}

TEST(Glob, InvalidUtf8IsMatchedByteForByte) {
  check({{"?.md", "\xFF.md", true},
         {"*.md", "\xC3.md", true},
         {"\xFF.md", "\xFF.md", true},
         {"\xFF?", "\xFFz", true},
         {"[!a]", "\xFE", true}});
}

TEST(Glob, PrefixAndSuffixDoNotOverlap) {
  check({{"ab*ba", "aba", false}, {"ab*ba", "abba", true}, {"x/aa**aa", "x/aaa", false}});
}

TEST(Glob, HasWildcardsSaysWhetherTextIsPlain) {
  EXPECT_FALSE(Glob::has_wildcards("linux/fs/ext4/inode.c"));
  EXPECT_FALSE(Glob::has_wildcards(""));
  for (const char* text : {"*.c", "a?b", "[ab]", "a\\*b"}) {
    EXPECT_TRUE(Glob::has_wildcards(text)) << text;
  }
}

TEST(Glob, KeepsItsPattern) { EXPECT_EQ(Glob("build/").pattern(), "build/"); }

// Backtracking would need longer than the age of the universe for these.
TEST(Glob, ManyStarsDoNotBacktrack) {
  std::string stars;
  for (int i = 0; i < 300; ++i) stars += "**a*";
  const std::string text(4000, 'a');
  EXPECT_FALSE(Glob("x/" + stars + "b/c").matches("x/" + text + "/c"));
  EXPECT_TRUE(Glob("x/" + stars + "/c").matches("x/" + text + "/c"));
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "a/";
  EXPECT_FALSE(Glob("**/a/**/a/**/a/**/a/**/a/**/b/**/c").matches(deep + "c"));
  EXPECT_TRUE(Glob("**/a/**/a/**/a/**/a/**/a/**/c").matches(deep + "c"));
}

/// The definition, spelled out and slow.
bool matches_by_definition(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern.starts_with("**/")) {
    if (matches_by_definition(pattern.substr(3), path)) return true;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] == '/' && matches_by_definition(pattern.substr(3), path.substr(i + 1))) {
        return true;
      }
    }
    return false;
  }
  if (pattern.front() == '*') {
    const bool two = pattern.starts_with("**");
    const std::string_view rest = pattern.substr(two ? 2 : 1);
    for (std::size_t i = 0; i <= path.size(); ++i) {
      if (matches_by_definition(rest, path.substr(i))) return true;
      if (i < path.size() && path[i] == '/' && !two) return false;
    }
    return false;
  }
  if (path.empty()) return false;
  const bool one = pattern.front() == '?' ? path.front() != '/' : path.front() == pattern.front();
  return one && matches_by_definition(pattern.substr(1), path.substr(1));
}

TEST(Glob, AgreesWithItsDefinitionOnRandomPatterns) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"a", "b", "/", "*", "?", "/**/", "ab"};
  int matched = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string pattern = "a/";  // so that a leading piece never makes it a base name
    std::string path = "a/";
    for (auto n = random() % 6; n > 0; --n) pattern += pieces[random() % pieces.size()];
    for (auto n = random() % 9; n > 0; --n) path += "ab/"[random() % 3];
    // Left to the tables: what several stars in a row or a final slash mean.
    if (pattern.find("***") != std::string::npos || pattern.ends_with('/')) continue;
    std::size_t stars = pattern.find("**");
    bool plain = true;
    for (; stars != std::string::npos; stars = pattern.find("**", stars + 2)) {
      plain = plain && pattern[stars - 1] == '/';
    }
    if (!plain) continue;
    const bool expected = matches_by_definition(pattern, path);
    matched += expected ? 1 : 0;
    ASSERT_EQ(Glob(pattern).matches(path), expected) << pattern << " on " << path;
  }
  EXPECT_GT(matched, 500);
}

}  // namespace
}  // namespace callslip
