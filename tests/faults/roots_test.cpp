// Roots that go away, come back, have equal names; removing documents; indexes one may only read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/callslip_binary.h"

namespace callslip::testing_support {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(RootFault, ARemovedRootDeletesNothing) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  shelf.refresh();
  fs::rename(shelf.root(), shelf / "elsewhere");
  const Outcome outcome = shelf.run({"index", shelf.root()});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(outcome.err, HasSubstr(shelf.root()));
  EXPECT_EQ(Counts(outcome).removed, 0);
  EXPECT_EQ(Counts(outcome).warnings, 1);
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
  EXPECT_THAT(shelf.found("heron"), ElementsAre("docs/a.md"));
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root(), "--strict"}), 1));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
}

TEST(RootFault, AnUnreadableRootDeletesNothing) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  fs::permissions(shelf.scratch().path(), fs::perms(0777));
  ProcessOptions nobody;
  nobody.as_nobody = ::geteuid() == 0;
  ASSERT_TRUE(exited(shelf.run({"index", shelf.root()}, nobody), 0));
  fs::permissions(shelf.root(), fs::perms::none);
  const Outcome outcome = shelf.run({"index", shelf.root()}, nobody);
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(outcome.err, HasSubstr("Permission denied"));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
  EXPECT_TRUE(exited(shelf.run({"index", shelf.root(), "--strict"}, nobody), 1));
  fs::permissions(shelf.root(), fs::perms(0755));
}

TEST(RootFault, AServerStartsWithoutTheRootItHadIndexed) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  shelf.refresh();
  fs::rename(shelf.root(), shelf / "elsewhere");
  ProcessOptions options;
  options.keep_input = true;
  options.environment = {"XDG_DATA_HOME=" + (shelf / "data")};
  for (const bool own_index : {false, true}) {
    std::vector<std::string> line{"serve", shelf.root(), "--stdio"};
    if (!own_index) line.insert(line.end(), {"--index", shelf.index()});
    Process server(callslip_command(line), options);
    server.send_line(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{)"
                     R"("name":"doc_search","arguments":{"query":"heron"}}})");
    const auto reply = server.read_line();
    EXPECT_TRUE(reply.has_value()) << server.wait().describe();
    if (reply && !own_index) {
      EXPECT_THAT(*reply, HasSubstr("docs/a.md"));
    }
    EXPECT_TRUE(server.wait_for_err(shelf.root()).has_value()) << "no warning";
    server.close_input();
    EXPECT_TRUE(exited(server.wait(), 0));
  }
}

