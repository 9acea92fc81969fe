#include "index/formats/office/number_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "index/formats/text_document.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t max_code = 1024;
constexpr int max_decimals = 30;

/// With ties rounded away from zero, in the 15 decimal digits that spreadsheets count with: 0.5 is
/// 1, and 1.005 is 1.01, whatever their binary fractions are.
std::string fixed(double value, int decimals) {
  decimals = std::min(decimals, max_decimals);
  std::array<char, 400> buffer;
  const double size = std::fabs(value);
  if (!(size < 1e15)) {
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    return std::string(buffer.data(), static_cast<std::size_t>(std::max(length, 0)));
  }
  std::snprintf(buffer.data(), buffer.size(), "%.14e", size);  // d.dddddddddddddde-xx
  const std::string_view printed(buffer.data());
  std::string digits(1, printed[0]);
  digits += printed.substr(2, 14);
  int whole = std::atoi(buffer.data() + printed.find('e') + 1) + 1;  // digits before the point
  const int kept = whole + decimals;
  if (kept < 0) {
    digits.clear();
    whole = -decimals;
  } else {
    const auto count = static_cast<std::size_t>(kept);
    const bool up = count < digits.size() && digits[count] >= '5';
    digits.resize(count, '0');
    std::size_t i = count;
    while (up && i > 0 && digits[i - 1] == '9') digits[--i] = '0';
    if (up && i > 0) {
      ++digits[i - 1];
    } else if (up) {
      digits.insert(0, 1, '1');
      ++whole;
    }
  }
  if (whole <= 0) {
    digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
    whole = 1;
  }
  if (decimals > 0) digits.insert(static_cast<std::size_t>(whole), 1, '.');
  return value < 0 ? "-" + digits : digits;
}

/// The characters of UTF-8 that a text begins with.
std::string first_characters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; end < text.size() && count > 0; --count) end += decode_utf8(text, end).length;
  return std::string(text.substr(0, end));
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

struct Moment {
  std::int64_t year = 0;
  int month = 1, day = 1, weekday = 0, hour = 0, minute = 0, second = 0, milliseconds = 0;
  std::int64_t total_seconds = 0;
};

/// Days since 1970 as a date (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
void set_date(Moment& moment, std::int64_t days) {
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

Moment moment_of(double serial, bool from_1904, bool with_milliseconds) {
  double exact = serial * 86'400'000.0;
  if (!with_milliseconds) exact = std::round(exact / 1000.0) * 1000.0;
  const auto total = static_cast<std::int64_t>(std::llround(exact));
  std::int64_t days = total / 86'400'000;
  const std::int64_t rest = total % 86'400'000;
  Moment moment;
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

bool is_date_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower == 'y' || lower == 'm' || lower == 'd' || lower == 'h' || lower == 's';
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return ascii_lower(text.substr(0, lower.size())) == lower;
}

}  // namespace

std::string_view builtin_number_format(int id) {
  switch (id) {
    case 1:
      return "0";
    case 2:
      return "0.00";
    case 3:
      return "#,##0";
    case 4:
      return "#,##0.00";
    case 5:
      return "$#,##0_);($#,##0)";
    case 6:
      return "$#,##0_);[Red]($#,##0)";
    case 7:
      return "$#,##0.00_);($#,##0.00)";
    case 8:
      return "$#,##0.00_);[Red]($#,##0.00)";
    case 9:
      return "0%";
    case 10:
      return "0.00%";
    case 11:
      return "0.00E+00";
    case 12:
      return "# ?/?";
    case 13:
      return "# ?\?/?\?";
    case 15:
      return "d-mmm-yy";
    case 16:
      return "d-mmm";
    case 17:
      return "mmm-yy";
    case 18:
      return "h:mm AM/PM";
    case 19:
      return "h:mm:ss AM/PM";
    case 20:
      return "h:mm";
    case 21:
      return "h:mm:ss";
    case 22:
      return "yyyy-mm-dd h:mm";
    case 37:
    case 38:
      return "#,##0_);(#,##0)";
    case 39:
    case 40:
      return "#,##0.00_);(#,##0.00)";
    case 41:
    case 42:
      return "#,##0;-#,##0;-";
    case 43:
    case 44:
      return "#,##0.00;-#,##0.00;-";
    case 45:
      return "mm:ss";
    case 46:
      return "[h]:mm:ss";
    case 47:
      return "mm:ss.0";
    case 48:
      return "##0.0E+0";
    case 49:
      return "@";
    default:
      // 14, and the dates of East Asian systems.
      return id == 14 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58) ? "yyyy-mm-dd"
                                                                          : "General";
  }
}

