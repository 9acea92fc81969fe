// PackJudge: the verdicts on the passages of a pack, from what a model said of it. Only what stands
// in a passage becomes evidence.
//
// The work is bounded, whatever the model said: a quote is searched only in passages that hold the
// letters of one of its parts; of further quotes than a pack can well have, those without a
// passage's number are given up first, and count as rejected.
//
// Pure functions: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/pack_reply.h"
#include "tools/reader.h"

namespace callslip {

struct PackVerdicts {
  /// By passage; nothing for one on which the reply says nothing that can be trusted: it passed
  /// over it, or, without passages' numbers, said neither None nor anything that stands in one.
  std::vector<std::optional<Verdict>> by_passage;
  std::size_t rejected_quotes = 0;  // of no passage; the others are counted with their passages
  std::size_t searches = 0;         // of a quote in a passage that holds some of its letters
};

PackVerdicts judge_pack(std::span<const Passage> passages, const PackReply& reply);

/// The verdict on one passage from quotes that are said to be of it.
Verdict judge_quotes(const Passage& passage, std::span<const std::string> quotes);

}  // namespace callslip
