#include "index/document_id.h"

#include <charconv>

#include "index/files/file_walker.h"
#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::size_t kDigits = 11;
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";  // no i, l, o, u

}  // namespace

std::uint64_t document_id(std::string_view name) { return hash64(name) >> (64 - 5 * kDigits); }

std::string_view record_part(std::string_view name, std::string_view path) {
  const std::string base = as_utf8(path.substr(path.rfind('/') + 1)) + "#";
  std::size_t start = name.find(base);
  // A collection that was given as a PATH may have a name of its own.
  start = start == std::string_view::npos ? name.find('#') + 1 : start + base.size();
  return start == 0 ? std::string_view() : name.substr(start);
}

std::string document_id_text(std::uint64_t id) {
  std::string text(kDigits, '0');
  for (std::size_t i = kDigits; i-- > 0; id >>= 5) text[i] = kAlphabet[id & 31];
  return text;
}

std::string chunk_id_text(ChunkId id) {
  return document_id_text(id.document) + ":" + std::to_string(id.ordinal);
}

std::optional<ChunkId> parse_chunk_id(std::string_view text) {
  if (text.size() < kDigits + 2 || text[kDigits] != ':') return std::nullopt;
  ChunkId id;
  for (const char c : text.substr(0, kDigits)) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    id.document = id.document << 5 | digit;
  }
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data() + kDigits + 1, end, id.ordinal);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return id;
}

}  // namespace callslip
