// Oracle: decides what a call gets, and says what a perfect reader would say (or a bad one, where
// the knobs want that).
//
// One thread. Knows nothing of sockets: the server carries out its plans.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tests/servers/chat_request.h"
#include "tests/servers/oracle_knobs.h"
#include "tests/servers/oracle_words.h"
#include "tests/servers/wanted_sentences.h"

namespace callslip::oracle {

/// How a reply is sent.
enum class Delivery { whole, never, truncated, reset, trickled };

struct Plan {
  int status = 200;
  std::string headers;  // further ones, each with its \r\n
  std::string body;
  double delay_ms = 0;
  Delivery delivery = Delivery::whole;
  std::string_view kind;  // for the counts; a literal
  /// What is spent and known once the reply has gone.
  bool completes = false;
  std::uint64_t digest = 0;             // of the messages
  std::vector<std::uint64_t> passages;  // digests of those that it judges
  std::size_t prompt_tokens = 0;
  std::size_t completion_tokens = 0;
  std::size_t invented = 0;
  std::size_t omitted = 0;
};

class Oracle {
 public:
  explicit Oracle(OracleKnobs knobs) : knobs_(std::move(knobs)) {}

  const OracleKnobs& knobs() const { return knobs_; }

  /// Throws std::invalid_argument.
  void want_file(const std::string& path);

  /// Changes knobs; "wanted" takes an array of such strings and objects, "reset_stats" forgets what
  /// was counted. Nothing changes when it throws std::invalid_argument.
  void control(const nlohmann::json& changes);

  /// What to do with a call that has arrived. `authorization` is the header's value.
  Plan plan(std::string_view body, std::string_view authorization);

  // The server tells what becomes of calls and connections.
  void accepted() { ++connections_; }
  void arrived();
  void planned(const Plan& plan);
  void left() { --in_flight_; }
  void aborted() { ++aborted_; }
  void delivered(const Plan& plan);

  nlohmann::json stats() const;

 private:
  Plan refusal(const ChatRequest& request, std::string_view authorization, std::size_t tokens);
  void count_prompt(const ChatRequest& request, std::uint64_t digest);
  std::string_view choose_fault(std::uint64_t digest, std::size_t attempt) const;
  /// From 0 up to 1.
  double draw(std::uint64_t digest, std::size_t attempt, std::uint64_t salt) const;
  Words words_for(const ChatRequest& request, std::size_t attempt, Plan& plan) const;
  void omit_some(std::vector<Verdict>& verdicts, std::size_t attempt, Plan& plan) const;
  std::string completion(Words words, const ChatRequest& request, Plan& plan) const;
  void reset_stats();

  OracleKnobs knobs_;
  WantedSentences wanted_;

  // Counts since the start or the last reset.
  std::uint64_t calls_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t aborted_ = 0;
  std::uint64_t connections_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t most_in_flight_ = 0;
  std::uint64_t request_bytes_ = 0;  // with all of their JSON
  std::uint64_t prompt_bytes_ = 0;
  std::uint64_t prompt_tokens_ = 0;
  std::uint64_t completion_tokens_ = 0;
  std::uint64_t repeated_prompts_ = 0;
  std::uint64_t prompts_answered_again_ = 0;
  std::uint64_t passages_judged_ = 0;
  std::uint64_t invented_ = 0;
  std::uint64_t omitted_ = 0;
  double first_call_ = 0;  // s of the steady clock
  double last_reply_ = 0;
  std::map<std::string_view, std::uint64_t> kinds_;
  struct Seen {
    std::uint32_t calls = 0;
    std::uint32_t answers = 0;
  };
  std::unordered_map<std::uint64_t, Seen> prompts_;  // by digest
  std::unordered_set<std::uint64_t> judged_;         // passages by digest
  std::unordered_set<std::uint64_t> formats_;        // response_formats that are right
  std::string prefix_;                               // of all prompts that hold passages
  bool any_prefix_ = false;
};

}  // namespace callslip::oracle
