// SheetMoment: what a number of days in a spreadsheet is as a date and a time (ECMA-376 part 1,
// 18.17.4).
//
// Pure function; any thread.
#pragma once

#include <cstdint>

namespace callslip {

struct SheetMoment {
  std::int64_t year = 0;
  int month = 1, day = 1, weekday = 0, hour = 0, minute = 0, second = 0, milliseconds = 0;
  std::int64_t total_seconds = 0;
};

/// `from_1904`: the days are counted from 1904, not from 1900. Without milliseconds the second is
/// rounded.
SheetMoment moment_of(double serial, bool from_1904, bool with_milliseconds);

}  // namespace callslip
