#include "index/formats/office/calendar_names.h"

#include <unicode/dtfmtsym.h>
#include <unicode/locid.h>
#include <unicode/smpdtfmt.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

namespace callslip {
namespace {

constexpr std::uint32_t kAmericanEnglish = 0x409;

icu::Locale locale_of(std::uint32_t language) {
  std::array<char, ULOC_FULLNAME_CAPACITY> name{};
  for (const std::uint32_t id : {language, kAmericanEnglish}) {
    UErrorCode error = U_ZERO_ERROR;
    uloc_getLocaleForLCID(id, name.data(), static_cast<int>(name.size()) - 1, &error);
    if (U_SUCCESS(error) && name[0] != '\0') break;
  }
  icu::Locale locale(name.data());
  UErrorCode error = U_ZERO_ERROR;
  locale.setKeywordValue("calendar", "gregorian", error);  // sheets count by it
  return locale;
}

/// ICU's weekdays count from 1: `skip` is what goes before the first.
template <std::size_t size>
void take(const icu::UnicodeString* names, std::int32_t count, std::size_t skip,
          std::array<std::string, size>& to) {
  for (std::size_t i = 0; i < size && i + skip < static_cast<std::size_t>(count); ++i) {
    names[i + skip].toUTF8String(to[i]);
  }
}

}  // namespace

CalendarNames calendar_names(std::uint32_t language) {
  const icu::Locale locale = locale_of(language);
  UErrorCode error = U_ZERO_ERROR;
  const icu::DateFormatSymbols symbols(locale, error);
  CalendarNames out;
  using Symbols = icu::DateFormatSymbols;
  std::int32_t count = 0;
  const icu::UnicodeString* names = symbols.getMonths(count, Symbols::FORMAT, Symbols::WIDE);
  take(names, count, 0, out.months);
  names = symbols.getMonths(count, Symbols::FORMAT, Symbols::ABBREVIATED);
  take(names, count, 0, out.short_months);
  names = symbols.getMonths(count, Symbols::STANDALONE, Symbols::WIDE);
  take(names, count, 0, out.lone_months);
  names = symbols.getWeekdays(count, Symbols::FORMAT, Symbols::WIDE);
  take(names, count, 1, out.weekdays);
  names = symbols.getWeekdays(count, Symbols::FORMAT, Symbols::ABBREVIATED);
  take(names, count, 1, out.short_weekdays);

  const std::unique_ptr<icu::DateFormat> dates(
      icu::DateFormat::createDateInstance(icu::DateFormat::kShort, locale));
  if (const auto* simple = dynamic_cast<const icu::SimpleDateFormat*>(dates.get())) {
    icu::UnicodeString pattern;
    simple->toPattern(pattern);
    for (std::int32_t i = 1; i < pattern.length(); ++i) {
      const char16_t c = pattern.charAt(i);
      if (c != u'.' && c != u'-' && c != u'/') continue;
      out.date_separator.assign(1, static_cast<char>(c));
      break;
    }
  }
  return out;
}

}  // namespace callslip
