// What the tests of OpenAiReader share: a scripted endpoint's replies, passages, and a read.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scripted_http_server.h"
#include "tools/openai_reader.h"
#include "tools/prompts.h"

namespace callslip::openai_reader_tests {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing_support::HttpReply;
using testing_support::HttpRequest;
using testing_support::ScriptedHttpServer;
using Fault = HttpReply::Fault;
using Json = nlohmann::json;
using Kind = Verdict::Kind;
using Texts = std::vector<std::string>;

inline HttpReply chat(const std::string& text, const char* finish = "stop") {
  HttpReply reply;
  reply.body = Json{{"choices", {{{"message", {{"content", text}}}, {"finish_reason", finish}}}},
                    {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 5}}}}
                   .dump();
  return reply;
}

inline HttpReply refused(int status, const std::string& message = "") {
  HttpReply reply;
  reply.status = status;
  if (!message.empty()) reply.body = Json{{"error", {{"message", message}}}}.dump();
  return reply;
}

inline std::string prompt_of(const HttpRequest& request) {
  const auto body = Json::parse(request.body);
  EXPECT_EQ(body.at("model"), "toy");
  EXPECT_EQ(body.at("messages").size(), 1U);
  EXPECT_EQ(body.at("messages").at(0).at("role"), "user");
  return body.at("messages").at(0).at("content").get<std::string>();
}

/// The texts of the pack that is asked about.
inline Texts passages_of(const HttpRequest& request) {
  const std::string prompt = prompt_of(request);
  const std::string close = "\n</passage>";
  Texts texts;
  for (std::size_t at = 0;;) {
    const std::string open = "<passage id=\"" + std::to_string(texts.size() + 1) + "\">\n";
    at = prompt.find(open, at);
    if (at == std::string::npos) return texts;
    at += open.size();
    texts.push_back(prompt.substr(at, prompt.find(close, at) - at));
  }
}

inline std::string said_of(const Texts& passages,
                           const std::function<Texts(const std::string&)>& judge) {
  Json reply = Json::object();
  for (std::size_t i = 0; i < passages.size(); ++i) {
    reply[std::to_string(i + 1)] = judge(passages[i]);
  }
  return reply.dump();
}

inline std::size_t number_in(const std::string& text) {
  return std::stoul(text.substr(text.find('#') + 1));
}

inline std::string wanted(std::size_t number) {
  return "The key of house #" + std::to_string(number) + " is red.";
}

/// A third of the houses hold what is sought.
inline Texts wanted_in(const std::string& text) {
  const std::size_t number = number_in(text);
  return number % 3 == 0 ? Texts{wanted(number)} : Texts{};
}

inline HttpReply oracle(const HttpRequest& request) {
  return chat(said_of(passages_of(request), wanted_in));
}

inline Passage passage_with(std::string text, TextKind kind = TextKind::prose) {
  Passage passage;
  passage.chunk_id = "4f2a:9";
  passage.document = "guide/install.md";
  passage.title = "Guide";
  passage.headings = {"Install", "Debian"};
  passage.text = std::move(text);
  passage.tokens = static_cast<std::uint32_t>(passage.text.size() / 3);
  passage.kind = kind;
  return passage;
}

/// `bytes`: about so long is each.
inline std::vector<Passage> houses(std::size_t count, std::size_t bytes = 60) {
  std::vector<Passage> passages;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = "Nothing is here to see. " + wanted(i);
    while (text.size() < bytes) text += " It rains.";
    passages.push_back(passage_with(std::move(text)));
  }
  return passages;
}

// So small that a pack has one passage.
inline constexpr std::uint64_t one_a_call = 512;

inline OpenAiReaderOptions options_for(const ScriptedHttpServer& server,
                                       std::uint64_t window = 8192) {
  OpenAiReaderOptions options;
  options.urls = {server.url()};
  options.model = "toy";
  options.first_backoff = 1ms;
  options.request_timeout = 10s;
  options.context_tokens = window;
  return options;
}

