#include "plugin/http/header_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "plugin/http/header_value.h"
#include "plugin/mcp/envelope.h"

namespace callslip {
namespace {

using nlohmann::json;

/// Methods, and which of their parameters Mcp-Name repeats.
constexpr std::array<std::pair<const char*, const char*>, 6> kNamed{{{"tools/call", "name"},
                                                                     {"prompts/get", "name"},
                                                                     {"resources/read", "uri"},
                                                                     {"tasks/get", "taskId"},
                                                                     {"tasks/update", "taskId"},
                                                                     {"tasks/cancel", "taskId"}}};

const json* member(const json* object, const std::string& key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() || found->is_null() ? nullptr : &*found;
}

/// The whole of it is a number.
std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool means(const std::string& header, const json& value) {
  if (value.is_string()) return value == header;
  if (value.is_boolean()) return header == (value.get<bool>() ? "true" : "false");
  return value.is_number() && number_in(header) == value.get<double>();
}

class Check {
 public:
  Check(const HttpRequest& http, const RpcRequest& request) : http_(http), request_(request) {}

  std::optional<RpcError> error() && { return std::move(error_); }

  enum class Encoding { plain, either };

  /// The header must be there when the body has a value, and mean the same.
  void matches(const std::string& name, Encoding encoding, const json* value,
               const std::string& what) {
    if (error_) return;
    const auto header = http_.header(name);
    if (!header) {
      if (value != nullptr) fail("the header " + name + " is missing, which repeats " + what);
      return;
    }
    const auto text = encoding == Encoding::either ? decoded_header_value(*header)
                                                   : std::optional(std::string(*header));
    if (!text) {
      fail("the header " + name + " has characters that must be encoded as =?base64?...?=");
    } else if (value == nullptr || !means(*text, *value)) {
      fail("the header " + name + " does not match " + what);
    }
  }

 private:
  void fail(std::string message) {
    error_ = RpcError{rpc_error::header_mismatch, std::move(message), {}, request_.id};
  }

  const HttpRequest& http_;
  const RpcRequest& request_;
  std::optional<RpcError> error_;
};

}  // namespace

std::optional<RpcError> header_mismatch(const HttpRequest& http, const RpcRequest& request,
                                        const ParamHeaders& params) {
  Check check(http, request);
  using Encoding = Check::Encoding;
  check.matches("mcp-protocol-version", Encoding::plain, stated_version(request),
                "the version in _meta");
  const json method = request.method;
  check.matches("mcp-method", Encoding::plain, &method, "the method of the body");
  const auto* const named = std::find_if(kNamed.begin(), kNamed.end(), [&](const auto& entry) {
    return request.method == entry.first;
  });
  if (named == kNamed.end()) return std::move(check).error();
  const json* name = member(&request.params, named->second);
  check.matches("mcp-name", Encoding::either, name, std::string("params.") + named->second);
  if (request.method != "tools/call" || name == nullptr || !name->is_string()) {
    return std::move(check).error();
  }
  for (const ParamHeaders::Param& param : params.of(name->get_ref<const std::string&>())) {
    const json* value = member(&request.params, "arguments");
    for (const std::string& key : param.path) value = member(value, key);
    check.matches(param.header, Encoding::either, value,
                  "the argument \"" + param.path.back() + "\"");
  }
  return std::move(check).error();
}

}  // namespace callslip
