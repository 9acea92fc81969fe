#include "tools/search_cursor.h"

#include <charconv>
#include <vector>

#include "index/hash.h"

namespace callslip {
namespace {

bool parse_number(std::string_view text, std::uint64_t& value, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string SearchCursor::text() const {
  return "s" + revision + "." + std::to_string(rank) + "." + std::to_string(skip_bytes) + "." +
         hex64(digest).substr(12);
}

Result<SearchCursor> SearchCursor::parse(const std::string& text, std::uint64_t digest) {
  const Error bad{ErrorKind::invalid_argument,
                  "cursor: \"" + text.substr(0, 80) +
                      "\" is not a cursor of this tool; pass next_cursor of an earlier answer as "
                      "it is, or none"};
  if (!text.starts_with('s')) return bad;
  std::vector<std::string_view> parts;
  std::string_view rest = std::string_view(text).substr(1);
  for (std::size_t dot = 0; dot != std::string_view::npos;) {
    dot = rest.find('.');
    parts.push_back(rest.substr(0, dot));
    if (dot != std::string_view::npos) rest.remove_prefix(dot + 1);
  }
  SearchCursor cursor;
  std::uint64_t revision = 0;
  std::uint64_t own_digest = 0;
  if (parts.size() != 4 || !parse_number(parts[0], revision, 10) ||
      !parse_number(parts[1], cursor.rank, 10) || !parse_number(parts[2], cursor.skip_bytes, 10) ||
      parts[3].size() != 4 || !parse_number(parts[3], own_digest, 16)) {
    return bad;
  }
  if (own_digest != (digest & 0xFFFF)) {
    return Error{ErrorKind::invalid_argument,
                 "cursor: it belongs to other arguments; repeat those of the answer that gave it"};
  }
  cursor.revision = std::to_string(revision);
  cursor.digest = own_digest;
  return cursor;
}

}  // namespace callslip