inline std::unique_ptr<OpenAiReader> reader_with(OpenAiReaderOptions options) {
  auto reader = OpenAiReader::create(std::move(options));
  EXPECT_TRUE(reader.ok());
  return std::move(reader).value();
}

inline std::unique_ptr<OpenAiReader> reader_for(const ScriptedHttpServer& server,
                                                std::uint64_t window = 8192) {
  return reader_with(options_for(server, window));
}

/// Numbers its passages from 1000 on.
class Passages : public PassageSource {
 public:
  explicit Passages(std::vector<Passage> passages) : passages_(std::move(passages)) {}

  std::size_t replies = 0;  // it was told of
  std::size_t handed_out() const { return next_; }

  std::optional<Passage> next() override {
    if (next_ == passages_.size()) return std::nullopt;
    Passage passage = passages_[next_];
    passage.number = 1000 + next_++;
    return passage;
  }
  void reply_judged() override { ++replies; }

 private:
  const std::vector<Passage> passages_;
  std::size_t next_ = 0;
};

struct Reading {
  std::map<std::size_t, Verdict> verdicts;  // by the passage's place, from 0
  ReaderUsage usage;
  std::size_t replies = 0;
  std::size_t handed_out = 0;

  std::size_t count(Kind kind) const {
    return static_cast<std::size_t>(
        std::count_if(verdicts.begin(), verdicts.end(),
                      [kind](const auto& entry) { return entry.second.kind == kind; }));
  }
  Texts reasons() const {
    Texts reasons;
    for (const auto& [i, verdict] : verdicts) {
      if (verdict.kind == Kind::failed) reasons.push_back(verdict.reason);
    }
    return reasons;
  }
};

struct ReadOptions {
  std::uint64_t max_calls = 10000;
  CallContext context = {};
  std::function<void(std::size_t)> on_verdict = [](std::size_t) {};
};

inline Reading read(Reader& reader, const std::vector<Passage>& passages,
                    const ReadOptions& options = {}) {
  Reading reading;
  Passages source(passages);
  reading.usage = reader.read("What is the key?", source, options.max_calls, options.context,
                              [&](std::size_t number, const Verdict& verdict) {
                                const std::size_t i = number - 1000;
                                EXPECT_EQ(reading.verdicts.count(i), 0U) << "judged twice: " << i;
                                EXPECT_LT(i, passages.size());
                                reading.verdicts[i] = verdict;
                                options.on_verdict(i);
                              });
  reading.replies = source.replies;
  reading.handed_out = source.handed_out();
  return reading;
}

inline Texts texts_of(const std::string& text, const Verdict& verdict) {
  Texts texts;
  for (const ByteSpan span : verdict.sentences)
    texts.push_back(text.substr(span.start, span.end - span.start));
  return texts;
}

/// Each house judged rightly, the failed ones of `may_fail` aside.
inline void expect_right(
    const std::vector<Passage>& passages, const Reading& reading,
    const std::function<bool(std::size_t)>& may_fail = [](std::size_t) { return false; }) {
  EXPECT_EQ(reading.verdicts.size(), passages.size());
  for (const auto& [i, verdict] : reading.verdicts) {
    if (may_fail(i)) {
      EXPECT_EQ(verdict.kind, Kind::failed) << i;
      EXPECT_NE(verdict.reason, "") << i;
      continue;
    }
    EXPECT_EQ(verdict.kind, i % 3 == 0 ? Kind::relevant : Kind::none) << i << verdict.reason;
    EXPECT_EQ(texts_of(passages[i].text, verdict), wanted_in(passages[i].text)) << i;
    EXPECT_EQ(verdict.rejected_quotes, 0U) << i;
  }
}

/// The verdict on one passage of which the model says `reply`.
inline Verdict verdict_on(const std::string& text, const std::string& reply,
                          TextKind kind = TextKind::prose) {
  ScriptedHttpServer server([&](const HttpRequest&) { return chat(reply); });
  return read(*reader_for(server), {passage_with(text, kind)}).verdicts.at(0);
}

const std::string story =
    "The red key opens the vault. Nobody has seen\nthe blue one since May. It rained all day.";

}  // namespace callslip::openai_reader_tests
