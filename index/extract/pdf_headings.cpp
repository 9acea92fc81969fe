#include "index/extract/pdf_headings.h"

#include <algorithm>

#include "index/text/utf8.h"

namespace callslip {
namespace {

/// Letters and digits only, ASCII in lower case: titles and lines differ in spaces and dots.
std::string letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      out += c;
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    }
  }
  return out;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end;
}

/// Where in [from, to) the title stands as a line, or as the beginning of some; npos if nowhere.
std::size_t find_line(std::string_view text, std::size_t from, std::size_t to,
                      const std::string& title) {
  std::size_t begins = std::string_view::npos;
  for (std::size_t at = from; at < to;) {
    const std::size_t end = line_end(text, at);
    std::string line = letters(text.substr(at, end - at));
    if (!line.empty()) {
      if (line == title) return at;
      // A title that takes several lines, or a line that goes on behind it.
      std::size_t more = end;
      while (line.size() < title.size() && title.starts_with(line) && more < to) {
        const std::size_t next = line_end(text, more + 1);
        line +=
            letters(text.substr(std::min(more + 1, text.size()), next - std::min(more + 1, next)));
        more = next;
      }
      if (line == title) return at;
      if (begins == std::string_view::npos && line.starts_with(title)) begins = at;
    }
    at = end + 1;
  }
  return begins;
}

}  // namespace

std::vector<Heading> place_headings(std::string_view text, const std::vector<Part>& pages,
                                    const std::vector<WantedHeading>& wanted) {
  std::vector<Heading> headings;
  for (const WantedHeading& heading : wanted) {
    const std::string title = letters(heading.title);
    if (title.empty() || heading.page >= pages.size()) continue;
    const std::size_t free =
        headings.empty() ? 0
                         : std::min(line_end(text, headings.back().byte_start) + 1, text.size());
    const std::size_t start = std::max(pages[heading.page].byte_start, free);
    const std::size_t end =
        heading.page + 1 < pages.size() ? pages[heading.page + 1].byte_start : text.size();
    std::size_t at = start < end ? find_line(text, start, end, title) : std::string_view::npos;
    if (at == std::string_view::npos) at = start;
    // Behind the last line of its page is the next page's text, which is not under it.
    if (at >= text.size() || (at > end && heading.page + 1 < pages.size())) continue;
    headings.push_back({at, heading.level, heading.title});
  }
  return headings;
}

}  // namespace callslip
