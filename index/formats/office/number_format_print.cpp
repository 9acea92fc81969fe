// How a number, a fraction or a date is written in a section of a format.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "index/formats/office/number_format.h"
#include "index/formats/office/sheet_moment.h"
#include "index/formats/office/sheet_number.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

/// The characters of UTF-8 that a text begins with.
std::string first_characters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; end < text.size() && count > 0; --count) end += decode_utf8(text, end).length;
  return std::string(text.substr(0, end));
}

}  // namespace

std::string NumberFormat::format_number(const Section& section, double value) {
  const std::vector<Token>& tokens = section.tokens;
  int digits = 0;
  int decimals = 0;
  int least_decimals = 0;
  int percents = 0;
  bool point = false;
  bool exponent = false;
  for (const Token& token : tokens) {
    if (token.kind == Kind::general) {
      std::string out;
      for (const Token& part : tokens) {
        out += part.kind == Kind::general ? general_number(value) : part.text;
      }
      return out;
    }
    if (token.kind == Kind::slash) return format_fraction(section, value);
    if (token.kind == Kind::percent) ++percents;
    if (token.kind == Kind::exponent) exponent = true;
    if (token.kind == Kind::point) point = true;
    if (token.kind != Kind::digit || exponent) continue;
    ++digits;
    if (!point) continue;
    ++decimals;
    if (token.text != "#") least_decimals = decimals;
  }
  const bool has_text = std::any_of(tokens.begin(), tokens.end(),
                                    [](const Token& t) { return t.kind == Kind::text; });
  if (digits == 0 && has_text) return general_number(value);
  const bool negative = value < 0;
  double size = std::fabs(value) * std::pow(100.0, std::min(percents, 3));
  size /= std::pow(1000.0, section.scale);

  int power = 0;
  if (exponent && size > 0) {
    power = static_cast<int>(std::floor(std::log10(size)));
    size /= std::pow(10.0, power);
    if (fixed_number(size, decimals).starts_with("10")) {
      size /= 10;
      ++power;
    }
  }
  std::string number = digits > 0 ? fixed_number(size, decimals) : std::string();
  std::string whole = number.substr(0, number.find('.'));
  std::string fraction =
      number.find('.') == number.npos ? std::string() : number.substr(number.find('.') + 1);
  while (static_cast<int>(fraction.size()) > least_decimals && fraction.ends_with('0')) {
    fraction.pop_back();
  }
  if (whole == "0") whole.clear();
  const bool is_zero = whole.empty() && fraction.find_first_not_of('0') == fraction.npos;

  // The digits fill their places from the right; the leftmost place takes what is left.
  std::size_t places = 0;
  for (const Token& token : tokens) {
    if (token.kind == Kind::point || token.kind == Kind::exponent) break;
    if (token.kind == Kind::digit) ++places;
  }
  std::size_t place = places;  // how many places are at this one and to the right
  std::string out;
  bool in_fraction = false;
  bool in_exponent = false;
  std::size_t exponent_width = 0;
  for (const Token& token : tokens) {
    if (token.kind == Kind::exponent) {
      in_exponent = true;
      out += 'E';
      out += power < 0 ? "-" : token.text == "+" ? "+" : "";
      exponent_width = static_cast<std::size_t>(
          std::count_if(tokens.begin(), tokens.end(),
                        [](const Token& t) { return t.kind == Kind::digit; }) -
          digits);
      out += padded_number(std::abs(power), exponent_width);
    } else if (token.kind == Kind::point) {
      if (!fraction.empty() || token.text.empty() || least_decimals > 0) out += '.';
      if (places == 0) out.insert(out.size() - (out.ends_with('.') ? 1 : 0), whole);
      out += fraction;
      in_fraction = true;
    } else if (token.kind == Kind::digit) {
      if (in_fraction || in_exponent) continue;
      const auto put = [&](std::size_t right) {  // the digit with so many to its right
        if (right >= whole.size()) {
          if (token.text == "0") out += '0';
          if (token.text != "0") return;
        } else {
          out += whole[whole.size() - 1 - right];
        }
        if (section.thousands && right > 0 && right % 3 == 0) out += ',';
      };
      if (place == places) {
        for (std::size_t right = whole.size(); right > place; --right) put(right - 1);
      }
      put(place - 1);
      --place;
    } else if (token.kind == Kind::percent || token.kind == Kind::literal) {
      out += token.text;
    }
  }
  return negative && !is_zero ? "-" + out : out;
}

