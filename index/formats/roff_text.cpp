#include "index/formats/roff_text.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "index/text/utf8.h"

namespace callslip {
namespace {

std::string named_character(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"aq", "'"},      {"dq", "\""},          {"lq", "\u201C"},  {"rq", "\u201D"},
      {"oq", "\u2018"}, {"cq", "\u2019"},      {"em", "\u2014"},  {"en", "\u2013"},
      {"hy", "-"},      {"bu", "\u2022"},      {"co", "\u00A9"},  {"rg", "\u00AE"},
      {"tm", "\u2122"}, {"ti", "~"},           {"ha", "^"},       {"ga", "`"},
      {"rs", "\\"},     {"sl", "/"},           {"ul", "_"},       {"mi", "\u2212"},
      {"pl", "+"},      {"eq", "="},           {"<=", "\u2264"},  {">=", "\u2265"},
      {"!=", "\u2260"}, {"->", "\u2192"},      {"<-", "\u2190"},  {"mu", "\u00D7"},
      {"de", "\u00B0"}, {"+-", "\u00B1"},      {"at", "@"},       {"sh", "#"},
      {"Do", "$"},      {"fm", "\u2032"},      {"lB", "["},       {"rB", "]"},
      {"lC", "{"},      {"rC", "}"},           {"la", "<"},       {"ra", ">"},
      {"ba", "|"},      {"br", "|"},           {"or", "|"},       {"ss", "\u00DF"},
      {"sc", "\u00A7"}, {"ae", "\u00E6"},      {"AE", "\u00C6"},  {"/o", "\u00F8"},
      {"/O", "\u00D8"}, {"oa", "\u00E5"},      {"oA", "\u00C5"},  {":a", "\u00E4"},
      {":o", "\u00F6"}, {":u", "\u00FC"},      {":A", "\u00C4"},  {":O", "\u00D6"},
      {":U", "\u00DC"}, {"'a", "\u00E1"},      {"'e", "\u00E9"},  {"'i", "\u00ED"},
      {"'o", "\u00F3"}, {"'u", "\u00FA"},      {"`a", "\u00E0"},  {"`e", "\u00E8"},
      {",c", "\u00E7"}, {"~n", "\u00F1"},      {"^e", "\u00EA"},  {"^o", "\u00F4"},
      {"if", "\u221E"}, {"*p", "\u03C0"},      {"*m", "\u03BC"},  {"*a", "\u03B1"},
      {"*b", "\u03B2"}, {"lh", "\u261C"},      {"rh", "\u261E"},  {"dg", "\u2020"},
      {"dd", "\u2021"}, {"12", "\u00BD"},      {"14", "\u00BC"},  {"34", "\u00BE"},
      {"Fi", "ffi"},    {"Fl", "ffl"},         {"fi", "fi"},      {"fl", "fl"},
      {"ff", "ff"},     {"product", "\u220F"}, {"sum", "\u2211"}, {"sr", "\u221A"},
      {"ua", "\u2191"}, {"da", "\u2193"},      {"Eu", "\u20AC"},  {"eu", "\u20AC"},
      {"Po", "\u00A3"}, {"Ye", "\u00A5"},      {"R", "\u00AE"},   {"Tm", "\u2122"},
      {"space", " "},   {"Ba", "|"},           {"Le", "\u2264"},  {"Ge", "\u2265"},
      {"Lt", "<"},      {"Gt", ">"},           {"Am", "&"},       {"Pm", "\u00B1"},
      {"If", "\u221E"}, {"Pi", "\u03C0"},      {"Na", "NaN"},     {"Ne", "\u2260"},
      {"Lq", "\u201C"}, {"Rq", "\u201D"},      {"Px", "POSIX"},   {"Ai", "ANSI"}};
  if (name.size() > 2 && name[0] == 'u') {
    unsigned value = 0;
    const auto [end, error] =
        std::from_chars(name.data() + 1, name.data() + name.size(), value, 16);
    if (error == std::errc() && end > name.data() + 1) {
      std::string out;
      append_utf8(out, value);
      return out;
    }
  }
  for (const auto& [known, text] : names) {
    if (name == known) return std::string(text);
  }
  return {};
}

