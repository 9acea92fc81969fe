// What a hostile or broken file can do to us: its parser runs in callslip-extract, which is told to
// misbehave here ("%PDF-hostile ...", with $CALLSLIP_EXTRACT_TEST).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "index/extract/extractor.h"
#include "index/formats/parser.h"
#include "tests/support/small_archive.h"

namespace callslip {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

#ifdef CALLSLIP_SANITIZED
constexpr bool kSanitized = true;  // the address space is not bounded then
#else
constexpr bool kSanitized = false;
#endif

struct Outcome {
  std::vector<ParsedDocument> documents;
  Status status;

  std::string reason() const { return status.ok() ? "" : status.error().message; }
};

class Extract : public testing::Test {
 protected:
  static void SetUpTestSuite() { ::setenv("CALLSLIP_EXTRACT_TEST", "1", 1); }

  static Extractor::Options small_limits() {
    Extractor::Options options;
    options.limits.memory_bytes = 256U << 20;
    options.limits.output_bytes = 8U << 20;
    return options;
  }

  static Outcome parse(Extractor& extractor, const std::string& bytes,
                       const std::stop_token& stop = {}) {
    Outcome outcome;
    outcome.status = extractor.parse(
        parser_for("a.pdf", "%PDF-"), "a.pdf", bytes, {},
        [&](ParsedDocument document) {
          outcome.documents.push_back(std::move(document));
          return Status();
        },
        stop);
    return outcome;
  }
  Outcome hostile(const std::string& what) {
    return parse(extractor_, "%PDF-hostile " + what + "\n");
  }

  Extractor extractor_{small_limits()};
};

TEST_F(Extract, ForbidsWhatAParserNeverNeeds) {
  const Outcome tried = hostile("everything");
  ASSERT_EQ(tried.documents.size(), 1U) << tried.reason();
  EXPECT_THAT(tried.documents[0].text, testing::Not(HasSubstr("allowed")));
  EXPECT_THAT(tried.documents[0].text, HasSubstr("run a program: Operation not permitted"));
  EXPECT_THAT(tried.documents[0].text, HasSubstr("read a file: Permission denied"));
  EXPECT_EQ(extractor_.weakness(), "");
  EXPECT_FALSE(std::filesystem::exists("/tmp/callslip-hostile"));
}

TEST_F(Extract, ACrashCostsOneFileAndSaysSo) {
  EXPECT_THAT(hostile("crash").reason(), StartsWith("damaged: its parser crashed (Segmentation"));
  EXPECT_THAT(hostile("abort").reason(), StartsWith("damaged: its parser crashed (Abort"));
  EXPECT_EQ(hostile("exit").reason(), "damaged: its parser gave up");
  EXPECT_EQ(hostile("everything").documents.size(), 1U) << "the next file is read";
}

TEST_F(Extract, EndsWhatTakesTooLong) {
  Extractor::Options options;
  options.limits.step = std::chrono::milliseconds(300);
  Extractor impatient(options);
  for (const char* what : {"sleep", "loop"}) {
    EXPECT_EQ(parse(impatient, std::string("%PDF-hostile ") + what + "\n").reason(),
              "took longer than 300 ms");
  }
  EXPECT_EQ(hostile("everything").documents.size(), 1U);
}

TEST_F(Extract, BoundsMemory) {
  if (kSanitized) GTEST_SKIP() << "not with a sanitizer's address space";
  EXPECT_EQ(hostile("memory").reason(), "needs more than 256 MiB of memory");
}

TEST_F(Extract, BoundsWhatComesOut) {
  EXPECT_EQ(hostile("flood").reason(), "holds more than 8 MiB of text");
}

TEST_F(Extract, TakesNoNonsense) {
  const Outcome nonsense = hostile("nonsense");
  EXPECT_THAT(nonsense.reason(), HasSubstr("its parser lost its way"));
  const Outcome lie = hostile("lie");
  EXPECT_TRUE(lie.documents.empty());
  EXPECT_THAT(lie.reason(), HasSubstr("its parser lost its way"));
}

TEST_F(Extract, KeepsWhatCameBeforeACrash) {
  const Outcome outcome = hostile("document then crash");
  ASSERT_EQ(outcome.documents.size(), 1U);
  EXPECT_EQ(outcome.documents[0].text, "read before the crash");
  EXPECT_FALSE(outcome.status.ok());
}

TEST_F(Extract, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();
  const Outcome outcome = parse(extractor_, "%PDF-hostile sleep\n", stop.get_token());
  ASSERT_FALSE(outcome.status.ok());
  EXPECT_EQ(outcome.status.error().kind, ErrorKind::cancelled);
}

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    pid_t parent = 0;
    char state = 0;
    std::istringstream rest(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
    if (rest >> state >> parent && parent == ::getpid()) found.push_back(std::stoi(name));
  }
  return found;
}

TEST_F(Extract, AHelperThatSomebodyEndsIsNoFaultOfTheFile) {
  const std::string more_than_a_pipe_holds(1U << 20, 'x');
  const std::string bytes = make_archive(
      SmallArchive::zip,
      {{"a.txt", "before", ""}, {"b.txt", more_than_a_pipe_holds, ""}, {"c.txt", "after", ""}});
  bool ended = false;
  std::vector<std::string> texts;
  const Status status = extractor_.parse(parser_for("a.zip", bytes), "a.zip", bytes, {},
                                         [&](ParsedDocument document) {
                                           if (document.skipped.empty())
                                             texts.push_back(document.text);
                                           if (!std::exchange(ended, true)) {
                                             for (const pid_t child : children())
                                               ::kill(child, SIGKILL);
                                           }
                                           return Status();
                                         });
  EXPECT_THAT(texts, AllOf(testing::Contains("before"), testing::Contains("after")));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable) << status.error().message;
}

TEST_F(Extract, ServesManyThreads) {
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 4; ++i) {
        good[t] += hostile("everything").documents.size() == 1 ? 1 : 0;
        good[t] += hostile("crash").status.ok() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(good, testing::Each(8));
}

TEST(ExtractProgram, IsNamedWhereItIsMissing) {
  Extractor extractor({"/nonexistent/callslip-extract", {}});
  const Status status = extractor.parse(parser_for("a.pdf", "%PDF-"), "a.pdf", "%PDF-1.4", {},
                                        [](const auto&) { return Status(); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(status.error().message,
              AllOf(HasSubstr("/nonexistent/callslip-extract"), HasSubstr("No such file")));
}

}  // namespace
}  // namespace callslip
