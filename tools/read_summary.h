// The lines of a reading's answer that are about the reading: what was read, what is left, how to
// go on. Pure functions.
#pragma once

#include <string>

#include "tools/read_chunks.h"

namespace callslip {

/// "Found: 3 relevant chunks; read 64 of 2041 chunks, 1977 not read."
std::string summary_line(const ReadChunksResult& result);

/// "12 calls, about 9 s": of the most that a plan tells, and of the least where that is less.
std::string plan_line(const ReadPlan& plan);

/// How to go on; shorter where the room is short.
std::string footer_line(const std::string& next, const std::string& cursor, bool tight);

/// No cursor is longer.
inline constexpr const char* widest_cursor = "r9g8q7z6v5x4";

}  // namespace callslip
