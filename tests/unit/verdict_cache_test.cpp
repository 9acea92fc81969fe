#include "tools/verdict_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <thread>

#include "tests/unit/scratch_directory.h"

namespace callslip {
namespace {

using testing::HasSubstr;
using Kind = Verdict::Kind;
using Key = VerdictCache::Key;

const std::string text =
    "The red key opens the vault. Nobody has seen the blue one. It rained all day.";

Verdict relevant(std::vector<ByteSpan> sentences) {
  Verdict verdict;
  verdict.kind = Kind::relevant;
  verdict.sentences = std::move(sentences);
  return verdict;
}

Verdict failed() {
  Verdict verdict;
  verdict.kind = Kind::failed;
  verdict.reason = "HTTP 503";
  return verdict;
}

Key key_for(std::string_view passage, std::string_view question = "Which key?",
            std::string_view identity = "toy/1") {
  return VerdictCache::key(VerdictCache::question_hash(identity, question), passage);
}

std::unique_ptr<VerdictCache> cache_in(const std::string& directory,
                                       std::uint64_t max_bytes = 1U << 20U) {
  VerdictCacheOptions options;
  options.directory = directory;
  options.max_bytes = max_bytes;
  return std::make_unique<VerdictCache>(options);
}

Status store(VerdictCache& cache, const Key& key, const Verdict& verdict) {
  const VerdictCache::Judged judged{key, &verdict};
  return cache.store({&judged, 1});
}

std::string numbered(std::size_t i) { return "Passage " + std::to_string(i) + "."; }

/// The bytes of all files in the directory.
std::uintmax_t bytes_in(const std::string& directory) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() != ".sqlite-shm") bytes += entry.file_size();
  }
  return bytes;
}

void execute(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

/// Does it in another process, which _exit(0)s when it returns true.
pid_t in_child(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  return child;
}

int status_of(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

TEST(VerdictCache, GivesBackWhatWasStoredOverReopening) {
  const ScratchDirectory scratch;
  const Verdict two = relevant({{0, 28}, {59, text.size()}});
  {
    const auto cache = cache_in(scratch.path());
    EXPECT_FALSE(cache->find(key_for(text), text));
    ASSERT_TRUE(store(*cache, key_for(text), two).ok());
    ASSERT_TRUE(store(*cache, key_for("Nothing."), Verdict{}).ok());
  }
  const auto cache = cache_in(scratch.path());
  const auto found = cache->find(key_for(text), text);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::relevant);
  EXPECT_EQ(found->sentences, two.sentences);
  EXPECT_TRUE(found->from_cache);
  const auto none = cache->find(key_for("Nothing."), "Nothing.");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->kind, Kind::none);
  EXPECT_TRUE(none->sentences.empty());
}

TEST(VerdictCache, LookingMakesNoFile) {
  const ScratchDirectory scratch;
  EXPECT_FALSE(cache_in(scratch.path())->find(key_for(text), text));
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(VerdictCache, MissesAnotherTextQuestionOrIdentity) {
  const ScratchDirectory scratch;
  const auto cache = cache_in(scratch.path());
  ASSERT_TRUE(store(*cache, key_for(text), relevant({{0, 28}})).ok());
  EXPECT_FALSE(cache->find(key_for(text + " "), text + " "));
  EXPECT_FALSE(cache->find(key_for(text, "Which door?"), text));
  EXPECT_FALSE(cache->find(key_for(text, "Which key?", "toy/2"), text));
  // What is the identity's must not become the question's.
  EXPECT_NE(key_for(text, "bc", "a"), key_for(text, "c", "ab"));
  EXPECT_TRUE(cache->find(key_for(text), text));
}

TEST(VerdictCache, KeepsNoFailuresAndNoRejectedQuotes) {
  const ScratchDirectory scratch;
  const auto cache = cache_in(scratch.path());
  ASSERT_TRUE(store(*cache, key_for("a"), failed()).ok());
  EXPECT_FALSE(cache->find(key_for("a"), "a"));
  Verdict invented;
  invented.rejected_quotes = 3;
  ASSERT_TRUE(store(*cache, key_for("b"), invented).ok());
  const auto found = cache->find(key_for("b"), "b");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rejected_quotes, 0U);
}

TEST(VerdictCache, MissesWhatDoesNotFitTheText) {
  const ScratchDirectory scratch;
  const auto cache = cache_in(scratch.path());
  ASSERT_TRUE(store(*cache, key_for(text), relevant({{0, text.size()}})).ok());
  EXPECT_FALSE(cache->find(key_for(text), text.substr(1)));
  // Out of order: nothing is stored rather than something else.
  ASSERT_TRUE(store(*cache, key_for("x"), relevant({{5, 9}, {0, 4}})).ok());
  EXPECT_FALSE(cache->find(key_for("x"), text));
  ASSERT_TRUE(store(*cache, key_for("y"), relevant({{300, 20000}})).ok());
  EXPECT_EQ(cache->find(key_for("y"), std::string(20000, 'y'))->sentences,
            (std::vector<ByteSpan>{{300, 20000}}));
}

