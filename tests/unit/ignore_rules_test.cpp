#include "index/files/ignore_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scratch_directory.h"

namespace callslip {
namespace {

constexpr std::string_view odd_bytes{"a\0b\n*.c\n", 8};

struct Case {
  std::string_view rules;
  std::string_view path;  // with a final slash: a directory
};

/// What a walk would do that has entered the directory of the first `from` bytes: no way into an
/// ignored directory.
bool ignored(const IgnoreStack& stack, std::string_view path, std::size_t from = 0) {
  const bool directory = path.ends_with('/');
  if (directory) path.remove_suffix(1);
  for (std::size_t end = path.find('/', from); end != std::string_view::npos;
       end = path.find('/', end + 1)) {
    if (stack.match(path.substr(0, end), true).ignored()) return true;
  }
  return stack.match(path, directory).ignored();
}

bool ignored(std::string_view rules, std::string_view path) {
  IgnoreStack stack;
  stack.push(0, IgnoreRules::parse(rules, ".gitignore"));
  return ignored(stack, path);
}

/// Asks git about many cases at once: each is a directory of its own in one repository.
class Oracle {
 public:
  Oracle() { directory_.git("init -q"); }

  /// The name of the directory of a new case.
  std::string add_case(std::string_view rules) {
    std::string name = "case" + std::to_string(cases_++);
    directory_.write(name + "/.gitignore", rules);
    return name;
  }
  void write(const std::string& path, std::string_view bytes) { directory_.write(path, bytes); }
  void ask(const std::string& name, std::string_view path) {
    // Directories must exist for git to know what they are; files need not.
    const bool directory = path.ends_with('/');
    if (directory) path.remove_suffix(1);
    const std::string full = name + "/" + std::string(path);
    if (directory) directory_.make_directory(full);
    questions_ += full + '\0';
  }
  /// The paths, as asked but without a final slash, that git ignores.
  std::set<std::string> answers() {
    directory_.write("questions", questions_);
    const std::string out = directory_.git("check-ignore --no-index -z --stdin <'" +
                                           (directory_ / "questions") + "' || test $? = 1");
    std::set<std::string> result;
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t end = out.find('\0', at);
      result.insert(out.substr(at, end - at));
      at = end + 1;
    }
    return result;
  }

