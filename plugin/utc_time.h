// Points in time as ISO 8601 in UTC, as the protocol and the tools print them. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace callslip {

/// "2026-07-28T09:30:00Z" for seconds since 1970; empty where there is no such date.
std::string utc_time(std::int64_t seconds);

}  // namespace callslip
