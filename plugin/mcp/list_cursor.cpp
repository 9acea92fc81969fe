#include "plugin/mcp/list_cursor.h"

#include "index/hash.h"
#include "tools/percent_encoding.h"

namespace callslip {
namespace {

constexpr std::size_t kCheckDigits = 8;

/// Tells what was shortened, or belongs to another list.
std::string check_of(std::string_view list, std::string_view key) {
  return hex64(hash64(std::string(list).append(1, '\0').append(key))).substr(0, kCheckDigits);
}

}  // namespace

std::string list_cursor(std::string_view list, std::string_view last_key) {
  return check_of(list, last_key) + percent_encode(last_key);
}

std::variant<std::optional<std::string>, RpcError> list_position(std::string_view list,
                                                                 const McpCall& call) {
  const nlohmann::json* cursor = call.param("cursor");
  if (cursor == nullptr || cursor->is_null()) return std::optional<std::string>();
  if (cursor->is_string()) {
    const auto text = cursor->get<std::string>();
    const auto key = text.size() < kCheckDigits
                         ? std::nullopt
                         : percent_decode_strictly(std::string_view(text).substr(kCheckDigits));
    if (key && text == list_cursor(list, *key)) return key;
  }
  return RpcError{rpc_error::invalid_params,
                  "cursor: not one of this list's; begin again without a cursor",
                  {},
                  {}};
}

}  // namespace callslip
