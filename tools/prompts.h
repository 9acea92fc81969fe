// Prompts: what the reader model is told.
//
// Pure functions: any thread. Whoever caches verdicts keeps prompt_version in the key.
#pragma once

#include <span>
#include <string>

#include "tools/reader.h"

namespace callslip {

/// Goes up with every change of a prompt that may change a verdict.
inline constexpr int prompt_version = 1;

/// To judge one passage: "None", or its relevant sentences. What is the same for all passages of a
/// question comes first, so that a server can keep its prefix.
std::string read_prompt(const std::string& question, const Passage& passage);

/// To answer from the evidence alone, citing it by chunk id.
std::string answer_prompt(const std::string& question, std::span<const Passage> evidence);

}  // namespace callslip
