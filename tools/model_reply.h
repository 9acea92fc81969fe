// ModelReply: what an OpenAI-compatible endpoint answered to one call, read tolerantly.
//
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

struct ModelReply {
  std::string text;      // may be empty
  bool cut_off = false;  // the model ran into its limit of tokens
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
};

/// The body of a 2xx answer. ErrorKind::unavailable when there is no reply in it.
Result<ModelReply> parse_model_reply(std::string_view body);

/// What the body of an error says of its cause, in one line of at most 1,000 bytes; may be empty.
std::string error_detail(std::string_view body);

}  // namespace callslip
