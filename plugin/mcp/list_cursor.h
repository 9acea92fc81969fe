// List cursors: where the next page of a protocol list begins.
//
// A cursor holds the key of the last item that was returned, so it needs no state and outlives
// commits: what is still there is listed once, and what came behind the cursor is listed too.
// Stateless; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "plugin/mcp/method.h"

namespace callslip {

inline constexpr std::size_t list_page_size = 100;

/// `list` is the name of the list, so that no list takes another one's cursor.
std::string list_cursor(std::string_view list, std::string_view last_key);

/// The key that the request's page begins after; nothing: it is the first page. An error where the
/// cursor is none of ours.
std::variant<std::optional<std::string>, RpcError> list_position(std::string_view list,
                                                                 const McpCall& call);

}  // namespace callslip