TEST(VerdictCache, MissesAValueThatWasChangedAndStoresItAnew) {
  const ScratchDirectory scratch;
  ASSERT_TRUE(store(*cache_in(scratch.path()), key_for(text), relevant({{0, 28}})).ok());
  execute(scratch / "verdicts.sqlite",
          "UPDATE verdicts0 SET value = substr(value, 1, 3) || x'0102'");
  const auto cache = cache_in(scratch.path());
  EXPECT_FALSE(cache->find(key_for(text), text));
  ASSERT_TRUE(store(*cache, key_for(text), relevant({{0, 28}})).ok());
  EXPECT_TRUE(cache->find(key_for(text), text));
}

TEST(VerdictCache, OutlivesAKilledProcess) {
  const ScratchDirectory scratch;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = in_child([&] {
    const auto cache = cache_in(scratch.path());
    for (unsigned i = 0;; ++i) {
      if (!store(*cache, key_for(numbered(i)), Verdict{}).ok()) return false;
      if (::write(pipe[1], &i, sizeof i) != sizeof i) return false;
    }
  });
  ::close(pipe[1]);
  unsigned last = 0;
  while (last < 500) ASSERT_EQ(::read(pipe[0], &last, sizeof last), ssize_t{sizeof last});
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_TRUE(WIFSIGNALED(status_of(child)));
  for (unsigned i = 0; ::read(pipe[0], &i, sizeof i) == sizeof i;) last = i;
  ::close(pipe[0]);
  const auto cache = cache_in(scratch.path());
  for (unsigned i = 0; i <= last; ++i) {
    ASSERT_TRUE(cache->find(key_for(numbered(i)), numbered(i))) << i << " of " << last;
  }
}

