// Runs the product's binary as a user would: $CALLSLIP_BIN, else the one of this build.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "tests/unit/scratch_directory.h"

namespace callslip::testing_support {

inline std::string callslip_binary() {
  const char* given = std::getenv("CALLSLIP_BIN");
  return given != nullptr ? given : CALLSLIP_BIN;
}

inline std::vector<std::string> callslip_command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), callslip_binary());
  return arguments;
}

inline Outcome run_callslip(std::vector<std::string> arguments,
                            const ProcessOptions& options = {}) {
  Process process(callslip_command(std::move(arguments)), options);
  return process.wait();
}

/// Ended by itself, not by a signal (a crash, an abort, a sanitizer's) or our patience.
inline ::testing::AssertionResult ended_by_itself(const Outcome& outcome) {
  if (outcome.signal == 0 && !outcome.timed_out && outcome.exit_code < 125 &&
      outcome.err.find("Sanitizer") == std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << outcome.describe();
}

inline ::testing::AssertionResult exited(const Outcome& outcome, int code) {
  if (ended_by_itself(outcome) && outcome.exit_code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "wanted exit code " << code << ", got " << outcome.describe();
}

/// Exit code 1 and one line on stderr that holds all the texts.
inline ::testing::AssertionResult refused(const Outcome& outcome,
                                          const std::vector<std::string>& texts, int code = 1) {
  if (const auto right = exited(outcome, code); !right) return right;
  const auto complaint = [&](const std::string& what) {
    return ::testing::AssertionFailure() << what << ": " << outcome.describe();
  };
  if (!outcome.err.ends_with('\n') || outcome.err.find('\n') + 1 != outcome.err.size()) {
    return complaint("not one sentence on stderr");
  }
  for (const std::string& text : texts) {
    if (outcome.err.find(text) == std::string::npos) return complaint("no \"" + text + "\"");
  }
  return ::testing::AssertionSuccess();
}

/// The line "N files: I indexed (D documents, ...), U unchanged, S skipped; R removed...".
struct Counts {
  long files = -1;
  long indexed = -1;
  long documents = -1;
  long unchanged = -1;
  long skipped = -1;
  long removed = -1;
  long warnings = -1;

  static long before(const std::string& text, const std::string& word) {
    const std::size_t at = text.find(" " + word);
    if (at == std::string::npos) return -1;
    std::size_t start = at;
    while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9') --start;
    return start == at ? -1 : std::stol(text.substr(start, at - start));
  }

  explicit Counts(const Outcome& outcome)
      : files(before(outcome.out, "file")),
        indexed(before(outcome.out, "indexed (")),
        documents(before(outcome.out, "document")),
        unchanged(before(outcome.out, "unchanged")),
        skipped(before(outcome.out, "skipped;")),
        removed(before(outcome.out, "removed")),
        warnings(before(outcome.out, "warning")) {}
};

/// A folder of documents and an index of them, both in a scratch directory.
class Shelf {
 public:
  Shelf() { scratch_.make_directory("docs"); }

  std::string root() const { return scratch_ / "docs"; }
  std::string index() const { return scratch_ / "index"; }
  /// What a message says is to be run when the index is missing or damaged.
  std::string remedy() const { return "callslip index --index " + index() + " PATH"; }
  std::string operator/(std::string_view relative) const { return scratch_ / relative; }
  const ScratchDirectory& scratch() const { return scratch_; }

  std::string write(const std::string& name, std::string_view bytes = "text\n") const {
    return scratch_.write("docs/" + name, bytes);
  }
  void remove(const std::string& name) const {
    std::filesystem::remove_all(scratch_ / ("docs/" + name));
  }

  Outcome run(std::vector<std::string> arguments, const ProcessOptions& options = {}) const {
    arguments.insert(arguments.begin() + 1, {"--index", index()});
    return run_callslip(std::move(arguments), options);
  }

  /// `index` of the folder; the test fails unless it exits with 0.
  Outcome refresh(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"index", root()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Outcome outcome = run(arguments);
    EXPECT_TRUE(exited(outcome, 0));
    return outcome;
  }

  /// The structured result of `search`, `read` or `list`; null when it failed.
  nlohmann::json ask(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    const Outcome outcome = run(std::move(arguments));
    EXPECT_TRUE(exited(outcome, 0));
    auto answer = nlohmann::json::parse(outcome.out, nullptr, false);
    EXPECT_FALSE(answer.is_discarded()) << outcome.describe();
    return answer.is_discarded() ? nlohmann::json() : answer;
  }

  /// The names that `list` tells, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    const auto answer = ask({"list", "--limit", "1000", "--max-tokens", "1000000"});
    if (!answer.is_object()) return {"(no list)"};
    for (const auto& document : answer.at("documents")) names.push_back(document.at("document"));
    std::sort(names.begin(), names.end());
    return names;
  }

  /// The documents that hold the query's best chunks, sorted.
  std::vector<std::string> found(const std::string& query) const {
    std::vector<std::string> names;
    const auto answer = ask({"search", query, "--ranked"});
    if (!answer.is_object()) return {"(no answer)"};
    for (const auto& chunk : answer.at("chunks")) names.push_back(chunk.at("document"));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

 private:
  ScratchDirectory scratch_;
};

}  // namespace callslip::testing_support