std::string general_number(double value) {
  if (!std::isfinite(value)) return "#NUM!";
  if (value == 0) return "0";
  const double size = std::fabs(value);
  std::array<char, 64> buffer;
  if (size >= 1e-4 && size < 1e15) {  // where printf's %g has no exponent
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                            std::chars_format::general, 15);
    if (error == std::errc()) return std::string(buffer.data(), end);
  }
  std::snprintf(buffer.data(), buffer.size(), size < 1e15 && size >= 1e-5 ? "%.15g" : "%.15G",
                value);
  std::string text(buffer.data());
  if (text.find('e') == text.npos || size >= 1e15) return text;
  text = fixed(value, 20);  // 0.00001234: no exponent
  while (text.ends_with('0')) text.pop_back();
  return text;
}

NumberFormat::NumberFormat(std::string_view code) {
  code = code.substr(0, max_code);
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= code.size(); ++i) {
    if (i < code.size()) {
      if (code[i] == '"') quoted = !quoted;
      if (!quoted && (code[i] == '\\' || code[i] == '_' || code[i] == '*')) {
        ++i;
        continue;
      }
      if (quoted || code[i] != ';') continue;
    }
    sections_.push_back(parse_section(code.substr(start, std::min(i, code.size()) - start)));
    start = i + 1;
    if (sections_.size() == 4) break;
  }
  is_general_ = sections_.size() == 1 && sections_[0].tokens.size() == 1 &&
                sections_[0].tokens[0].kind == Kind::general;
}

NumberFormat::Section NumberFormat::parse_section(std::string_view code) {
  Section section;
  std::vector<Token>& tokens = section.tokens;
  const auto literal = [&](std::string_view text) {
    if (tokens.empty() || tokens.back().kind != Kind::literal) tokens.push_back({});
    tokens.back().text += text;
  };
  std::uint32_t language = 0;
  for (std::size_t i = 0; i < code.size();) {
    const char c = code[i];
    const std::string_view rest = code.substr(i);
    if (c == '"') {
      const std::size_t end = std::min(code.find('"', i + 1), code.size());
      literal(code.substr(i + 1, end - i - 1));
      i = end + 1;
    } else if (c == '\\') {
      std::size_t length = 1;
      while (i + 1 + length < code.size() && (code[i + 1 + length] & 0xC0) == 0x80) ++length;
      literal(code.substr(std::min(i + 1, code.size()), length));
      i += 1 + length;
    } else if (c == '_') {
      literal(" ");
      i += 2;
    } else if (c == '*') {
      i += 2;
    } else if (c == '[') {
      const std::size_t end = std::min(code.find(']', i), code.size());
      const std::string_view inner = code.substr(i + 1, end - i - 1);
      i = end + 1;
      if (inner.starts_with('$')) {
        // "[$€-407]": a currency, a language, either of them.
        const std::size_t dash = std::min(inner.find('-'), inner.size());
        literal(inner.substr(1, dash - 1));
        language = static_cast<std::uint32_t>(
            std::strtoul(std::string(inner.substr(std::min(dash + 1, inner.size()))).c_str(),
                         nullptr, 16) &
            0xFFFF);
      } else if (!inner.empty() && (inner[0] == '<' || inner[0] == '>' || inner[0] == '=')) {
        const std::size_t number = std::min(inner.find_first_not_of("<>="), inner.size());
        section.condition = inner.substr(0, number);
        section.bound = std::strtod(std::string(inner.substr(number)).c_str(), nullptr);
      } else if (!inner.empty() && is_date_letter(inner[0]) &&
                 leading(ascii_lower(inner), static_cast<char>(inner[0] | 0x20)) == inner.size()) {
        tokens.push_back({Kind::date, "[" + ascii_lower(inner) + "]"});
        section.date = true;
      }
    } else if (starts_with_ignoring_case(rest, "general")) {
      tokens.push_back({Kind::general, {}});
      i += 7;
    } else if (starts_with_ignoring_case(rest, "am/pm")) {
      tokens.push_back({Kind::date, "am/pm"});
      section.date = true;
      i += 5;
    } else if (starts_with_ignoring_case(rest, "a/p")) {
      tokens.push_back({Kind::date, "a/p"});
      section.date = true;
      i += 3;
    } else if (c == '0' || c == '#' || c == '?') {
      tokens.push_back({Kind::digit, std::string(1, c)});
      ++i;
    } else if (c == '.') {
      tokens.push_back({Kind::point, "."});
      ++i;
    } else if (c == ',') {
      const bool behind_digit = !tokens.empty() && tokens.back().kind == Kind::digit;
      std::size_t end = i;
      while (end < code.size() && code[end] == ',') ++end;
      const bool before_digit =
          end < code.size() && (code[end] == '0' || code[end] == '#' || code[end] == '?');
      if (behind_digit && before_digit) {
        section.thousands = true;
      } else if (behind_digit) {
        section.scale = std::min(static_cast<int>(end - i), 5);
      } else {
        literal(",");
      }
      i = end;
    } else if (c == '%') {
      tokens.push_back({Kind::percent, "%"});
      ++i;
    } else if ((c == 'E' || c == 'e') && rest.size() > 1 && (rest[1] == '+' || rest[1] == '-')) {
      tokens.push_back({Kind::exponent, std::string(1, rest[1])});
      i += 2;
    } else if (c == '/' && !section.date && !tokens.empty() && tokens.back().kind == Kind::digit) {
      tokens.push_back({Kind::slash, "/"});
      ++i;
    } else if (c == '/' && section.date) {
      tokens.push_back({Kind::date, "/"});
      ++i;
    } else if (c == '@') {
      tokens.push_back({Kind::text, "@"});
      ++i;
    } else if (is_date_letter(c)) {
      const std::string run = ascii_lower(rest);
      const std::size_t length = leading(run, run[0]);
      tokens.push_back({Kind::date, run.substr(0, length)});
      section.date = true;
      i += length;
    } else {
      literal(code.substr(i, 1));
      ++i;
    }
  }
  // 0xF800, 0xF400: dates and times as the system shows them.
  if (section.date && language != 0 && language < 0xF000) {
    section.names = calendar_names(language);
  }
  return section;
}

