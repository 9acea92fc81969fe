// CalendarNames: what a language calls the months and weekdays, from ICU's data.
//
// Immutable: any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace callslip {

struct CalendarNames {
  std::array<std::string, 12> months;        // as beside a day: "6. October", in Russian genitive
  std::array<std::string, 12> short_months;  // "Oct"
  std::array<std::string, 12> lone_months;   // as without a day
  std::array<std::string, 7> weekdays;       // from Sunday on
  std::array<std::string, 7> short_weekdays;
  std::string date_separator = "/";  // of the language's short dates
};

/// By Windows' number of the language (MS-LCID); English for one that is not known.
CalendarNames calendar_names(std::uint32_t language);

}  // namespace callslip