/// The name of an escape at `at`: "(xx", "[name]" or one character. Moves `at` behind it.
std::string_view escape_name(std::string_view line, std::size_t& at) {
  if (at >= line.size()) return {};
  if (line[at] == '(') {
    const std::string_view name = line.substr(at + 1, 2);
    at = std::min(at + 3, line.size());
    return name;
  }
  if (line[at] == '[') {
    const std::size_t end = std::min(line.find(']', at), line.size());
    const std::string_view name = line.substr(at + 1, end - at - 1);
    at = std::min(end + 1, line.size());
    return name;
  }
  return line.substr(at++, 1);
}

/// Behind an argument in quotes such as 'abc'.
void skip_quoted(std::string_view line, std::size_t& at) {
  if (at >= line.size()) return;
  const std::size_t end = line.find(line[at], at + 1);
  at = end == line.npos ? line.size() : end + 1;
}

}  // namespace

std::string roff_text(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] != '\\') {
      out += line[at++];
      continue;
    }
    if (++at >= line.size()) break;
    const char c = line[at++];
    switch (c) {
      case '"':
      case '#':
        return out;  // a comment
      case '-':
        out += '-';
        break;
      case 'e':
      case '\\':
        out += '\\';
        break;
      case '\'':
      case '`':
      case '.':
      case '_':
        out += c;
        break;
      case ' ':
      case '~':
      case '0':
        out += ' ';
        break;
      case 't':
        out += '\t';
        break;
      case '(':
      case '[': {
        --at;
        out += named_character(escape_name(line, at));
        break;
      }
      case 'C': {
        const std::size_t start = at;
        skip_quoted(line, at);
        if (at > start + 2) out += named_character(line.substr(start + 1, at - start - 2));
        break;
      }
      case '*':
        out += named_character(escape_name(line, at));
        break;
      case 'N': {  // a character by its number
        const std::size_t start = at;
        skip_quoted(line, at);
        unsigned value = 0;
        if (at > start + 2) {
          std::from_chars(line.data() + start + 1, line.data() + at - 1, value);
          if (value >= 0x20) append_utf8(out, value);
        }
        break;
      }
      case 'f':
      case 'F':
      case 'n':
      case 'g':
      case 'k':
      case 'm':
      case 'M':
      case 'Y':
      case 'V':
        if (c == 'n' && at < line.size() && (line[at] == '+' || line[at] == '-')) ++at;
        escape_name(line, at);
        break;
      case 's': {
        if (at < line.size() && (line[at] == '+' || line[at] == '-')) ++at;
        if (at < line.size() && (line[at] == '(' || line[at] == '[')) {
          escape_name(line, at);
        } else if (at < line.size() && line[at] == '\'') {
          skip_quoted(line, at);
        } else {
          if (at < line.size() && line[at] >= '1' && line[at] <= '3' && at + 1 < line.size() &&
              line[at + 1] >= '0' && line[at + 1] <= '9') {
            ++at;
          }
          ++at;
        }
        break;
      }
      case 'h':
      case 'v':
      case 'w':
      case 'l':
      case 'L':
      case 'D':
      case 'H':
      case 'S':
      case 'X':
      case 'Z':
      case 'b':
      case 'o':
      case 'A':
      case 'B':
      case 'R':
      case 'x':
        if (at < line.size()) skip_quoted(line, at);
        break;
      default:
        break;  // \& \% \: \/ \, \| \^ \c \z \a \d \u \p \r \{ \} and what is not known
    }
  }
  return out;
}

std::vector<std::string> roff_arguments(std::string_view line) {
  std::vector<std::string> arguments;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    if (line.substr(at).starts_with("\\\"")) break;
    std::string argument;
    const bool quoted = line[at] == '"';
    if (quoted) ++at;
    while (at < line.size()) {
      if (quoted && line[at] == '"') {
        ++at;
        if (at >= line.size() || line[at] != '"') break;  // "" is a quote
      } else if (!quoted && (line[at] == ' ' || line[at] == '\t')) {
        break;
      } else if (line[at] == '\\' && at + 1 < line.size()) {
        argument += line[at++];
      }
      argument += line[at++];
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

}  // namespace callslip
