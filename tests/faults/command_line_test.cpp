// Wrong command lines, and the three places where a setting can stand.

#include <gtest/gtest.h>

#include "tests/support/callslip_binary.h"

namespace callslip::testing_support {
namespace {

const std::vector<std::string>& commands() {
  static const std::vector<std::string> all{"serve", "index",  "search", "read",
                                            "list",  "status", "remove", "connect"};
  return all;
}

TEST(CommandLineFault, HelpAndVersionAreEverywhere) {
  for (const std::string flag : {"--help", "--version"}) {
    const Outcome plain = run_callslip({flag});
    EXPECT_TRUE(exited(plain, 0));
    EXPECT_NE(plain.out, "");
    EXPECT_EQ(plain.err, "");
    for (const std::string& command : commands()) {
      const Outcome outcome = run_callslip({command, flag});
      EXPECT_TRUE(exited(outcome, 0)) << command;
      EXPECT_NE(outcome.out, "") << command;
      EXPECT_EQ(outcome.err, "") << command;
    }
  }
}

TEST(CommandLineFault, UnknownFlagsAreNamed) {
  for (const std::string& command : commands()) {
    EXPECT_TRUE(refused(run_callslip({command, "--frobnicate", "x"}), {"frobnicate", "--help"}, 2))
        << command;
  }
  EXPECT_TRUE(refused(run_callslip({"index", "--operand", "/nonexistent"}), {"operand"}, 2));
  EXPECT_TRUE(refused(run_callslip({"search", "--lim", "3", "x"}), {"lim"}, 2))
      << "an abbreviation that a later flag would make ambiguous";
}

TEST(CommandLineFault, UnknownCommandsAndFrontEndsAreNamed) {
  EXPECT_TRUE(refused(run_callslip({"frobnicate"}), {"frobnicate", "--help"}, 2));
  const Outcome connect = run_callslip({"connect", "no-such-editor"});
  EXPECT_TRUE(ended_by_itself(connect));
  EXPECT_NE(connect.exit_code, 0) << connect.describe();
  EXPECT_NE(connect.err.find("no-such-editor"), std::string::npos) << connect.describe();
}

TEST(CommandLineFault, WhatAFrontEndCannotBeToldIsSaid) {
  const ScratchDirectory scratch;
  scratch.make_directory("my papers");
  const std::string papers = scratch / "my papers";
  const Outcome plain = run_callslip({"connect", "librechat"});
  EXPECT_TRUE(exited(plain, 0));
  EXPECT_EQ(plain.err.find("Note:"), std::string::npos) << plain.describe();
  for (const std::string name : {"librechat", "claude-code-ws"}) {
    const Outcome running =
        run_callslip({"connect", name, "--path", papers, "--index", scratch / "index"});
    EXPECT_TRUE(exited(running, 0));
    EXPECT_EQ(running.out.find("my papers"), std::string::npos) << running.describe();
    EXPECT_NE(running.err.find("callslip serve --listen 127.0.0.1:8137 --index " +
                               (scratch / "index") + " '" + papers + "'\n"),
              std::string::npos)
        << running.describe();
  }
  const Outcome own = run_callslip({"connect", "cursor", "--path", papers});
  EXPECT_NE(own.out.find(papers), std::string::npos) << own.describe();
  EXPECT_EQ(own.err.find("Note:"), std::string::npos) << own.describe();
  const Outcome deaf = run_callslip({"connect", "cursor", "--listen", "127.0.0.1:9000"});
  EXPECT_NE(deaf.err.find("--listen and --url are not used"), std::string::npos) << deaf.describe();
}

TEST(CommandLineFault, MissingOperandsAreNamed) {
  EXPECT_TRUE(refused(run_callslip({"index"}), {"PATH"}, 2));
  EXPECT_TRUE(refused(run_callslip({"search"}), {"QUERY"}, 2));
  EXPECT_TRUE(refused(run_callslip({"remove"}), {"PATTERN"}, 2));
  EXPECT_EQ(run_callslip({"read"}).exit_code, 2) << "neither a question nor chunks nor a cursor";
  EXPECT_EQ(run_callslip({"connect", "a", "b"}).exit_code, 2);
  EXPECT_EQ(run_callslip({"status", "what"}).exit_code, 2);
}

TEST(CommandLineFault, ValuesThatMakeNoSenseAreNamed) {
  const std::vector<std::vector<std::string>> lines{
      {"search", "x", "--limit", "many"},
      {"search", "x", "--limit=-5"},
      {"search", "x", "--max-tokens=-1"},
      {"search", "x", "--detail", "some"},
      {"search", "x", "--limit"},
      {"read", "x", "--effort", "heroic"},
      {"read", "x", "--deadline", "soon"},
      {"read", "x", "--deadline=-1"},
      {"read", "x", "--before=-1"},
      {"read", "x", "--reader-url", "http://127.0.0.1:1/v1"},
      {"index", "/nonexistent", "--max-file-size", "big"},
      {"index", "/nonexistent", "--max-file-size", "nan"},
      {"index", "/nonexistent", "--max-file-size=-1"},
      {"index", "/nonexistent", "--chunk-tokens", "1"},
      {"index", "/nonexistent", "--chunk-tokens=-64"},
      {"index", "/nonexistent", "--threads=-1"},
      {"serve", "--workers=-1"},
      {"serve", "--max-connections=-1"},
  };
  for (const std::vector<std::string>& line : lines) {
    const Shelf shelf;  // so that nothing but the value is wrong, and nothing of ours is touched
    const Outcome outcome = shelf.run(line);
    std::string flag = line.back().starts_with("--") ? line.back() : line[line.size() - 2];
    flag = flag.substr(2, flag.find('=') - 2);
    EXPECT_TRUE(refused(outcome, {flag}, 2)) << line[0] << " " << flag;
  }
}

TEST(CommandLineFault, AWrongListenAddressIsNamed) {
  const Shelf shelf;
  shelf.write("a.md");
  shelf.refresh();
  for (const std::string address : {"nonsense", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1"}) {
    EXPECT_TRUE(refused(shelf.run({"serve", "--listen", address}), {address}, 2)) << address;
  }
  const Outcome foreign = shelf.run({"serve", "--listen", "203.0.113.7:0"});
  EXPECT_TRUE(ended_by_itself(foreign));
  EXPECT_NE(foreign.exit_code, 0);
  EXPECT_NE(foreign.err.find("203.0.113.7"), std::string::npos) << foreign.describe();
}

class Precedence : public ::testing::Test {
 protected:
  Precedence() {
    for (int i = 0; i < 9; ++i) shelf_.write(std::to_string(i) + ".md", "a heron stands\n");
    shelf_.refresh();
  }

  /// How many chunks come: the --limit that was obeyed.
  std::size_t limit(std::vector<std::string> more, std::vector<std::string> environment = {}) {
    std::vector<std::string> arguments{"search", "heron", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ProcessOptions options;
    options.environment = std::move(environment);
    const Outcome outcome = run_callslip(arguments, options);
    EXPECT_TRUE(exited(outcome, 0));
    const auto answer = nlohmann::json::parse(outcome.out, nullptr, false);
    return answer.is_object() ? answer.at("chunks").size() : 0;
  }

  Shelf shelf_;
};

TEST_F(Precedence, CommandLineBeatsEnvironmentBeatsConfigurationFile) {
  const std::string file =
      shelf_.scratch().write("callslip.conf", "limit = 2\nindex = " + shelf_.index() + "\n");
  EXPECT_EQ(limit({"--config", file}), 2U);
  EXPECT_EQ(limit({"--config", file}, {"CALLSLIP_LIMIT=3"}), 3U);
  EXPECT_EQ(limit({"--config", file, "--limit", "4"}, {"CALLSLIP_LIMIT=3"}), 4U);
  EXPECT_EQ(limit({}, {"CALLSLIP_CONFIG=" + file}), 2U);
  EXPECT_EQ(limit({"--limit", "5"}, {"CALLSLIP_INDEX=" + shelf_.index()}), 5U);
}

TEST_F(Precedence, SwitchesStandInFileAndEnvironmentToo) {
  const std::string missing = shelf_ / "missing";
  const std::string file = shelf_.scratch().write("strict.conf", "strict = true\n");
  ProcessOptions strict;
  strict.environment = {"CALLSLIP_STRICT=1"};
  EXPECT_TRUE(exited(shelf_.run({"index", missing, shelf_.root()}), 0));
  EXPECT_TRUE(exited(shelf_.run({"index", missing, shelf_.root(), "--config", file}), 1));
  EXPECT_TRUE(exited(shelf_.run({"index", missing, shelf_.root()}, strict), 1));
}

TEST_F(Precedence, OptionsOfOtherCommandsMayStandInTheFile) {
  const std::string file = shelf_.scratch().write(
      "all.conf", "# ours\nlimit = 3\nlisten = 127.0.0.1:0\nchunk-tokens = 512\n");
  EXPECT_EQ(limit({"--config", file, "--index", shelf_.index()}), 3U);
}

TEST_F(Precedence, ABadConfigurationFileIsNamed) {
  EXPECT_TRUE(refused(shelf_.run({"list", "--config", shelf_ / "none.conf"}), {"none.conf"}, 2));
  const std::string misspelt = shelf_.scratch().write("bad.conf", "limmit = 3\n");
  EXPECT_TRUE(refused(shelf_.run({"list", "--config", misspelt}), {"limmit"}, 2));
  const std::string value = shelf_.scratch().write("value.conf", "limit = few\n");
  EXPECT_TRUE(refused(shelf_.run({"list", "--config", value}), {"limit"}, 2));
  const std::string noise = shelf_.scratch().write("noise.conf", std::string("\0\xff[[[\n=", 8));
  EXPECT_TRUE(refused(shelf_.run({"list", "--config", noise}), {}, 2));
  EXPECT_TRUE(refused(shelf_.run({"list", "--config", shelf_.root()}), {"docs"}, 2))
      << "a folder is not a file";
}

TEST_F(Precedence, ABadVariableIsNamed) {
  ProcessOptions options;
  options.environment = {"CALLSLIP_LIMIT=few"};
  EXPECT_TRUE(refused(shelf_.run({"list"}, options), {"limit"}, 2));
}

TEST(CommandLineFault, WithoutHomeTheCommandsStillRun) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  ProcessOptions options;
  options.environment = {"HOME", "XDG_DATA_HOME", "USER", "LOGNAME"};
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root()}, options), 0));
  EXPECT_TRUE(exited(shelf.run({"search", "heron"}, options), 0));
  // The default place is found without it, or its absence is said; nothing is written to see it.
  const Outcome list = run_callslip({"list"}, options);
  EXPECT_TRUE(ended_by_itself(list));
  if (list.exit_code != 0) {
    EXPECT_TRUE(refused(list, {}));
  }
}

TEST(CommandLineFault, TheDefaultIndexFollowsTheVariables) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  ProcessOptions options;
  options.environment = {"XDG_DATA_HOME=" + (shelf / "data")};
  EXPECT_TRUE(exited(run_callslip({"index", shelf.root()}, options), 0));
  EXPECT_TRUE(std::filesystem::exists(shelf / "data/callslip/default/manifest"));
  options.environment = {"XDG_DATA_HOME", "HOME=" + (shelf / "home")};
  EXPECT_TRUE(exited(run_callslip({"index", shelf.root()}, options), 0));
  EXPECT_TRUE(std::filesystem::exists(shelf / "home/.local/share/callslip/default/manifest"));
}

}  // namespace
}  // namespace callslip::testing_support