TEST(RootFault, EqualNamesGetNumbersThatStay) {
  const Shelf shelf;
  for (const char* owner : {"ann", "bob", "eve"}) {
    shelf.scratch().write(std::string(owner) + "/notes/a.md", std::string(owner) + " heron\n");
  }
  ASSERT_TRUE(exited(shelf.run({"index", shelf / "ann/notes", shelf / "bob/notes"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("notes-2/a.md", "notes/a.md"));
  EXPECT_THAT(shelf.found("bob"), Contains("notes-2/a.md"));
  // The other way round: nothing moves.
  ASSERT_TRUE(exited(shelf.run({"index", shelf / "bob/notes", shelf / "ann/notes"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("notes-2/a.md", "notes/a.md"));
  // What was removed leaves its number behind.
  ASSERT_TRUE(exited(shelf.run({"remove", "notes-2/"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("notes/a.md"));
  ASSERT_TRUE(exited(shelf.run({"index", shelf / "eve/notes"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("notes-3/a.md", "notes/a.md"));
  ASSERT_TRUE(exited(shelf.run({"index", shelf / "bob/notes"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("notes-2/a.md", "notes-3/a.md", "notes/a.md"));
}

TEST(RootFault, FilesOfEqualNameAreTwoDocuments) {
  const Shelf shelf;
  const std::string one = shelf.scratch().write("one/readme.md", "one heron\n");
  const std::string two = shelf.scratch().write("two/readme.md", "two herons\n");
  ASSERT_TRUE(exited(shelf.run({"index", one, two}), 0));
  EXPECT_EQ(shelf.names().size(), 2U);
  ASSERT_TRUE(exited(shelf.run({"index", two, one}), 0));
  EXPECT_EQ(shelf.names().size(), 2U);
}

TEST(RootFault, TheSameFolderGivenTwiceIsOneRoot) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  const Outcome outcome = shelf.run({"index", shelf.root(), shelf.root() + "/", shelf / "docs/."});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
}

TEST(RemoveFault, TakesOutWhatThePatternNamesAndKeepsItOut) {
  const Shelf shelf;
  shelf.write("a.md", "a heron\n");
  shelf.write("b.md", "b heron\n");
  shelf.write("sub/c.md", "c heron\n");
  shelf.write("corpus.jsonl",
              "{\"_id\":\"x\",\"text\":\"x heron\"}\n{\"_id\":\"y\",\"text\":\"y\"}\n");
  shelf.refresh();
  EXPECT_TRUE(exited(shelf.run({"remove", "docs/b.md"}), 0));
  EXPECT_THAT(shelf.names(), Not(Contains("docs/b.md")));
  EXPECT_THAT(shelf.found("heron"), Not(Contains("docs/b.md")));
  shelf.refresh();
  EXPECT_THAT(shelf.names(), Not(Contains("docs/b.md"))) << "the unchanged file came back";
  shelf.write("b.md", "b heron, changed\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), Contains("docs/b.md"));
  EXPECT_TRUE(exited(shelf.run({"remove", "docs/sub/"}), 0));
  EXPECT_TRUE(exited(shelf.run({"remove", "docs/corpus.jsonl#x"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md", "docs/b.md", "docs/corpus.jsonl#y"));
  EXPECT_TRUE(refused(shelf.run({"remove", "docs/aa.md"}), {"docs/a.md"})) << "the nearest name";
  EXPECT_TRUE(exited(shelf.run({"remove", "**"}), 0));
  EXPECT_THAT(shelf.names(), IsEmpty());
  EXPECT_TRUE(exited(shelf.run({"search", "heron"}), 0));
}

TEST(RemoveFault, ForgetsARootOfWhichNothingIsLeft) {
  const Shelf shelf;
  const ScratchDirectory& scratch = shelf.scratch();
  scratch.write("c#/a.md", "a heron\n");
  scratch.write("c#/set.jsonl", "{\"_id\":\"x\",\"text\":\"x heron\"}\n");
  scratch.write("c/b.md", "b heron\n");
  scratch.write("corpus.jsonl",
                "{\"_id\":\"p/q\",\"text\":\"p heron\"}\n{\"_id\":\"r\",\"text\":\"r\"}\n");
  const std::vector<std::string> index{"index", shelf / "c#", shelf / "c", shelf / "corpus.jsonl"};
  const auto everything =
      ElementsAre("c#/a.md", "c#/set.jsonl#x", "c/b.md", "corpus.jsonl#p/q", "corpus.jsonl#r");
  ASSERT_TRUE(exited(shelf.run(index), 0));
  ASSERT_THAT(shelf.names(), everything);

  ASSERT_TRUE(exited(shelf.run({"remove", "c"}), 0));
  EXPECT_THAT(shelf.names(), Not(Contains("c/b.md")));
  EXPECT_THAT(shelf.names(), Contains("c#/a.md")) << "another folder";
  ASSERT_TRUE(exited(shelf.run({"remove", "corpus.jsonl#p/q"}), 0));
  ASSERT_TRUE(exited(shelf.run({"remove", "c#"}), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("corpus.jsonl#r"));
  // A root that is given again is a new one. What was taken out of one that stayed is not back.
  ASSERT_TRUE(exited(shelf.run(index), 0));
  EXPECT_THAT(shelf.names(), ElementsAre("c#/a.md", "c#/set.jsonl#x", "c/b.md", "corpus.jsonl#r"));
  ASSERT_TRUE(exited(shelf.run({"remove", "corpus.jsonl"}), 0));
  ASSERT_TRUE(exited(shelf.run(index), 0));
  EXPECT_THAT(shelf.names(), everything);
}

TEST(ReadOnlyIndexFault, CanBeSearchedAndReadAndServed) {
  const Shelf shelf;
  for (int i = 0; i < 30; ++i) {
    shelf.write("a" + std::to_string(i) + ".md", std::string(3000, 'x') + " a heron stands.\n");
  }
  shelf.refresh();
  ScratchDirectory::run("chmod -R a-w,a+rX '" + shelf.index() + "'");
  ProcessOptions nobody;
  nobody.as_nobody = ::geteuid() == 0;
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"search", "heron"},
        {"read", "where does the heron stand?", "--max-tokens", "100"},
        {"read", "where does the heron stand?", "--effort", "exhaustive"},
        {"list"},
        {"status"}}) {
    EXPECT_TRUE(exited(shelf.run(line, nobody), 0)) << line[0];
  }
  EXPECT_TRUE(
      refused(shelf.run({"index", shelf.root()}, nobody), {shelf.index(), "Permission denied"}));
  EXPECT_TRUE(refused(shelf.run({"remove", "docs/a1.md"}, nobody), {"Permission denied"}));
  nobody.keep_input = true;
  Process server(callslip_command({"serve", "--stdio", "--index", shelf.index()}), nobody);
  server.send_line(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{)"
                   R"("name":"doc_search","arguments":{"query":"heron"}}})");
  EXPECT_THAT(server.read_line().value_or(""), HasSubstr("\"isError\":false"));
  server.close_input();
  EXPECT_TRUE(exited(server.wait(), 0));
}

}  // namespace
}  // namespace callslip::testing_support
