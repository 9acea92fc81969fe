#include "plugin/http/media_range.h"

#include <algorithm>

namespace callslip {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// Takes what stands before the separator off the text.
std::string_view next(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const std::string_view part = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// "q=0" in any of its forms: not this one.
bool refused(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = next(parameters, ';');
    if (parameter.size() < 3 || lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

}  // namespace

bool accepts(std::string_view accept, std::string_view type) {
  const std::string_view any_of_kind = type.substr(0, type.find('/') + 1);
  bool by_range = false;
  while (!accept.empty()) {
    std::string_view parameters = next(accept, ',');
    const std::string_view range = next(parameters, ';');
    if (same(range, type)) return !refused(parameters);
    const bool star = range.size() > 2 && range.ends_with("/*");
    if (range == "*/*" || (star && same(range.substr(0, range.size() - 1), any_of_kind))) {
      by_range = by_range || !refused(parameters);
    }
  }
  return by_range;
}

bool is_json_type(std::string_view content_type) {
  if (!same(next(content_type, ';'), "application/json")) return false;
  while (!content_type.empty()) {
    std::string_view parameter = next(content_type, ';');
    if (!same(next(parameter, '='), "charset")) continue;
    if (parameter.size() > 1 && parameter.front() == '"') {
      parameter = parameter.substr(1, parameter.size() - 2);
    }
    return same(parameter, "utf-8") || same(parameter, "us-ascii");
  }
  return true;
}

}  // namespace callslip
