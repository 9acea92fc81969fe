#include "index/tokens/bpe_vocabulary.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

namespace callslip {
namespace {

// The largest published vocabulary takes 4 MB: anything far beyond is another kind of file.
constexpr std::uintmax_t max_file_bytes = std::uintmax_t{128} << 20U;

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> base64_value = base64_values();

// Appends the bytes; false when `text` is not padded base64 of at least one byte.
bool decode_base64(std::string_view text, std::string& out) {
  if (text.empty() || text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  const std::size_t digits = text.size() - padding;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t value = base64_value[static_cast<unsigned char>(text[i])];
    if (value == no_digit) return false;
    bits = (bits << 6U) | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>((bits >> held) & 0xFFU));
    }
  }
  return true;
}

std::uint32_t hash_of(std::string_view bytes) {
  std::uint64_t hash = bytes.size() * 0x9E3779B97F4A7C15U;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93U;
    hash ^= hash >> 32U;
  }
  if (left > 0) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, left);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93U;
  }
  return static_cast<std::uint32_t>(hash >> 32U) ^ static_cast<std::uint32_t>(hash);
}

// FNV-1a: goes into the index, so it must not depend on the machine or the library.
std::string fingerprint_of(std::string_view file) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char byte : file) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  }
  std::string hex(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4U) hex[i] = "0123456789abcdef"[hash & 15U];
  return hex;
}

Result<std::string> read_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Error{ErrorKind::not_found, "no such file; give the path of a .tiktoken file"};
  }
  if (error) return Error{ErrorKind::io, error.message()};
  // A device or a pipe might never end.
  if (!std::filesystem::is_regular_file(status)) {
    return Error{ErrorKind::invalid_argument, "not a file; give the path of a .tiktoken file"};
  }
  if (std::filesystem::file_size(path, error) > max_file_bytes) {
    return Error{ErrorKind::unsupported, "larger than 128 MB, so it is not a .tiktoken file"};
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorKind::io, std::generic_category().message(errno)};
  std::ostringstream content;
  content << in.rdbuf();
  if (in.bad()) return Error{ErrorKind::io, "the file could not be read to its end"};
  return std::move(content).str();
}

}  // namespace

Result<BpeVocabulary> BpeVocabulary::load(const std::string& path) {
  const std::string context = "tokenizer '" + path + "'";
  Result<std::string> file = read_file(path);
  if (!file) return file.error().within(context);
  BpeVocabulary vocabulary;
  if (const Status status = vocabulary.parse(*file); !status) {
    return status.error().within(context);
  }
  vocabulary.fingerprint_ = fingerprint_of(*file);
  return vocabulary;
}

Status BpeVocabulary::parse(std::string_view file) {
  std::size_t number = 0;
  while (!file.empty()) {
    ++number;
    std::string_view line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(file.size(), line.size() + 1));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if (const Status status = add_line(line); !status) {
      return status.error().within("line " + std::to_string(number));
    }
  }
  build_table();
  return check_complete();
}

Status BpeVocabulary::add_line(std::string_view line) {
  constexpr const char* expected =
      "expected a token in base64, a space and its rank, as .tiktoken files have";
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return Error{ErrorKind::invalid_argument, expected};
  const std::string_view digits = line.substr(space + 1);
  std::uint32_t rank = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
  const std::size_t begin = bytes_.size();
  if (error != std::errc() || end != digits.data() + digits.size() || rank == no_rank ||
      !decode_base64(line.substr(0, space), bytes_)) {
    return Error{ErrorKind::invalid_argument, expected};
  }
  const std::string_view token = std::string_view(bytes_).substr(begin);
  longest_ = std::max(longest_, token.size());
  tokens_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(token.size()),
                     rank, hash_of(token)});
  return {};
}

void BpeVocabulary::build_table() {
  std::size_t capacity = 1024;
  while (capacity < tokens_.size() * 2) capacity *= 2;
  slots_.assign(capacity, 0);
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    std::size_t slot = tokens_[i].hash & (capacity - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (capacity - 1);
    slots_[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

Status BpeVocabulary::check_complete() {
  std::vector<std::uint32_t> ranks;
  ranks.reserve(tokens_.size());
  for (const Token& token : tokens_) {
    // The earlier of two equal tokens is the one that a look-up finds.
    if (rank(std::string_view(bytes_).substr(token.begin, token.length)) != token.rank) {
      return Error{ErrorKind::invalid_argument,
                   "the token of rank " + std::to_string(token.rank) + " is there twice"};
    }
    ranks.push_back(token.rank);
  }
  std::sort(ranks.begin(), ranks.end());
  if (const auto twin = std::adjacent_find(ranks.begin(), ranks.end()); twin != ranks.end()) {
    return Error{ErrorKind::invalid_argument, "rank " + std::to_string(*twin) + " is there twice"};
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char one = static_cast<char>(byte);
    if (rank({&one, 1}) == no_rank) {
      return Error{ErrorKind::invalid_argument,
                   "no token for the single byte " + std::to_string(byte) +
                       "; a byte-level vocabulary has all 256, so the file is cut short or of "
                       "another kind"};
    }
  }
  return {};
}

std::uint32_t BpeVocabulary::rank(std::string_view bytes) const {
  if (bytes.size() > longest_) return no_rank;
  const std::uint32_t hash = hash_of(bytes);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Token& token = tokens_[slots_[slot] - 1];
    if (token.hash == hash && token.length == bytes.size() &&
        std::memcmp(bytes_.data() + token.begin, bytes.data(), bytes.size()) == 0) {
      return token.rank;
    }
  }
  return no_rank;
}

}  // namespace callslip
