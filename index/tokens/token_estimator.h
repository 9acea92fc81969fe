// TokenEstimator: how many tokens a text has at most, in all likelihood, without a vocabulary.
//
// One pass over the bytes, no allocation; any thread may call it. It errs on the high side of the
// larger of o200k_base and Qwen2.5 (bench/token_report says by how much). Fit for adding up: for
// all a and b, split anywhere, count(a + b) <= count(a) + count(b), and count(a) <= count(a + b).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "index/tokens/token_counter.h"

namespace callslip {

class TokenEstimator final : public TokenCounter {
 public:
  std::size_t count(std::string_view utf8) const override;

  /// Changes whenever a weight does.
  const std::string& id() const override { return id_; }

 private:
  std::string id_ = "estimate-1";
};

}  // namespace callslip