 private:
  ScratchDirectory directory_;
  int cases_ = 0;
  std::string questions_;
};

std::string without_final_slash(std::string_view path) {
  return std::string(path.substr(0, path.size() - (path.ends_with('/') ? 1 : 0)));
}

const std::vector<Case>& table() {
  static const std::vector<Case> cases = {{"foo", "foo"},
                                          {"foo", "a/b/foo"},
                                          {"foo", "foobar"},
                                          {"foo", "foo/bar"},
                                          {"/foo", "foo"},
                                          {"/foo", "a/foo"},
                                          {"a/foo", "a/foo"},
                                          {"a/foo", "b/a/foo"},
                                          {"foo/", "foo"},
                                          {"foo/", "foo/"},
                                          {"foo/", "a/foo/"},
                                          {"foo/", "foo/x"},
                                          {"a/foo/", "a/foo/"},
                                          {"a/foo/", "b/a/foo/"},
                                          {"foo//", "foo/"},
                                          {"/", "foo"},
                                          {"//foo", "foo"},
                                          {"!", "!"},
                                          // Wildcards.
                                          {"*.o", "x.o"},
                                          {"*.o", "a/x.o"},
                                          {"*.o", "x.o.c"},
                                          {"*.o", ".o"},
                                          {"a/*.o", "a/x.o"},
                                          {"a/*.o", "a/b/x.o"},
                                          {"f?o", "fxo"},
                                          {"f?o", "féo"},
                                          {"a/f?o", "a/f/o"},
                                          {"*", "a"},
                                          {"*/", "a"},
                                          {"*/", "a/"},
                                          {"/*", "a/b"},
                                          {"/*/x", "a/x"},
                                          {"/*/x", "a/b/x"},
                                          {"f*b*r", "foobar"},
                                          {"x/*", "x"},
                                          {"x/*", "x/y/z"},
                                          // Two stars.
                                          {"**/foo", "foo"},
                                          {"**/foo", "a/b/foo"},
                                          {"**/a/foo", "x/a/foo"},
                                          {"a/**", "a"},
                                          {"a/**", "a/b"},
                                          {"a/**", "a/b/c"},
                                          {"a/**/b", "a/b"},
                                          {"a/**/b", "a/x/y/b"},
                                          {"a/**/b", "a/xb"},
                                          {"a**b", "axyb"},
                                          {"x/a**b", "x/a/b"},
                                          {"foo**/bar", "foo/x/bar"},
                                          {"foo**/bar", "foobar"},
                                          {"foo**/bar", "fooz/bar"},
                                          {"f[o]o**/bar", "foo/x/bar"},
                                          {"f[o]o**/bar", "fooz/bar"},
                                          {"x/foo**", "x/foo/y"},
                                          {"**", "a/b"},
                                          {"**/", "a"},
                                          {"**/", "a/"},
                                          {"***/foo", "a/b/foo"},
                                          {"a/***", "a/b"},
                                          {"/**/foo", "foo"},
                                          {"a/**/**/b", "a/b"},
                                          {"**\\/foo", "a/foo"},
                                          {"a/**\\/b", "a/x/b"},
                                          {"a/**\\/b", "a/b"},
                                          {"**foo", "a/xfoo"},
                                          {"a/**foo", "a/b/foo"},
                                          {"a/**foo", "a/xfoo"},
                                          // Classes.
                                          {"[ab]", "a"},
                                          {"[ab]", "c"},
                                          {"[!ab]", "c"},
                                          {"[^ab]", "a"},
                                          {"[a-c]x", "bx"},
                                          {"[c-a]", "b"},
                                          {"[]a]", "]"},
                                          {"[!]a]", "]"},
                                          {"[a-]", "-"},
                                          {"[-a]", "-"},
                                          {"[a-c-e]", "d"},
                                          {"[a-c-e]", "-"},
                                          {"[--0]", "0"},
                                          {"[--0]", "1"},
                                          {"[a--]", "a"},
                                          {"[\\]]", "]"},
                                          {"[\\a-c]", "b"},
                                          {"[a", "[a"},
                                          {"[a", "a"},
                                          {"a[", "a["},
                                          {"[[:alpha:]]", "x"},
                                          {"[[:alpha:]]", "1"},
                                          {"[[:digit:][:upper:]]", "Q"},
                                          {"[[:nope:]]", "n"},
                                          {"[[:]", ":"},
                                          {"[[:]", "["},
                                          {"[[::]]", ":"},
                                          {"[[:alpha:", "x"},
                                          {"[[:space:]]x", "\tx"},
                                          {"[[:punct:]]", "~"},
                                          {"a[/]b", "a/b"},
                                          {"x/a[!z]b", "x/a/b"},
                                          {"[!a]", "\xFF"},
                                          {"[é]", "é"},
                                          {"é", "é"},
                                          // Escapes, comments, ends of lines.
                                          {"\\#a", "#a"},
                                          {"#a", "#a"},
                                          {" #a", " #a"},
                                          {"\\!a", "!a"},
                                          {"\\*", "*"},
                                          {"\\*", "x"},
                                          {"a\\", "a\\"},
                                          {"a\\", "a"},
                                          {"\\a", "a"},
                                          {"a\\/", "a/"},
                                          {"a\\/b", "a/b"},
                                          {"a\\\\b", "a\\b"},
                                          {"a ", "a"},
                                          {"a ", "a "},
                                          {"a\\ ", "a "},
                                          {"a\\  ", "a "},
                                          {"a b ", "a b"},
                                          {"a\t", "a"},
                                          {"a\t", "a\t"},
                                          {"a\\\\ ", "a\\"},
                                          {"   ", "   "},
                                          {" a", " a"},
                                          {"a/ ", "a/"},
                                          {"a\r\nb\r\n", "a"},
                                          {"a\r\nb\r\n", "b"},
                                          {"a\r", "a"},
                                          {"a \r\n", "a"},
                                          {"\r\n\r\na", "a"},
                                          {"a\rb", "a\rb"},
                                          {"\xEF\xBB\xBF*.o", "x.o"},
                                          {"\xEF\xBB\xBF# c\na", "a"},
                                          {"\n\n\na\n", "a"},
                                          {odd_bytes, "a"},
                                          {odd_bytes, "x.c"},
                                          {"a\\ b", "a b"},
                                          // Order and negation.
                                          {"*.o\n!x.o", "x.o"},
                                          {"!x.o\n*.o", "x.o"},
                                          {"*.o\n!x.o\nx.o", "x.o"},
                                          {"a/\n!a/b", "a/b"},
                                          {"a/*\n!a/b", "a/b"},
                                          {"a/*\n!a/b", "a/c"},
                                          {"*\n!*/\n!*.c", "a/b/x.c"},
                                          {"*\n!*/\n!*.c", "a/b/x.h"},
                                          {"*\n!*.c", "a/x.c"},
                                          {"/*\n!/a", "a/x"},
                                          {"/*\n!/a", "b/x"},
                                          {"!!a\n!a", "!a"},
                                          {"a\n!a/", "a"},
                                          {"a\n!a/", "a/"},
                                          {"**/x\n!/y/x", "y/x"},
                                          {"!#a\n#a", "#a"},
                                          {"*\n!/a/**", "a/b"},
                                          {"a/**\n!a/**/\n!a/**/*.c", "a/b/x.c"}};
  return cases;
}

TEST(IgnoreRules, AgreesWithGitOnATableOfCases) {
  if (!ScratchDirectory::has_git()) GTEST_SKIP() << "git is not installed";
  Oracle git;
  std::vector<std::string> questions;
  for (const Case& c : table()) {
    const std::string name = git.add_case(c.rules);
    git.ask(name, c.path);
    questions.push_back(name + "/" + without_final_slash(c.path));
  }
  const std::set<std::string> answers = git.answers();
  EXPECT_GT(answers.size(), table().size() / 4);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Case& c = table()[i];
    EXPECT_EQ(ignored(c.rules, c.path), answers.contains(questions[i]))
        << "rules: " << c.rules << "\npath: " << c.path;
  }
}

