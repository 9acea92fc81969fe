// WantedSentences: what the oracle knows to be relevant, for every question or for some.
//
// Immutable: any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/servers/phrase_set.h"

namespace callslip::oracle {

class WantedSentences {
 public:
  WantedSentences() = default;
  /// An array of sentences and of {"question": ..., "sentences": [...]}: wanted where the prompt
  /// holds the question, or always, without one. Throws std::invalid_argument.
  explicit WantedSentences(const nlohmann::json& entries);
  /// One such entry a line; a sentence stands there as it is.
  static WantedSentences of_file(const std::string& path);

  /// The numbers of the questions that a prompt holds.
  std::vector<std::size_t> questions_in(std::string_view prompt) const;
  /// The sentences that the text holds and that some of the questions want, in the text's order.
  std::vector<std::string> in(std::string_view text,
                              const std::vector<std::size_t>& questions) const;

 private:
  struct Sentence {
    std::string text;
    bool always = false;
    std::vector<std::size_t> questions;  // else: that want it
  };
  std::vector<Sentence> sentences_;
  PhraseSet sentence_set_;
  PhraseSet question_set_;
};

}  // namespace callslip::oracle
