// NumberFormat: a spreadsheet's number format (ECMA-376 part 1, 18.8.30): numbers, dates and times
// as the sheet shows them. Months and weekdays are in the language that the format names, else
// English.
//
// Immutable: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/formats/office/calendar_names.h"

namespace callslip {

class NumberFormat {
 public:
  explicit NumberFormat(std::string_view code);

  /// `from_1904`: the workbook counts days from 1904 (ECMA-376 part 1, 18.17.4).
  std::string format(double value, bool from_1904) const;

  /// Text in such a cell: "@" and what stands around it.
  std::string format_text(std::string_view text) const;

  bool is_date() const;

 private:
  enum class Kind {
    literal,
    digit,  // 0, # or ?
    point,
    percent,
    exponent,  // E+ or E-
    slash,     // of a fraction
    date,      // a run of y, m, d, h, s; "[h]"; "AM/PM"
    text,      // @
    general,
  };
  struct Token {
    Kind kind = Kind::literal;
    std::string text;
  };
  struct Section {
    std::vector<Token> tokens;
    std::string condition;  // "<", ">=", ...; empty: none
    double bound = 0;
    bool date = false;
    std::optional<CalendarNames> names;  // of dates in the language that the format names
    bool thousands = false;
    int scale = 0;  // commas behind the digits: a thousandth each
  };

  static Section parse_section(std::string_view code);
  const Section* choose(double value) const;
  static std::string format_number(const Section& section, double value);
  static std::string format_fraction(const Section& section, double value);
  static std::string format_date(const Section& section, double value, bool from_1904);

  std::vector<Section> sections_;
  bool is_general_ = false;
};

/// The format of that built-in number; "General" for what is none. Dates that follow the system's
/// region are written as 2024-12-31.
std::string_view builtin_number_format(int id);

}  // namespace callslip
