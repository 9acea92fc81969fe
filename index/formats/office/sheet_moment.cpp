#include "index/formats/office/sheet_moment.h"

#include <cmath>

namespace callslip {
namespace {

/// Days since 1970 as a date (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
void set_date(SheetMoment& moment, std::int64_t days) {
  moment.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t of_era = days - era * 146097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::int64_t shifted = (5 * of_year + 2) / 153;
  moment.day = static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1);
  moment.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  moment.year = year + era * 400 + (moment.month <= 2 ? 1 : 0);
}

}  // namespace

SheetMoment moment_of(double serial, bool from_1904, bool with_milliseconds) {
  double exact = serial * 86'400'000.0;
  if (!with_milliseconds) exact = std::round(exact / 1000.0) * 1000.0;
  const auto total = static_cast<std::int64_t>(std::llround(exact));
  std::int64_t days = total / 86'400'000;
  const std::int64_t rest = total % 86'400'000;
  SheetMoment moment;
  moment.total_seconds = total / 1000;
  moment.milliseconds = static_cast<int>(rest % 1000);
  moment.second = static_cast<int>(rest / 1000 % 60);
  moment.minute = static_cast<int>(rest / 60'000 % 60);
  moment.hour = static_cast<int>(rest / 3'600'000);
  if (from_1904) {
    days += 1462;
  } else if (days < 60) {
    ++days;  // 1900 is taken for a leap year
  }
  set_date(moment, days - 25569);
  return moment;
}

}  // namespace callslip
