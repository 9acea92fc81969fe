#include "plugin/http/header_check.h"

#include <gtest/gtest.h>

#include "plugin/http/header_value.h"

namespace callslip {
namespace {

using nlohmann::json;

TEST(HeaderValueTest, ReadsPlainAndEncodedText) {
  EXPECT_EQ(decoded_header_value("us-west1"), "us-west1");
  EXPECT_EQ(decoded_header_value("=?base64?SGVsbG8sIOS4lueVjA==?="), "Hello, 世界");
  EXPECT_EQ(decoded_header_value("=?base64?IHBhZGRlZCA=?="), " padded ");
  EXPECT_EQ(decoded_header_value("=?base64?"
                                 "?="),
            "");
  // Without both marks it is plain.
  EXPECT_EQ(decoded_header_value("=?base64?SGVsbG8="), "=?base64?SGVsbG8=");
  EXPECT_EQ(decoded_header_value("SGVsbG8=?="), "SGVsbG8=?=");
  EXPECT_EQ(decoded_header_value("=?BASE64?SGVsbG8=?="), "=?BASE64?SGVsbG8=?=");
}

TEST(HeaderValueTest, RefusesWhatCannotBeMeant) {
  EXPECT_EQ(decoded_header_value("=?base64?SGVsbG8?="), std::nullopt);      // padding is missing
  EXPECT_EQ(decoded_header_value("=?base64?SGVs!!!bG8=?="), std::nullopt);  // not the alphabet
  EXPECT_EQ(decoded_header_value("=?base64?SGVsbG9=?="), std::nullopt);     // bits to spare
  EXPECT_EQ(decoded_header_value("=?base64?SG=VsbG8?="), std::nullopt);
  EXPECT_EQ(decoded_header_value("\xE4\xB8\x96"), std::nullopt);
  EXPECT_EQ(decoded_header_value("a\x01"), std::nullopt);
}

class HeaderCheckTest : public testing::Test {
 protected:
  HeaderCheckTest() {
    params_.add("paint", json::parse(R"({"properties": {
      "colour": {"type": "string", "x-mcp-header": "Colour"},
      "coats": {"type": "integer", "x-mcp-header": "Coats"},
      "dry": {"type": "object", "properties": {"fast": {"type": "boolean", "x-mcp-header": "Fast"}}},
      "depth": {"type": "number", "x-mcp-header": "Depth"},
      "tins": {"type": "array", "items": {"properties": {"id": {"type": "string", "x-mcp-header": "Tin"}}}},
      "twice": {"type": "string", "x-mcp-header": "Twice"},
      "again": {"type": "string", "x-mcp-header": "TWICE"},
      "bad": {"type": "string", "x-mcp-header": "not a token"}}})"));
  }

  static RpcRequest request(const std::string& method, json params = json::object()) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"}};
    RpcRequest made;
    made.id = 7;
    made.method = method;
    made.params = std::move(params);
    return made;
  }
  /// The message of the mismatch; empty: there is none.
  std::string fault(const RpcRequest& made, HttpHeaders headers) const {
    HttpRequest http;
    http.headers = std::move(headers);
    const auto error = header_mismatch(http, made, params_);
    if (!error) return {};
    EXPECT_EQ(error->code, -32020);
    EXPECT_EQ(error->id, 7);
    return error->message;
  }
  static HttpHeaders of(const std::string& method, HttpHeaders more = {}) {
    more.emplace_back("mcp-protocol-version", "2026-07-28");
    more.emplace_back("mcp-method", method);
    return more;
  }

  ParamHeaders params_;
};

TEST_F(HeaderCheckTest, VersionAndMethodMustBeThereAndMatch) {
  EXPECT_EQ(fault(request("tools/list"), of("tools/list")), "");
  EXPECT_NE(fault(request("tools/list"), {{"mcp-method", "tools/list"}}), "");
  EXPECT_NE(fault(request("tools/list"), {{"mcp-protocol-version", "2026-07-28"}}), "");
  EXPECT_NE(fault(request("tools/list"), of("prompts/list")), "");
  EXPECT_NE(fault(request("tools/list"), of("TOOLS/LIST")), "");
  EXPECT_NE(fault(request("tools/list"),
                  {{"mcp-protocol-version", "2025-11-25"}, {"mcp-method", "tools/list"}}),
            "");
}

TEST_F(HeaderCheckTest, TheNameIsThatOfTheToolPromptResourceOrTask) {
  const std::pair<const char*, const char*> named[] = {{"tools/call", "name"},
                                                       {"prompts/get", "name"},
                                                       {"resources/read", "uri"},
                                                       {"tasks/get", "taskId"}};
  for (const auto& [method, key] : named) {
    const RpcRequest made = request(method, {{key, "x 世"}});
    EXPECT_EQ(fault(made, of(method, {{"mcp-name", "=?base64?eCDkuJY=?="}})), "") << method;
    EXPECT_NE(fault(made, of(method, {{"mcp-name", "y"}})), "") << method;
    EXPECT_NE(fault(made, of(method)), "") << method;
  }
  // What has no name needs no header; and what lacks its name is not the headers' affair.
  EXPECT_EQ(fault(request("tools/call"), of("tools/call")), "");
  EXPECT_NE(fault(request("tools/call"), of("tools/call", {{"mcp-name", "x"}})), "");
}

TEST_F(HeaderCheckTest, ArgumentsAreRepeatedWhereTheSchemaAsksForIt) {
  const auto call = [](json arguments) {
    return request("tools/call", {{"name", "paint"}, {"arguments", std::move(arguments)}});
  };
  const auto with = [](HttpHeaders more) {
    more.emplace_back("mcp-name", "paint");
    return of("tools/call", std::move(more));
  };
  EXPECT_EQ(fault(call({{"colour", "red"}}), with({{"mcp-param-colour", "red"}})), "");
  EXPECT_NE(fault(call({{"colour", "red"}}), with({{"mcp-param-colour", "blue"}})), "");
  EXPECT_NE(fault(call({{"colour", "red"}}), with({})), "");
  EXPECT_EQ(fault(call({{"colour", nullptr}}), with({})), "");
  EXPECT_NE(fault(call(json::object()), with({{"mcp-param-colour", "red"}})), "");
  EXPECT_EQ(fault(call({{"coats", 2}}), with({{"mcp-param-coats", "2.0"}})), "");
  EXPECT_NE(fault(call({{"coats", 2}}), with({{"mcp-param-coats", "two"}})), "");
  EXPECT_EQ(fault(call({{"dry", {{"fast", true}}}}), with({{"mcp-param-fast", "true"}})), "");
  EXPECT_NE(fault(call({{"dry", {{"fast", true}}}}), with({{"mcp-param-fast", "True"}})), "");
}

TEST_F(HeaderCheckTest, AnnotationsThatTheProtocolForbidsAskForNothing) {
  std::vector<std::string> headers;
  for (const auto& param : params_.of("paint")) headers.push_back(param.header);
  std::sort(headers.begin(), headers.end());
  EXPECT_EQ(headers,
            (std::vector<std::string>{"mcp-param-coats", "mcp-param-colour", "mcp-param-fast"}));
  EXPECT_TRUE(params_.of("another").empty());
}

}  // namespace
}  // namespace callslip
