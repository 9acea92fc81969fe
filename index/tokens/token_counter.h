// TokenCounter: how long a text is for a language model.
//
// Chunk sizes and budgets are in tokens. One counter serves an index for its life; its id is
// recorded there. Immutable after construction: any thread may call it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

class TokenCounter {
 public:
  virtual ~TokenCounter() = default;

  /// Tokens in `utf8` (bytes that are not UTF-8 are counted too, never refused).
  /// Not additive, but a sum over parts is a good upper estimate of the whole.
  virtual std::size_t count(std::string_view utf8) const = 0;

  /// Whether count is what a model would count. The count of a whole may then be above the sum of
  /// its parts, by a token where two parts meet.
  virtual bool exact() const { return false; }

  /// What the index records, for instance "estimate-1" or "tiktoken:1f0c…".
  virtual const std::string& id() const = 0;
};

/// The built-in estimator: no vocabulary, errs on the high side. For all a and b:
/// count(a + b) <= count(a) + count(b), and count is never less for a longer text.
std::unique_ptr<TokenCounter> make_token_estimator();

/// Exact byte-level BPE from a `.tiktoken` file. `id()` holds a hash of the file.
Result<std::unique_ptr<TokenCounter>> load_bpe_tokenizer(const std::string& path);

}  // namespace callslip
