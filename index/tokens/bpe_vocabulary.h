// BpeVocabulary: the tokens of a `.tiktoken` file, found by their bytes.
//
// Immutable after construction: any thread may look up. Owns the bytes of its tokens. Expected
// failures (missing, malformed, incomplete file) are errors that name the line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"

namespace callslip {

class BpeVocabulary {
 public:
  static constexpr std::uint32_t no_rank = std::numeric_limits<std::uint32_t>::max();

  /// Reads lines of "BASE64 RANK". `path` appears in the errors.
  static Result<BpeVocabulary> load(const std::string& path);

  /// The rank (which is also the id) of the token with exactly these bytes, or no_rank.
  std::uint32_t rank(std::string_view bytes) const;

  std::size_t size() const { return tokens_.size(); }

  /// 16 hex digits over the file's bytes, the same on every machine.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  struct Token {
    std::uint32_t begin;
    std::uint32_t length;
    std::uint32_t rank;
    std::uint32_t hash;
  };

  Status parse(std::string_view file);
  Status add_line(std::string_view line);
  Status check_complete();
  void build_table();

  std::string bytes_;
  std::vector<Token> tokens_;
  std::vector<std::uint32_t> slots_;  // 1 + index into tokens_, or 0; a power of two, half empty
  std::size_t longest_ = 0;
  std::string fingerprint_;
};

}  // namespace callslip
