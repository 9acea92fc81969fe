// An index that is missing, of another version, locked, or damaged: one sentence says so and what
// to run. Damage deep in a file may go unnoticed until it is read, but never crashes or hangs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "index/files/file_lock.h"
#include "index/index_writer.h"
#include "tests/support/callslip_binary.h"

namespace callslip::testing_support {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void spill(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// The one file below the index with this name, or in this folder.
std::string only_file(const std::string& index, const std::string& name) {
  for (const auto& entry : fs::recursive_directory_iterator(index)) {
    if (!entry.is_regular_file()) continue;
    if (entry.path().filename() == name || entry.path().parent_path().filename() == name) {
      return entry.path();
    }
  }
  ADD_FAILURE() << "the index has no " << name;
  return "";
}

class DamagedIndex : public ::testing::Test {
 protected:
  DamagedIndex() {
    for (int i = 0; i < 40; ++i) {
      std::string text = "# Bird " + std::to_string(i) + "\n\n";
      for (int j = 0; j < 300; ++j) {
        text += "heron word" + std::to_string((i * 37 + j * 11) % 900) + (j % 12 ? " " : ".\n\n");
      }
      shelf_.write("bird" + std::to_string(i) + ".md", text);
    }
    shelf_.refresh();
  }

  std::vector<std::vector<std::string>> readers() const {
    return {{"search", "heron word123"},
            {"search", "heron", "--exact", "word7"},
            {"read", "what does word450 say?", "--effort", "exhaustive"},
            {"list"}};
  }

  /// Success, or the sentence. Returns whether a reader noticed.
  bool expect_sound_or_said(const std::string& what) {
    bool noticed = false;
    for (const auto& line : readers()) {
      const Outcome outcome = shelf_.run(line);
      EXPECT_TRUE(ended_by_itself(outcome)) << what << ", " << line[0];
      if (outcome.exit_code == 0) continue;
      noticed = true;
      EXPECT_TRUE(refused(outcome, {"damaged", shelf_.remedy()})) << what << ", " << line[0];
    }
    return noticed;
  }

  /// Cuts and flips bytes of one file in turn; calls `check` for each damage.
  template <class Check>
  void damage(const std::string& path, int flips, const Check& check) {
    const std::string sound = slurp(path);
    ASSERT_FALSE(sound.empty()) << path;
    for (const std::size_t length : {std::size_t{0}, sound.size() / 2, sound.size() - 1}) {
      spill(path, sound.substr(0, length));
      check("cut to " + std::to_string(length) + " of " + std::to_string(sound.size()));
    }
    spill(path, sound + "x");
    check("one byte longer");
    std::mt19937 random(42);
    for (int i = 0; i < flips; ++i) {
      const std::size_t at = i == 0 ? 0 : i == 1 ? sound.size() - 1 : random() % sound.size();
      std::string bytes = sound;
      bytes[at] = static_cast<char>(bytes[at] ^ (1U << random() % 8));
      spill(path, bytes);
      check("flipped at " + std::to_string(at) + " of " + std::to_string(sound.size()));
    }
    fs::remove(path);
    check("removed");
    spill(path, sound);
  }

  Shelf shelf_;
};

TEST_F(DamagedIndex, DamageOfTheManifestIsSaid) {
  damage(only_file(shelf_.index(), "manifest"), 8, [&](const std::string& what) {
    const std::vector<std::string> texts =
        what == "removed" ? std::vector<std::string>{"no index at", shelf_.remedy()}
                          : std::vector<std::string>{shelf_.index(), shelf_.remedy()};
    for (const char* command : {"list", "status"}) {
      EXPECT_TRUE(refused(shelf_.run({command}), texts)) << what;
    }
    EXPECT_TRUE(refused(shelf_.run({"search", "heron"}), texts)) << what;
    EXPECT_TRUE(refused(shelf_.run({"remove", "docs/bird1.md"}), texts)) << what;
    EXPECT_TRUE(refused(shelf_.run({"serve", "--stdio"}), texts)) << what;
    if (what != "removed") {
      EXPECT_TRUE(refused(shelf_.run({"index", shelf_.root()}), texts)) << what;
    }
  });
  EXPECT_TRUE(exited(shelf_.run({"search", "heron"}), 0));
}

TEST_F(DamagedIndex, DamageOfACatalogIsSaid) {
  damage(only_file(shelf_.index(), "catalog"), 8, [&](const std::string& what) {
    EXPECT_TRUE(expect_sound_or_said("catalog " + what)) << what << ": nobody noticed";
  });
}

TEST_F(DamagedIndex, DamageOfTextsIsSaidWhenItIsRead) {
  damage(only_file(shelf_.index(), "texts"), 12, [&](const std::string& what) {
    const bool noticed = expect_sound_or_said("texts " + what);
    EXPECT_TRUE(noticed || what.starts_with("flipped")) << what << ": nobody noticed";
  });
}

TEST_F(DamagedIndex, DamageOfPostingsIsSaidWhenTheyAreRead) {
  damage(only_file(shelf_.index(), "postings"), 16, [&](const std::string& what) {
    const bool noticed = expect_sound_or_said("postings " + what);
    EXPECT_TRUE(noticed || what.starts_with("flipped")) << what << ": nobody noticed";
  });
}

TEST_F(DamagedIndex, DamageOfFileStatesCostsTimeOnly) {
  const auto names = shelf_.names();
  const auto found = shelf_.found("word123");
  // Each run makes new states, so each damage is to be done anew.
  for (int i = 0; i < 10; ++i) {
    const std::string path = only_file(shelf_.index(), "states");
    std::string bytes = slurp(path);
    if (i < 3) {
      bytes.resize(bytes.size() * static_cast<std::size_t>(i) / 3);
    } else {
      bytes[bytes.size() * static_cast<std::size_t>(i - 3) / 7] ^= 0x10;
    }
    spill(path, bytes);
    const Outcome outcome = shelf_.run({"index", shelf_.root()});
    EXPECT_TRUE(exited(outcome, 0)) << i;
    EXPECT_EQ(shelf_.names(), names) << i;
  }
  fs::remove(only_file(shelf_.index(), "states"));
  EXPECT_TRUE(exited(shelf_.run({"index", shelf_.root()}), 0)) << "removed";
  EXPECT_EQ(shelf_.names(), names);
  EXPECT_EQ(shelf_.found("word123"), found);
}

TEST_F(DamagedIndex, AFileThatIsGoneIsForgottenThoughItsStateIsLost) {
  const std::string path = only_file(shelf_.index(), "states");
  spill(path, slurp(path).substr(0, 10));
  shelf_.remove("bird7.md");
  EXPECT_TRUE(exited(shelf_.run({"index", shelf_.root()}), 0));
  EXPECT_THAT(shelf_.names(), ::testing::Not(::testing::Contains("docs/bird7.md")));
}

TEST_F(DamagedIndex, IndexingIntoADamagedIndexCrashesNothing) {
  for (const char* name : {"catalog", "texts", "postings"}) {
    const std::string path = only_file(shelf_.index(), name);
    const std::string sound = slurp(path);
    spill(path, sound.substr(0, sound.size() / 2));
    shelf_.write("bird1.md", std::string("changed for ") + name + "\n");
    const Outcome outcome = shelf_.run({"index", shelf_.root()});
    EXPECT_TRUE(ended_by_itself(outcome)) << name;
    if (outcome.exit_code != 0) {
      EXPECT_TRUE(refused(outcome, {"damaged", shelf_.remedy()})) << name;
    }
    EXPECT_TRUE(refused(shelf_.run({"remove", "docs/bird2.md"}), {"damaged", shelf_.remedy()}))
        << name;
    spill(path, sound);
    shelf_.refresh();
  }
}

TEST_F(DamagedIndex, TheRemedyThatIsNamedWorks) {
  spill(only_file(shelf_.index(), "catalog"), "");
  ASSERT_TRUE(exited(shelf_.run({"search", "heron"}), 1));
  fs::remove_all(shelf_.index());
  shelf_.refresh();
  EXPECT_TRUE(exited(shelf_.run({"search", "heron"}), 0));
}

TEST_F(DamagedIndex, AnIndexOfAnotherVersionIsSaid) {
  const std::string path = only_file(shelf_.index(), "manifest");
  const std::string sound = slurp(path);
  const std::string signature = "callslip-index ";
  ASSERT_EQ(sound.substr(0, signature.size()), signature);
  const std::size_t space = sound.find(' ', signature.size());
  for (const std::string format : {"999", "0"}) {
    spill(path, signature + format + sound.substr(space));
    for (const std::vector<std::string>& line : {std::vector<std::string>{"search", "heron"},
                                                 {"list"},
                                                 {"status"},
                                                 {"serve", "--stdio"},
                                                 {"index", shelf_.root()},
                                                 {"remove", "docs/bird1.md"}}) {
      EXPECT_TRUE(refused(shelf_.run(line), {"format " + format, shelf_.remedy()})) << line[0];
    }
  }
  spill(path, sound);
  EXPECT_TRUE(exited(shelf_.run({"search", "heron"}), 0));
}

TEST(MissingIndexFault, IsSaidByEveryReader) {
  const Shelf shelf;
  for (const std::vector<std::string>& line : {std::vector<std::string>{"search", "x"},
                                               {"read", "x"},
                                               {"list"},
                                               {"status"},
                                               {"remove", "x"},
                                               {"serve", "--stdio"},
                                               {"serve", "--listen", "127.0.0.1:0"}}) {
    EXPECT_TRUE(refused(shelf.run(line), {"no index at " + shelf.index(), shelf.remedy()}))
        << line[0];
  }
  EXPECT_FALSE(fs::exists(shelf.index())) << "a reader has made something";
  ProcessOptions options;
  options.environment = {"XDG_DATA_HOME=" + (shelf / "data")};
  EXPECT_TRUE(refused(run_callslip({"list"}, options), {"make one with: callslip index PATH"}));
  EXPECT_TRUE(refused(run_callslip({"list", "--index", shelf / "it's"}, options),
                      {"callslip index --index '" + (shelf / "it'\\''s' PATH")}));
}

TEST_F(DamagedIndex, ALockedIndexIsSaidAndWaitedFor) {
  {
    const auto lock = FileLock::acquire(shelf_.index() + "/lock", std::chrono::seconds(0), {});
    ASSERT_TRUE(lock.ok());
    IndexWriter::Options options;
    options.lock_wait = std::chrono::milliseconds(50);
    const auto writer = IndexWriter::open(shelf_.index(), options);
    ASSERT_FALSE(writer.ok());
    EXPECT_EQ(writer.error().kind, ErrorKind::locked);
    EXPECT_THAT(writer.error().message, HasSubstr(shelf_.index()));
    EXPECT_THAT(writer.error().message, HasSubstr("pid " + std::to_string(::getpid())));
    EXPECT_THAT(writer.error().message, HasSubstr("wait for it or stop it"));
    EXPECT_TRUE(exited(shelf_.run({"search", "heron"}), 0)) << "readers take no lock";
  }
  auto lock = FileLock::acquire(shelf_.index() + "/lock", std::chrono::seconds(0), {});
  ASSERT_TRUE(lock.ok());
  Process waiting(callslip_command({"index", shelf_.root(), "--index", shelf_.index()}));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(waiting.running());
  { const FileLock released = std::move(lock).value(); }
  EXPECT_TRUE(exited(waiting.wait(), 0));
}

}  // namespace
}  // namespace callslip::testing_support
