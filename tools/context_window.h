// The context window of a model, where its endpoint tells it: vLLM and SGLang in the list of
// models, llama.cpp in its properties.
//
// Any thread.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/call_context.h"
#include "tools/endpoint_pool.h"

namespace callslip {

/// In tokens, the least that an endpoint tells; nothing where none does. Takes at most 2 seconds,
/// and ends soon after the context stops.
std::optional<std::uint64_t> ask_context_window(const EndpointPool& endpoints,
                                                const curl_slist* headers, const std::string& model,
                                                const CallContext& context);

/// From the body of GET /v1/models, for this model of the list, or of llama.cpp's GET /props.
std::optional<std::uint64_t> told_context_window(std::string_view body, const std::string& model);

/// What a call fails with when the calls beside it fill a window that they share.
inline constexpr std::string_view shared_window_full = "the endpoint's context window is full";

/// From what an endpoint says when it refuses a prompt for its length: whether it does, and the
/// window where it names it.
struct Overflow {
  std::optional<std::uint64_t> window;
};
std::optional<Overflow> told_overflow(std::string_view message);

}  // namespace callslip