TEST(VerdictCache, IsSharedByProcessesThatCreateItAtOnce) {
  const ScratchDirectory scratch;
  std::vector<pid_t> children;
  for (unsigned process = 0; process < 3; ++process) {
    children.push_back(in_child([&] {
      const auto cache = cache_in(scratch.path());
      for (unsigned i = 0; i < 200; ++i) {
        if (!store(*cache, key_for(numbered(1000 * process + i)), Verdict{}).ok()) return false;
      }
      return true;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(status_of(child), 0);
  const auto cache = cache_in(scratch.path());
  for (unsigned process = 0; process < 3; ++process) {
    for (unsigned i = 0; i < 200; ++i) {
      const std::string passage = numbered(1000 * process + i);
      EXPECT_TRUE(cache->find(key_for(passage), passage)) << passage;
    }
  }
}

TEST(VerdictCache, FindsWhatAnotherStoresMeanwhile) {
  const ScratchDirectory scratch;
  const auto one = cache_in(scratch.path());
  const auto other = cache_in(scratch.path());
  EXPECT_FALSE(other->find(key_for(text), text));
  ASSERT_TRUE(store(*one, key_for(text), Verdict{}).ok());
  EXPECT_TRUE(other->find(key_for(text), text));
}

TEST(VerdictCache, MayBeUsedByManyThreads) {
  const ScratchDirectory scratch;
  const auto cache = cache_in(scratch.path());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (std::size_t i = 0; i < 100; ++i) {
        const std::string passage = numbered(1000 * t + i);
        EXPECT_TRUE(store(*cache, key_for(passage), Verdict{}).ok());
        EXPECT_TRUE(cache->find(key_for(passage), passage));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Stores passages [from, to), in transactions of 20.
void store_many(VerdictCache& cache, std::size_t from, std::size_t to) {
  const Verdict verdict = relevant({{0, 5}, {6, 7}});
  std::vector<VerdictCache::Judged> judged;
  for (std::size_t i = from; i < to; ++i) {
    // Another question now and then, as in life.
    judged.push_back({key_for(numbered(i), "Question " + std::to_string(i / 1000)), &verdict});
    if (judged.size() < 20 && i + 1 < to) continue;
    ASSERT_TRUE(cache.store(judged).ok());
    judged.clear();
  }
}

std::size_t count_found(VerdictCache& cache, std::size_t from, std::size_t to) {
  std::size_t found = 0;
  for (std::size_t i = from; i < to; ++i) {
    const Key key = key_for(numbered(i), "Question " + std::to_string(i / 1000));
    if (cache.find(key, numbered(i))) ++found;
  }
  return found;
}

TEST(VerdictCache, StaysWithinItsBoundAndKeepsWhatIsNew) {
  const ScratchDirectory scratch;
  constexpr std::uint64_t bound = 1U << 19U;
  const auto cache = cache_in(scratch.path(), bound);
  std::uintmax_t largest = 0;
  for (std::size_t i = 0; i < 25000; i += 1000) {
    store_many(*cache, i, i + 1000);
    largest = std::max(largest, bytes_in(scratch.path()));
  }
  EXPECT_LE(largest, bound * 103 / 100);
  EXPECT_GE(largest, bound * 3 / 4);
  EXPECT_EQ(count_found(*cache, 22000, 25000), 3000U);
  EXPECT_EQ(count_found(*cache, 0, 5000), 0U);
  EXPECT_GE(count_found(*cache, 0, 25000), 5000U);
}

TEST(VerdictCache, KeepsWhatIsFoundAgainAndAgain) {
  const ScratchDirectory scratch;
  const auto cache = cache_in(scratch.path(), 1U << 19U);
  store_many(*cache, 0, 1000);
  for (std::size_t i = 1000; i < 25000; i += 1000) {
    store_many(*cache, i, i + 1000);
    ASSERT_EQ(count_found(*cache, 0, 1000), 1000U) << i;
  }
}

TEST(VerdictCache, ShrinksToALowerBound) {
  const ScratchDirectory scratch;
  store_many(*cache_in(scratch.path(), 2U << 20U), 0, 30000);
  ASSERT_GT(bytes_in(scratch.path()), 3U << 18U);
  {
    const auto cache = cache_in(scratch.path(), 1U << 19U);
    store_many(*cache, 60000, 62000);
    EXPECT_EQ(count_found(*cache, 61000, 62000), 1000U);
  }
  EXPECT_LE(bytes_in(scratch.path()), 1U << 19U);
}

class DamagedVerdictCache : public testing::TestWithParam<const char*> {};

TEST_P(DamagedVerdictCache, IsReplaced) {
  const ScratchDirectory scratch;
  const std::string path = scratch / "verdicts.sqlite";
  store_many(*cache_in(scratch.path()), 0, 3000);
  const std::string damage = GetParam();
  if (damage == "garbage") {
    scratch.write("verdicts.sqlite", std::string(10000, '#'));
  } else if (damage == "empty") {
    scratch.write("verdicts.sqlite", "");
  } else if (damage == "truncated") {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  } else if (damage == "pages") {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(std::filesystem::file_size(path) - 4096, '\x55');
  } else if (damage == "version") {
    execute(path, "PRAGMA user_version=99");
  } else {
    execute(path, "DROP TABLE verdicts1");
  }
  const auto cache = cache_in(scratch.path());
  count_found(*cache, 0, 3000);
  store_many(*cache, 5000, 5100);
  EXPECT_EQ(count_found(*cache, 5000, 5100), 100U);
  EXPECT_EQ(count_found(*cache_in(scratch.path()), 5000, 5100), 100U);
}

INSTANTIATE_TEST_SUITE_P(Each, DamagedVerdictCache,
                         testing::Values("garbage", "empty", "truncated", "pages", "version",
                                         "table"),
                         [](const auto& param) { return std::string(param.param); });

TEST(VerdictCache, IsReplacedWhenItIsDamagedInUse) {
  const ScratchDirectory scratch;
  const auto cache = cache_in(scratch.path());
  const auto other = cache_in(scratch.path());
  store_many(*cache, 0, 3000);
  store_many(*other, 3000, 3020);
  VerdictDatabase::remove(scratch / "verdicts.sqlite");
  scratch.write("verdicts.sqlite", std::string(10000, '#'));
  store_many(*cache, 5000, 5100);
  store_many(*other, 6000, 6100);
  for (const auto* each : {&cache, &other}) {
    EXPECT_EQ(count_found(**each, 5000, 5100), 100U);
    EXPECT_EQ(count_found(**each, 6000, 6100), 100U);
  }
}

TEST(VerdictCache, SaysOnceThatItCannotStore) {
  const ScratchDirectory scratch;
  const auto cache = cache_in(scratch / "missing/too");
  const Status status = store(*cache, key_for(text), Verdict{});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "what the reader judges is not remembered: " +
                                        (scratch / "missing/too/verdicts.sqlite") +
                                        ": unable to open database file");
  EXPECT_TRUE(store(*cache, key_for(text), Verdict{}).ok());
  EXPECT_FALSE(cache->find(key_for(text), text));
}

TEST(VerdictCache, IsSilentInADirectoryThatIsReadOnly) {
  const ScratchDirectory scratch;
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0555));
  const bool root = ::geteuid() == 0;
  ASSERT_TRUE(!root || ::seteuid(65534) == 0);
  const auto cache = cache_in(scratch.path());
  const Status status = store(*cache, key_for(text), Verdict{});
  EXPECT_FALSE(cache->find(key_for(text), text));
  EXPECT_TRUE(store(*cache, key_for(text), Verdict{}).ok());
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
  EXPECT_FALSE(status.ok());
}

TEST(VerdictCache, FindsOnAFullDiskWhatWasStoredBefore) {
  const ScratchDirectory scratch;
  const pid_t child = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto cache = cache_in(scratch.path());
    store_many(*cache, 0, 1000);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    const Status status = store(*cache, key_for(text), Verdict{});
    return !status.ok() && count_found(*cache, 0, 1000) == 1000 &&
           store(*cache, key_for(text), Verdict{}).ok() && !cache->find(key_for(text), text);
  });
  EXPECT_EQ(status_of(child), 0);
}

}  // namespace
}  // namespace callslip
