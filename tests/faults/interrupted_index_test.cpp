// SIGKILL in the middle of `index`: the last commit stays, and running it again finishes the work.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/support/callslip_binary.h"
#include "tests/support/document_tree.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;

/// What `list` or `search` says, without what differs between two indexes of the same tree.
json comparable(json answer, const std::string& list) {
  json items = answer.at(list);
  for (json& item : items) {
    if (item.contains("score")) item["score"] = std::round(item.at("score").get<double>() * 1e6);
  }
  std::sort(items.begin(), items.end(),
            [](const json& a, const json& b) { return a.dump() < b.dump(); });
  return {{"items", items},
          {"documents", answer.at("index").at("documents")},
          {"chunks", answer.at("index").at("chunks")}};
}

void expect_equal_to_a_fresh_index(const Shelf& shelf) {
  const std::string fresh = shelf / "fresh";
  std::filesystem::remove_all(fresh);
  ASSERT_TRUE(exited(run_callslip({"index", shelf.root(), "--index", fresh}), 0));
  const std::vector<std::pair<std::string, std::vector<std::string>>> questions{
      {"documents", {"list", "--limit", "100000", "--max-tokens", "1000000"}},
      // Within 200, so that equal scores at the end of the list cannot differ.
      {"chunks",
       {"search", "word7 word77", "--ranked", "--limit", "200", "--detail", "ids", "--max-tokens",
        "1000000"}}};
  for (const auto& [list, question] : questions) {
    std::vector<std::string> other = question;
    other.insert(other.end(), {"--json", "--index", fresh});
    const Outcome outcome = run_callslip(other);
    ASSERT_TRUE(exited(outcome, 0));
    EXPECT_EQ(comparable(shelf.ask(question), list), comparable(json::parse(outcome.out), list));
  }
}

TEST(InterruptedIndex, KilledAtAnyMomentItKeepsTheLastCommit) {
  constexpr int kills = 60;
  const Shelf shelf;
  DocumentTree tree(shelf.root(), 1, 250);
  const auto start = std::chrono::steady_clock::now();
  shelf.refresh();
  const auto whole = std::chrono::steady_clock::now() - start;

  std::mt19937 random(2);
  Texts committed = tree.texts();
  int killed = 0;
  int advanced = 0;
  std::chrono::nanoseconds span = whole;
  for (int i = 0; i < kills * 3 && killed < kills; ++i) {
    tree.change(20);
    Process process(callslip_command({"index", shelf.root(), "--index", shelf.index()}));
    std::this_thread::sleep_for(span * (random() % 1000) / 1000);
    process.signal(SIGKILL);
    const Outcome& outcome = process.wait();
    if (outcome.signal == SIGKILL) ++killed;
    // Aim at where the work is, on whatever machine this is.
    if (outcome.exit_code == 0)
      span = span * 9 / 10;
    else
      span = span * 41 / 40;

    Texts held = texts_in(shelf.index(), "docs");
    if (held == tree.texts()) {
      committed = tree.texts();
      ++advanced;
    }
    ASSERT_EQ(held.size(), committed.size()) << "after " << i << ": " << held[""];
    ASSERT_TRUE(held == committed) << "neither the old commit nor the new one, after " << i;
    const Outcome search = shelf.run({"search", "heron", "--ranked", "--limit", "1"});
    ASSERT_TRUE(exited(search, 0)) << i;
    ASSERT_THAT(search.out, ::testing::HasSubstr("heron")) << i;
  }
  EXPECT_GE(killed, 50);
  RecordProperty("advanced", advanced);

  tree.change(1);  // a run without a change commits nothing, and so sweeps nothing
  const Outcome last = shelf.refresh();
  EXPECT_TRUE(texts_in(shelf.index(), "docs") == tree.texts()) << last.describe();
  expect_equal_to_a_fresh_index(shelf);
  // Nothing of the killed stays.
  EXPECT_TRUE(std::filesystem::is_empty(shelf.index() + "/scratch"));
  std::size_t temporary = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shelf.index())) {
    temporary += entry.path().extension() == ".tmp" ? 1 : 0;
  }
  EXPECT_EQ(temporary, 0U) << "temporary files of killed processes";
}

TEST(InterruptedIndex, KilledDuringItsFirstRunItLeavesNothingOrAll) {
  std::mt19937 random(3);
  const Shelf shelf;
  const DocumentTree tree(shelf.root(), 4, 100);
  for (int i = 0; i < 12; ++i) {
    std::filesystem::remove_all(shelf.index());
    Process process(callslip_command({"index", shelf.root(), "--index", shelf.index()}));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000));
    process.signal(SIGKILL);
    process.wait();
    const Outcome search = shelf.run({"search", "heron"});
    EXPECT_TRUE(ended_by_itself(search));
    if (search.exit_code != 0) {
      EXPECT_TRUE(refused(search, {"no index at"}));
    }
  }
  shelf.refresh();
  EXPECT_TRUE(texts_in(shelf.index(), "docs") == tree.texts());
}

TEST(InterruptedIndex, ASignalStopsItAndTheLastCommitStays) {
  const Shelf shelf;
  DocumentTree tree(shelf.root(), 5, 200);
  shelf.refresh();
  const Texts committed = tree.texts();
  for (const int signal : {SIGTERM, SIGINT}) {
    tree.change(60);
    Process process(callslip_command({"index", shelf.root(), "--index", shelf.index()}));
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    process.signal(signal);
    const Outcome& outcome = process.wait();
    // A signal in the first instants, before anything watches for it, may end it at once.
    if (outcome.signal != signal) {
      EXPECT_TRUE(ended_by_itself(outcome));
    }
    const Texts held = texts_in(shelf.index(), "docs");
    EXPECT_TRUE(held == tree.texts() || held == committed);
    shelf.refresh();
    break;
  }
  EXPECT_TRUE(texts_in(shelf.index(), "docs") == tree.texts());
}

}  // namespace
}  // namespace callslip::testing_support