std::string NumberFormat::format_fraction(const Section& section, double value) {
  // "# ?/?": the places behind the slash say how large the denominator may be, or which it is.
  std::string behind;
  std::size_t before = 0;
  bool slash = false;
  bool gap = false;
  bool whole_part = false;
  for (const Token& token : section.tokens) {
    if (token.kind == Kind::slash) slash = true;
    if (token.kind == Kind::digit) {
      if (gap && before > 0 && !slash) whole_part = true;
      if (slash) behind += token.text;
      if (!slash) ++before;
      gap = false;
    } else if (token.kind == Kind::literal) {
      if (slash && !token.text.empty() && token.text[0] >= '0' && token.text[0] <= '9') {
        behind += token.text;
      }
      gap = true;
    }
  }
  const double size = std::fabs(value);
  double whole = whole_part ? std::floor(size) : 0;
  const double rest = size - whole;
  const int given = std::atoi(behind.c_str());
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  double best = 2;
  const int most = given > 0 ? given : behind.size() >= 3 ? 999 : behind.size() == 2 ? 99 : 9;
  for (int d = given > 0 ? given : 1; d <= most; ++d) {
    const double n = std::round(rest * d);
    const double off = std::fabs(rest - n / d);
    if (n < 1e15 && off < best - 1e-12) {
      best = off;
      numerator = static_cast<std::int64_t>(n);
      denominator = d;
    }
  }
  if (whole_part && numerator == denominator) {
    whole += 1;
    numerator = 0;
  }
  std::string out = value < 0 ? "-" : "";
  if (whole_part && (whole > 0 || numerator == 0)) out += fixed_number(whole, 0);
  if (!whole_part || numerator > 0) {
    if (whole_part && whole > 0) out += ' ';
    out += std::to_string(numerator) + "/" + std::to_string(denominator);
  }
  return out;
}

std::string NumberFormat::format_date(const Section& section, double value, bool from_1904) {
  const std::vector<Token>& tokens = section.tokens;
  bool twelve = false;
  bool subseconds = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    twelve = twelve || tokens[i].text == "am/pm" || tokens[i].text == "a/p";
    subseconds = subseconds || (tokens[i].kind == Kind::point && i + 1 < tokens.size() &&
                                tokens[i + 1].kind == Kind::digit);
  }
  const SheetMoment at = moment_of(value, from_1904, subseconds);
  static const CalendarNames english = calendar_names(0x409);
  const CalendarNames& names = section.names ? *section.names : english;
  const bool with_day = std::any_of(tokens.begin(), tokens.end(), [](const Token& t) {
    return t.kind == Kind::date && t.text[0] == 'd' && t.text.size() <= 2;
  });
  const auto next_date = [&](std::size_t i) -> std::string_view {
    for (++i; i < tokens.size(); ++i) {
      if (tokens[i].kind == Kind::date && tokens[i].text != "/") return tokens[i].text;
    }
    return {};
  };
  std::string out;
  std::string_view before;  // the date token before this one
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind == Kind::point && i + 1 < tokens.size() && tokens[i + 1].kind == Kind::digit) {
      std::size_t width = 0;
      while (i + 1 < tokens.size() && tokens[i + 1].kind == Kind::digit) {
        ++i;
        ++width;
      }
      out += "." + padded_number(at.milliseconds, 3).substr(0, std::min<std::size_t>(width, 3));
      continue;
    }
    if (token.kind != Kind::date) {
      out += token.text;
      continue;
    }
    const std::string& code = token.text;
    if (code == "/") {
      out += names.date_separator;
      continue;
    }
    const std::size_t width = code.size();
    const bool minutes = code[0] == 'm' && width <= 2 &&
                         (before.starts_with('h') || before.starts_with("[h") ||
                          next_date(i).starts_with('s') || next_date(i).starts_with("[s"));
    if (code == "am/pm") {
      out += at.hour < 12 ? "AM" : "PM";
    } else if (code == "a/p") {
      out += at.hour < 12 ? "A" : "P";
    } else if (code[0] == '[') {
      const std::int64_t unit = code[1] == 'h' ? 3600 : code[1] == 'm' ? 60 : 1;
      out += padded_number(at.total_seconds / unit, width - 2);
    } else if (code[0] == 'y') {
      out += width <= 2 ? padded_number(at.year % 100, 2) : padded_number(at.year, 4);
    } else if (minutes) {
      out += padded_number(at.minute, width);
    } else if (code[0] == 'm') {
      const auto month = static_cast<std::size_t>(at.month - 1);
      const std::string& name = with_day ? names.months[month] : names.lone_months[month];
      out += width <= 2   ? padded_number(at.month, width)
             : width == 3 ? names.short_months[month]
             : width == 5 ? first_characters(name, 1)
                          : name;
    } else if (code[0] == 'd') {
      const auto weekday = static_cast<std::size_t>(at.weekday);
      out += width <= 2   ? padded_number(at.day, width)
             : width == 3 ? names.short_weekdays[weekday]
                          : names.weekdays[weekday];
    } else if (code[0] == 'h') {
      out += padded_number(twelve ? (at.hour + 11) % 12 + 1 : at.hour,
                           std::min<std::size_t>(width, 2));
    } else {
      out += padded_number(at.second, std::min<std::size_t>(width, 2));
    }
    before = code;
  }
  return out;
}

}  // namespace callslip