TEST(IgnoreRules, AgreesWithGitOnRandomRules) {
  if (!ScratchDirectory::has_git()) GTEST_SKIP() << "git is not installed";
  const std::vector<std::string> pieces = {"a",   "b",   "c", "ab",   "/",    "/",     "*",   "**",
                                           "**/", "/**", "?", "[ab]", "[!a]", "[a-c]", "\\",  "!",
                                           " ",   ".",   "#", "[",    "]",    "-",     "\\ ", "a/"};
  const std::vector<std::string> paths = {
      "a",     "b/",     "c",       "ab",  "a/b",  "b/a/",     "b/a/c", "b/a/a",
      "b/c.a", "b/b/a/", "b/b/a/b", "c/a", "ab/c", "b/a/c/d",  "a b",   "b/b/b",
      "b/b/c", "b/ab",   "a\\b",    "abc", "b/b/", "b/b/a/ab/"};
  std::mt19937 random(20240229);
  const auto some_rules = [&] {
    std::string rules;
    for (auto lines = 1 + random() % 3; lines > 0; --lines) {
      if (random() % 4 == 0) rules += '!';
      for (auto n = 1 + random() % 5; n > 0; --n) rules += pieces[random() % pieces.size()];
      rules += '\n';
    }
    return rules;
  };
  struct Trial {
    std::string rules;
    std::string inner;  // those of b/
    std::string name;
  };
  Oracle git;
  std::vector<Trial> trials;
  for (int i = 0; i < 120; ++i) {
    Trial trial{some_rules(), random() % 2 == 0 ? some_rules() : "", ""};
    trial.name = git.add_case(trial.rules);
    git.write(trial.name + "/b/.gitignore", trial.inner);
    // git looks whether the path is a directory, so no path may be one in one question only.
    for (const std::string& path : paths) {
      if (path.ends_with('/')) git.ask(trial.name, path);
    }
    for (const std::string& path : paths) {
      if (!path.ends_with('/')) git.ask(trial.name, path);
    }
    trials.push_back(std::move(trial));
  }
  const std::set<std::string> answers = git.answers();
  EXPECT_GT(answers.size(), trials.size() * paths.size() / 10);
  EXPECT_LT(answers.size(), trials.size() * paths.size() * 9 / 10);
  for (const Trial& trial : trials) {
    IgnoreStack outer;
    outer.push(0, IgnoreRules::parse(trial.rules, ".gitignore"));
    IgnoreStack inner = outer;
    inner.push(2, IgnoreRules::parse(trial.inner, "b/.gitignore"));
    for (const std::string& path : paths) {
      const bool below = path.starts_with("b/") && path != "b/";
      const bool ours =
          below ? ignored(outer, "b/") || ignored(inner, path, 2) : ignored(outer, path);
      ASSERT_EQ(ours, answers.contains(trial.name + "/" + without_final_slash(path)))
          << "rules:\n"
          << trial.rules << "rules of b/:\n"
          << trial.inner << "path: " << path;
    }
  }
}

