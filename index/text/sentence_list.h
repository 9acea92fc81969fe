// SentenceList: collects the spans of sentences, trimmed, and cut where they are too long.
//
// Belongs to one thread; borrows the text.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "index/text/byte_span.h"

namespace callslip {

class SentenceList {
 public:
  explicit SentenceList(std::string_view text);

  /// Spans come in order; what is white space alone is left out.
  void add(ByteSpan span);

  std::vector<ByteSpan> take() { return std::move(spans_); }

 private:
  std::string_view text_;
  std::vector<ByteSpan> spans_;
};

}  // namespace callslip
