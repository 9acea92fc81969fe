// Prompts: what the reader model is told. Their texts are the files of tools/prompts/.
//
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tools/reader.h"

namespace callslip {

/// What a cached verdict depends on: the version of prompts/read.txt and a hash of its text, so
/// that a change without a new version is noticed too.
std::string read_prompt_version();

/// To judge passages, numbered from 1. What is the same for all passages of a question comes first,
/// so that a server can keep its prefix.
std::string read_prompt(const std::string& question, std::span<const Passage> passages);

/// At least the bytes of a read prompt that are not passages.
std::uint64_t read_prompt_overhead(const std::string& question);

/// At least the bytes that stand around a passage's text.
std::uint64_t passage_overhead(const Passage& passage);

/// To answer from the evidence alone, citing it by chunk id.
std::string answer_prompt(const PreparedQuestion& question, std::span<const Passage> evidence);

/// To separate information from instruction and to find keywords in these languages.
std::string prepare_prompt(const std::string& question, std::span<const std::string> languages);

}  // namespace callslip
