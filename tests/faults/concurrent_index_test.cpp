// Several processes at one index: writers on equal and different roots, readers during commits.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/callslip_binary.h"
#include "tests/support/document_tree.h"

namespace callslip::testing_support {
namespace {

constexpr int writers = 3;

/// Both succeed, or one says that the index is locked.
void expect_done_or_locked(const Outcome& outcome) {
  EXPECT_TRUE(ended_by_itself(outcome));
  if (outcome.exit_code != 0) {
    EXPECT_TRUE(refused(outcome, {"another callslip is writing"}));
  }
}

TEST(ConcurrentIndex, WritersOnDifferentRootsAllSucceed) {
  const Shelf shelf;
  std::vector<DocumentTree> trees;
  for (int i = 0; i < writers; ++i) {
    trees.emplace_back(shelf / ("root" + std::to_string(i)), 10 + i, 40);
  }
  for (int round = 0; round < 8; ++round) {
    // Now and then from nothing: then they race to make it.
    if (round % 2 == 0) std::filesystem::remove_all(shelf.index());
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < writers; ++i) {
      processes.push_back(std::make_unique<Process>(callslip_command(
          {"index", shelf / ("root" + std::to_string(i)), "--index", shelf.index()})));
    }
    for (int i = 0; i < writers; ++i) {
      const Outcome& outcome = processes[static_cast<std::size_t>(i)]->wait();
      EXPECT_TRUE(exited(outcome, 0)) << "round " << round;
    }
    for (int i = 0; i < writers; ++i) {
      const auto held = texts_in(shelf.index(), "root" + std::to_string(i));
      EXPECT_TRUE(held == trees[static_cast<std::size_t>(i)].texts())
          << "round " << round << ", root " << i << ": " << held.size() << " documents";
      trees[static_cast<std::size_t>(i)].change(5);
    }
    if (HasFailure()) return;
  }
}

TEST(ConcurrentIndex, WritersOnTheSameRootLeaveOneIndexOfIt) {
  const Shelf shelf;
  DocumentTree tree(shelf.root(), 20, 60);
  for (int round = 0; round < 8; ++round) {
    if (round % 3 == 0) std::filesystem::remove_all(shelf.index());
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < writers; ++i) {
      processes.push_back(std::make_unique<Process>(
          callslip_command({"index", shelf.root(), "--index", shelf.index()})));
    }
    for (const auto& process : processes) expect_done_or_locked(process->wait());
    EXPECT_TRUE(texts_in(shelf.index(), "docs") == tree.texts()) << "round " << round;
    EXPECT_EQ(Counts(shelf.refresh()).indexed, 0) << "round " << round;
    if (HasFailure()) return;
    tree.change(8);
  }
}

TEST(ConcurrentIndex, ReadersDuringCommitsNeverFail) {
  const Shelf shelf;
  DocumentTree tree(shelf.root(), 30, 120);
  shelf.refresh();
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::vector<std::string> problems;
  std::mutex mutex;
  const auto note = [&](const std::string& problem) {
    const std::lock_guard lock(mutex);
    problems.push_back(problem);
  };
  {
    std::jthread by_command([&] {
      while (!done) {
        const Outcome outcome = shelf.run({"search", "heron word7", "--limit", "3"});
        if (!exited(outcome, 0)) note(outcome.describe());
        if (outcome.out.find("heron") == std::string::npos) note("nothing found");
        ++reads;
      }
    });
    std::jthread by_library([&] {
      Index index(shelf.index());
      while (!done) {
        const auto snapshot = index.snapshot();
        if (!snapshot) {
          note(snapshot.error().message);
          continue;
        }
        for (ChunkNumber chunk : {ChunkNumber{0}, (*snapshot)->chunk_bound() - 1}) {
          const auto text = (*snapshot)->chunk_text(chunk);
          if (!text) note(text.error().message);
        }
        ++reads;
      }
    });
    for (int commit = 0; commit < 12; ++commit) {
      tree.change(3);
      EXPECT_TRUE(exited(shelf.run({"index", shelf.root()}), 0)) << commit;
    }
    done = true;
  }
  EXPECT_GT(reads, 12);
  EXPECT_THAT(problems, ::testing::IsEmpty());
}

TEST(ConcurrentIndex, ServersAndWritersShareAnIndex) {
  const Shelf shelf;
  DocumentTree tree(shelf.root(), 40, 40);
  const auto serve = [&] {
    ProcessOptions options;
    options.keep_input = true;
    return std::make_unique<Process>(
        callslip_command({"serve", shelf.root(), "--stdio", "--index", shelf.index()}), options);
  };
  auto first = serve();
  auto second = serve();
  const std::string call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"doc_search",)"
      R"("arguments":{"query":"heron"}}})";
  for (auto* server : {first.get(), second.get()}) {
    server->send_line(call);
    EXPECT_THAT(server->read_line().value_or("(no reply)"),
                ::testing::HasSubstr("isError\":false"));
  }
  for (int i = 0; i < 3; ++i) {
    tree.change(3);
    EXPECT_TRUE(exited(shelf.run({"index", shelf.root()}), 0)) << i;
  }
  EXPECT_TRUE(texts_in(shelf.index(), "docs") == tree.texts());
  first->signal(SIGKILL);  // the one that watches
  first->wait();
  tree.change(3);
  // The other takes over within a few looks.
  for (int i = 0; i < 300 && texts_in(shelf.index(), "docs") != tree.texts(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(texts_in(shelf.index(), "docs") == tree.texts()) << "nobody watches";
  second->close_input();
  EXPECT_TRUE(exited(second->wait(), 0));
}

}  // namespace
}  // namespace callslip::testing_support
