// Results as a person reads them on a terminal.
#pragma once

#include <vector>

#include "tools/found_chunk.h"
#include "tools/read_chunks.h"

namespace callslip {

void print_chunks(const std::vector<FoundChunk>& chunks);
void print_evidence(const std::vector<Evidence>& evidence);

}  // namespace callslip