bool NumberFormat::is_date() const { return !sections_.empty() && sections_.front().date; }

const NumberFormat::Section* NumberFormat::choose(double value) const {
  const auto holds = [&](const Section& section) {
    const std::string& op = section.condition;
    if (op == "<") return value < section.bound;
    if (op == "<=") return value <= section.bound;
    if (op == ">") return value > section.bound;
    if (op == ">=") return value >= section.bound;
    if (op == "=") return value == section.bound;
    return op == "<>" && value != section.bound;
  };
  const std::size_t count = std::min<std::size_t>(sections_.size(), 3);
  bool conditions = false;
  for (std::size_t i = 0; i < count; ++i)
    conditions = conditions || !sections_[i].condition.empty();
  if (conditions) {
    for (std::size_t i = 0; i < count; ++i) {
      if (sections_[i].condition.empty() || holds(sections_[i])) return &sections_[i];
    }
    return nullptr;
  }
  if (count == 0) return nullptr;
  if (value < 0 && count > 1) return &sections_[1];
  if (value == 0 && count > 2) return &sections_[2];
  return &sections_[0];
}

std::string NumberFormat::format(double value, bool from_1904) const {
  if (!std::isfinite(value)) return "#NUM!";
  if (is_general_) return general_number(value);
  const Section* section = choose(value);
  if (section == nullptr) return general_number(value);
  if (section->date) {
    if (value < 0 || value >= 2'958'466) return general_number(value);
    return std::string(trimmed(format_date(*section, value, from_1904)));
  }
  // A section for negative numbers says itself how they are marked.
  const bool own_section = sections_.size() > 1 && section != &sections_[0];
  const double shown = own_section || !section->condition.empty() ? std::fabs(value) : value;
  return std::string(trimmed(format_number(*section, shown)));
}

std::string NumberFormat::format_text(std::string_view text) const {
  const Section* section = sections_.size() == 4 ? &sections_[3] : nullptr;
  if (sections_.size() == 1) section = &sections_[0];
  if (section == nullptr) return std::string(text);
  std::string out;
  bool placed = false;
  for (const Token& token : section->tokens) {
    if (token.kind == Kind::text) {
      out += text;
      placed = true;
    } else if (token.kind == Kind::literal) {
      out += token.text;
    }
  }
  return placed ? out : std::string(text);
}

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
    if (fixed(size, decimals).starts_with("10")) {
      size /= 10;
      ++power;
    }
  }
  std::string number = digits > 0 ? fixed(size, decimals) : std::string();
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
      out += padded(std::abs(power), exponent_width);
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
  if (whole_part && (whole > 0 || numerator == 0)) out += fixed(whole, 0);
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
  const Moment at = moment_of(value, from_1904, subseconds);
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
      out += "." + padded(at.milliseconds, 3).substr(0, std::min<std::size_t>(width, 3));
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
      out += padded(at.total_seconds / unit, width - 2);
    } else if (code[0] == 'y') {
      out += width <= 2 ? padded(at.year % 100, 2) : padded(at.year, 4);
    } else if (minutes) {
      out += padded(at.minute, width);
    } else if (code[0] == 'm') {
      const auto month = static_cast<std::size_t>(at.month - 1);
      const std::string& name = with_day ? names.months[month] : names.lone_months[month];
      out += width <= 2   ? padded(at.month, width)
             : width == 3 ? names.short_months[month]
             : width == 5 ? first_characters(name, 1)
                          : name;
    } else if (code[0] == 'd') {
      const auto weekday = static_cast<std::size_t>(at.weekday);
      out += width <= 2   ? padded(at.day, width)
             : width == 3 ? names.short_weekdays[weekday]
                          : names.weekdays[weekday];
    } else if (code[0] == 'h') {
      out += padded(twelve ? (at.hour + 11) % 12 + 1 : at.hour, std::min<std::size_t>(width, 2));
    } else {
      out += padded(at.second, std::min<std::size_t>(width, 2));
    }
    before = code;
  }
  return out;
}

}  // namespace callslip
