// RtfTokens: an RTF file (Microsoft, "Rich Text Format Specification", 1.9.1) as groups, control
// words and bytes.
//
// Belongs to one thread. Never fails: what is no RTF is bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace callslip {

struct RtfToken {
  enum class Kind { open, close, word, symbol, hex, bytes, end };
  Kind kind = Kind::end;
  std::string_view text;  // a word's name, a symbol's character, bytes as they are
  int value = 0;          // a word's parameter; a hex escape's byte
  bool has_value = false;
};

class RtfTokens {
 public:
  explicit RtfTokens(std::string_view rtf) : rtf_(rtf) {}

  RtfToken next();

  /// Passes over bytes that are no text (\bin).
  void skip(std::size_t bytes);

 private:
  RtfToken control();

  std::string_view rtf_;
  std::size_t pos_ = 0;
};

}  // namespace callslip
