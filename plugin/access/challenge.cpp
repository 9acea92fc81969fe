#include "plugin/access/challenge.h"

namespace callslip {

Refusal Challenge::refuse(int status, std::string_view error, std::string_view scope,
                          const std::string& message) const {
  std::string value = R"(Bearer realm="callslip")";
  const auto add = [&value](std::string_view name, std::string_view text) {
    if (!text.empty()) value.append(", ").append(name).append("=\"").append(text).append("\"");
  };
  add("error", error);
  add("scope", scope);
  add("resource_metadata", metadata_url_);
  return {status, {{"WWW-Authenticate", value}}, message};
}

Refusal Challenge::nothing_given() const {
  return refuse(401, "", metadata_url_.empty() ? "" : kReadScope,
                "a token is needed: send it as Authorization: Bearer TOKEN (made by: callslip "
                "token)");
}

Refusal Challenge::invalid_token(const std::string& why) const {
  return refuse(401, "invalid_token", metadata_url_.empty() ? "" : kReadScope, why);
}

Refusal Challenge::invalid_request(const std::string& why) const {
  return refuse(400, "invalid_request", "", why);
}

Refusal Challenge::insufficient_scope(std::string_view scope, const std::string& why) const {
  return refuse(403, "insufficient_scope", scope, why);
}

}  // namespace callslip
