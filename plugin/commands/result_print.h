// Results as a person reads them on a terminal.
#pragma once

#include <vector>

#include "tools/found_chunk.h"
#include "tools/question_preparation.h"
#include "tools/read_chunks.h"

namespace callslip {

void print_chunks(const std::vector<FoundChunk>& chunks);
void print_expanded(const QuestionPreparation& expanded);

/// The evidence with its places, the best chunks' places, the answer, and what was read.
void print_reading(const ReadChunksResult& result);

}  // namespace callslip
