// ReadingCorpus: documents with wanted sentences here and there, their index, and what must hold of
// every answer about them, whatever the model did.
//
// Some hundred small chunks: prose, hard-wrapped and with CRLF, Chinese, and code. The same in
// every run. Tests of one process may ask from several threads.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/callslip_binary.h"
#include "tests/support/oracle_process.h"

namespace callslip::testing_support {

inline std::string with_single_spaces(std::string_view text) {
  std::string out;
  bool space = false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ') {
      space = !out.empty();
      continue;
    }
    if (std::exchange(space, false)) out += ' ';
    out += c;
  }
  return out;
}

class ReadingCorpus {
 public:
  using json = nlohmann::json;

  static constexpr int default_files = 16;

  explicit ReadingCorpus(int files = default_files) {
    for (int file = 0; file < files; ++file) write(file);
    shelf_.refresh({"--chunk-tokens", "96"});
  }

  const Shelf& shelf() const { return shelf_; }
  const std::vector<std::string>& wanted() const { return wanted_; }

  static std::string file_name(int file) {
    static const char* const endings[] = {".md", ".txt", ".md", ".cpp", ".md", ".zh.txt"};
    return "f" + std::to_string(file) + endings[file % 6];
  }

  std::string text(const std::string& name) const {
    std::ifstream file(shelf_.root() + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Flags of a `read` of everything by the model at `url`; small packs, so that there are many.
  static std::vector<std::string> model(const std::string& url,
                                        const std::string& context = "1024") {
    std::vector<std::string> flags{"--reader-url", url,          "--reader-model", "oracle",
                                   "--effort",     "exhaustive", "--max-tokens",   "100000",
                                   "--deadline",   "100"};
    if (!context.empty()) flags.insert(flags.end(), {"--reader-context", context});
    return flags;
  }

  /// The structured result of a `read`, with further flags; the test fails unless the exit code is
  /// 0, and where the answer breaks a promise.
  json read(const std::string& question, std::vector<std::string> flags,
            bool stopped = false) const {
    std::vector<std::string> line{"read"};
    if (!question.empty()) line.push_back(question);
    line.insert(line.end(), flags.begin(), flags.end());
    json answer = shelf_.ask(std::move(line));
    if (answer.is_object() && !answer.contains("plan")) {
      EXPECT_TRUE(sound(answer, stopped));
    }
    return answer;
  }

  /// Sums are exact, the status tells the truth, and the evidence is wanted and stands word for
  /// word where it says.
  ::testing::AssertionResult sound(const json& answer, bool stopped = false) const {
    const json& coverage = answer.at("coverage");
    const auto count = [&](const char* name) { return coverage.at(name).get<std::uint64_t>(); };
    const auto wrong = [&](const std::string& what) {
      return ::testing::AssertionFailure()
             << what << ": " << coverage << " status " << answer.at("status");
    };
    if (count("in_scope") != count("read") + count("failed") + count("unread")) return wrong("sum");
    if (count("relevant") > count("read") || count("from_cache") > count("read")) {
      return wrong("parts of what was read");
    }
    if (coverage.at("complete") != (count("unread") == 0)) return wrong("complete");
    if (coverage.at("failures").size() != std::min<std::uint64_t>(50, count("failed"))) {
      return wrong("named failures");
    }
    for (const json& failure : coverage.at("failures")) {
      if (failure.at("reason") == "") return wrong("a failure without a reason");
    }
    const bool partial = count("failed") > 0 || stopped;
    const char* const status = partial                 ? "partial"
                               : count("relevant") > 0 ? "found"
                                                       : "nothing_relevant";
    if (answer.at("status") != status) return wrong(std::string("not ") + status);
    std::set<std::pair<std::string, std::uint64_t>> places;
    for (const json& evidence : answer.at("evidence")) {
      if (auto good = verbatim(evidence); !good) return good;
      if (!places.emplace(evidence.at("document"), evidence.at("location").at("byte_start"))
               .second) {
        return wrong("evidence twice: " + evidence.dump());
      }
    }
    return ::testing::AssertionSuccess();
  }

  /// The wanted sentences among the evidence.
  static std::set<std::string> found(const json& answer) {
    std::set<std::string> sentences;
    for (const json& evidence : answer.at("evidence")) {
      sentences.insert(with_single_spaces(evidence.at("text").get<std::string>()));
    }
    return sentences;
  }

  bool found_all(const json& answer) const { return found(answer).size() == wanted_.size(); }

  /// Which chunk holds each wanted sentence, by an answer that found them all.
  static std::map<std::string, std::string> chunks_by_sentence(const json& answer) {
    std::map<std::string, std::string> chunks;
    for (const json& evidence : answer.at("evidence")) {
      chunks[with_single_spaces(evidence.at("text").get<std::string>())] = evidence.at("chunk_id");
    }
    return chunks;
  }

  /// Writes the file again with one word changed in the middle.
  void change(int file) const {
    std::string bytes = text(file_name(file));
    const std::size_t at = bytes.find("lantern", bytes.size() / 2);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, 7, "candles");
    shelf_.write(file_name(file), bytes);
    shelf_.refresh();
  }

 private:
  static constexpr int paragraphs = 26;

  ::testing::AssertionResult verbatim(const json& evidence) const {
    const auto wrong = [&](const char* what) {
      return ::testing::AssertionFailure() << what << ": " << evidence;
    };
    const std::string document = evidence.at("document");
    const json& location = evidence.at("location");
    const std::string bytes = text(document.substr(document.find('/') + 1));
    const std::size_t start = location.at("byte_start");
    const std::size_t end = location.at("byte_end");
    const std::string said = evidence.at("text");
    if (start >= end || end > bytes.size() || bytes.compare(start, end - start, said) != 0) {
      return wrong("not the document's bytes");
    }
    const auto line = 1 + std::count(bytes.begin(), bytes.begin() + static_cast<long>(start), '\n');
    if (location.at("line_start") != line) return wrong("not the line");
    if (location.at("of") != "file") return wrong("not of the file");
    if (!wanted_set_.contains(with_single_spaces(said))) return wrong("nobody wanted it");
    return ::testing::AssertionSuccess();
  }

  std::uint32_t random() { return state_ = state_ * 1664525U + 1013904223U; }

  std::string word() {
    static const char* const words[] = {"river",  "stone",   "archive", "ledger",  "signal",
                                        "copper", "winter",  "harbour", "engine",  "garden",
                                        "voyage", "lantern", "meadow",  "compass", "orchard"};
    return words[(random() >> 16U) % std::size(words)];
  }

  /// Of about 14 words; a number makes it the only one.
  std::string filler() {
    std::string sentence = "Entry " + std::to_string(++numbered_) + " says that the";
    for (int i = 0; i < 9; ++i) sentence += " " + word();
    return sentence + " passed.";
  }

  std::string want(std::string sentence) {
    wanted_.push_back(with_single_spaces(sentence));
    wanted_set_.insert(wanted_.back());
    return sentence;
  }

  void write(int file) {
    const std::string name = file_name(file);
    const bool code = name.ends_with(".cpp");
    const bool chinese = name.ends_with(".zh.txt");
    const bool wrapped = name.ends_with(".md");
    std::string bytes = wrapped ? "# Book " + std::to_string(file) + "\n\n" : "";
    for (int i = 0; i < paragraphs; ++i) {
      const std::string number = std::to_string(file * 100 + i);
      const bool holds = i % 8 == 3;
      if (code) {
        bytes += "int lantern_" + number + "(int " + word() + number +
                 ") {\n  int sum = " + number + ";\n  for (int i = 0; i < " + number +
                 "; ++i) sum += i * " + number + ";\n";
        if (holds)
          bytes += "  " + want("heron_total += heron_count(\"bay " + number + "\");") + "\n";
        bytes += "  return sum + " + word() + number + ";\n}\n\n";
      } else if (chinese) {
        bytes += "第" + number + "号记录说明港口的灯塔在冬天没有点亮。 lantern " + number + "。";
        if (holds) bytes += want("苍鹭在第" + number + "号码头等待渔船归来。");
        bytes += "图书馆的第" + number + "本账簿记载了铜矿的数目和船长的名字。\n\n";
      } else {
        bytes += filler() + " " + filler() + (wrapped ? "\n" : " ");
        if (holds) {
          bytes +=
              want("The heron of bay " + number + (wrapped ? "\n  was counted" : " was counted") +
                   " at the old weir before dawn.") +
              " ";
        }
        bytes += filler() + "\n\n";
      }
    }
    if (file % 4 == 2) {  // as an editor on Windows saves it
      std::string lines;
      for (const char c : bytes) lines += c == '\n' ? "\r\n" : std::string(1, c);
      bytes = std::move(lines);
    }
    shelf_.write(name, bytes);
  }

  Shelf shelf_;
  std::vector<std::string> wanted_;
  std::set<std::string> wanted_set_;
  std::uint32_t state_ = 42;
  int numbered_ = 0;
};

}  // namespace callslip::testing_support
