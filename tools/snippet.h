// Snippets: of a chunk, the sentence that says most of a question.
//
// Belongs to one call.
#pragma once

#include <optional>
#include <string>

#include "index/snapshot.h"
#include "index/text/sentences.h"
#include "tools/sentence_scorer.h"

namespace callslip {

class Snippets {
 public:
  /// `question` is weighed when the first snippet is asked for.
  Snippets(const Snapshot& snapshot, std::string question)
      : snapshot_(snapshot), words_(std::move(question)) {}

  /// The sentence, with what follows it while it is short; nothing of a text without sentences.
  ByteSpan of(const std::string& text, TextKind kind);

 private:
  const Snapshot& snapshot_;
  const std::string words_;
  WeightedQuestion question_;
  std::optional<SentenceScorer> scorer_;  // over question_
};

}  // namespace callslip