TEST(IgnoreRules, NamesTheRuleThatDecided) {
  const IgnoreRules rules = IgnoreRules::parse("# objects\n*.o\n!keep.o\r\n", "src/.gitignore");
  const IgnoreRule* rule = rules.match("a/x.o", false);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->line, 2U);
  EXPECT_EQ(rule->text, "*.o");
  rule = rules.match("keep.o", false);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->line, 3U);
  EXPECT_EQ(rule->text, "!keep.o");
  EXPECT_TRUE(rule->negated);
  EXPECT_EQ(rules.match("x.c", false), nullptr);
  EXPECT_EQ(rules.source(), "src/.gitignore");
}

TEST(IgnoreRules, WithoutRulesNothingIsIgnored) {
  EXPECT_TRUE(IgnoreRules::parse("", "x").empty());
  EXPECT_TRUE(IgnoreRules::parse("# only\n\n   \n/\n", "x").empty());
}

TEST(IgnoreStack, DeeperRulesWin) {
  IgnoreStack stack;
  stack.push(0, IgnoreRules::parse("*.log\n", "outer"));
  stack.push(4, IgnoreRules::parse("!important.log\n/x\n", "inner"));
  EXPECT_TRUE(stack.match("sub/a.log", false).ignored());
  EXPECT_FALSE(stack.match("sub/important.log", false).ignored());
  EXPECT_TRUE(stack.match("sub/important.log", false).decided());
  EXPECT_TRUE(stack.match("sub/x", false).ignored());
  EXPECT_EQ(stack.match("sub/x", false).rules->source(), "inner");
  stack.shrink(1);
  EXPECT_TRUE(stack.match("sub/important.log", false).ignored());
  EXPECT_FALSE(stack.match("sub/x", false).decided());
}

TEST(IgnoreStack, BarrierHidesOuterRules) {
  IgnoreStack stack;
  stack.push(0, IgnoreRules::parse("*.log\n", "outer"));
  stack.push_barrier();
  EXPECT_FALSE(stack.match("sub/a.log", false).decided());
  stack.push(4, IgnoreRules::parse("*.o\n", "inner"));
  EXPECT_TRUE(stack.match("sub/a.o", false).ignored());
  stack.shrink(1);
  EXPECT_TRUE(stack.match("sub/a.log", false).ignored());
}

}  // namespace
}  // namespace callslip
