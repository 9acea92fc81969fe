// PackReading: one read by a model, as requests: the passages of a source in packs that fill the
// model's window, each pack a request, each passage with a verdict of its own.
//
// A pack that is too long for the model, or whose reply was cut off, is halved. Passages that a
// reply passes over are asked for once more. Belongs to the thread of the read.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/chat_request.h"
#include "tools/context_window.h"
#include "tools/model_client.h"
#include "tools/reader.h"

namespace callslip {

/// How many tokens a prompt and its reply may take together; learned from the endpoint. Any thread.
class ContextWindow {
 public:
  explicit ContextWindow(std::uint64_t tokens) : tokens_(tokens) {}

  /// What is kept for the reply.
  std::uint64_t reply_tokens() const;
  /// What is left for the passages of a read of this question.
  std::uint64_t room(const std::string& question) const;
  /// Of the words of a read's prompt.
  static std::uint64_t overhead(const std::string& question);
  static std::uint64_t tokens_of(const Passage& passage);
  /// Of a text that was not counted: rather too many.
  static std::uint64_t tokens_of_text(std::string_view text);

  /// Takes what a refusal tells of the window. Where that names no number: three quarters of what
  /// was refused, so that not every pack to come is refused once. It only ever shrinks.
  void learn_from(const Overflow& overflow, std::uint64_t refused_tokens);

  void set(std::uint64_t tokens) { tokens_ = tokens; }
  std::uint64_t tokens() const { return tokens_; }

 private:
  std::atomic<std::uint64_t> tokens_;
};

class PackReading : public ModelWork {
 public:
  static constexpr std::size_t most_passages = 256;  // of a pack, whatever the window

  struct Setting {
    ChatRequest& chat;
    ContextWindow& window;
    std::function<bool()> may_call;    // a bound over all reads; empty: none
    std::function<void()> not_called;  // what was allowed was not made
  };

  PackReading(Setting setting, const std::string& question, PassageSource& source,
              std::uint64_t max_calls, const Reader::OnVerdict& on_verdict);

  std::optional<std::size_t> next() override;
  bool may_call() override;
  void not_called() override;
  std::string body(std::size_t request) override;
  bool learn(std::size_t request, const Error& refusal) override;
  Next take(std::size_t request, const Result<ModelReply>& reply) override;

  /// The bound that ended the read; empty: none.
  const std::string& bound() const { return bound_; }

 private:
  struct Pack {
    std::vector<Passage> passages;
    ChatRequest::Form form;
    std::uint64_t reply_tokens = 0;
    std::size_t crowded = 0;  // times that other calls left it no room
    bool repeated = false;    // asked again for what the first reply passed over
  };

  std::optional<std::size_t> add(Pack pack);
  Next take_failure(std::size_t request, Pack& pack, const Error& error);
  void halve(Pack& pack);
  void fail(const Pack& pack, const std::string& reason);

  const Setting setting_;
  const std::string& question_;
  PassageSource& source_;
  const std::uint64_t max_calls_;
  const Reader::OnVerdict& on_verdict_;

  std::unordered_map<std::size_t, Pack> packs_;  // under way, by request
  std::deque<Pack> waiting_;                     // made of packs that came back
  std::optional<Passage> held_;                  // did not fit the pack before
  bool source_ended_ = false;
  bool answered_ = false;  // some call was
  std::size_t requests_ = 0;
  std::uint64_t calls_ = 0;
  std::string bound_;
};

}  // namespace callslip
