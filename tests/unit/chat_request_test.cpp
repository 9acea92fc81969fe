#include "tools/chat_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace callslip {
namespace {

using testing::ElementsAre;
using Json = nlohmann::json;

Error refusal(const std::string& message) { return {ErrorKind::invalid_argument, message}; }

Json body_of(const ChatRequest& chat, std::size_t passages, bool repeated = false,
             const std::string& prompt = "Why?") {
  return Json::parse(chat.body(prompt, passages, 300, repeated, chat.form()));
}

TEST(ChatRequest, AsksInOneMessageWithBoundsAndASchema) {
  const ChatRequest chat("org/toy \"8B\"");
  const Json body = body_of(chat, 2, false, "Say \"why\"\n\t\u4E3A\u4EC0\u4E48?");
  EXPECT_EQ(body.at("model"), "org/toy \"8B\"");
  EXPECT_EQ(body.at("stream"), false);
  EXPECT_EQ(body.at("max_tokens"), 300);
  EXPECT_EQ(body.at("temperature"), 0);
  ASSERT_EQ(body.at("messages").size(), 1U);
  EXPECT_EQ(body.at("messages").at(0).at("role"), "user");
  EXPECT_EQ(body.at("messages").at(0).at("content"), "Say \"why\"\n\t\u4E3A\u4EC0\u4E48?");
  EXPECT_EQ(body.at("response_format").at("type"), "json_schema");
}

TEST(ChatRequest, ListsEveryPassageInTheSchema) {
  const ChatRequest chat("toy");
  for (const std::size_t passages : {1U, 3U, 12U, 3U, 256U}) {
    const Json schema =
        body_of(chat, passages).at("response_format").at("json_schema").at("schema");
    EXPECT_EQ(schema.at("properties").size(), passages);
    EXPECT_EQ(schema.at("required").size(), passages);
    EXPECT_EQ(schema.at("additionalProperties"), false);
    for (std::size_t i = 1; i <= passages; ++i) {
      EXPECT_EQ(schema.at("properties").at(std::to_string(i)).at("items").at("type"), "string");
      EXPECT_EQ(schema.at("required").at(i - 1), std::to_string(i));
    }
  }
}

TEST(ChatRequest, WantsNoSchemaForFreeText) {
  EXPECT_FALSE(body_of(ChatRequest("toy"), 0).contains("response_format"));
}

TEST(ChatRequest, AsksForAnotherReplyWhenRepeated) {
  EXPECT_GT(body_of(ChatRequest("toy"), 1, true).at("temperature").get<double>(), 0);
}

TEST(ChatRequest, SendsPromptsThatAreNoUtf8) {
  const Json body = body_of(ChatRequest("toy"), 1, false, "a\xFF\xC3");
  EXPECT_EQ(body.at("messages").at(0).at("content").get<std::string>().substr(0, 1), "a");
}

TEST(ChatRequest, LearnsThatAModelTakesNoSchema) {
  for (const char* message :
       {"HTTP 400: response_format is not supported",
        "HTTP 422: body.response_format: Extra inputs", "HTTP 400: json_schema: unknown type",
        "HTTP 400: structured outputs are off", "HTTP 400: failed to parse grammar",
        "HTTP 500: failed to parse grammar"}) {
    ChatRequest chat("toy");
    EXPECT_TRUE(chat.learn(refusal(message), chat.form())) << message;
    const Json body = body_of(chat, 2);
    EXPECT_FALSE(body.contains("response_format")) << message;
    EXPECT_TRUE(body.contains("max_tokens")) << message;
  }
}

TEST(ChatRequest, LearnsThatAModelTakesNoOptions) {
  for (const char* message : {"HTTP 400: Unsupported parameter: 'max_tokens'",
                              "HTTP 400: Use 'max_completion_tokens' instead.",
                              "HTTP 422: temperature does not support 0 with this model"}) {
    ChatRequest chat("toy");
    EXPECT_TRUE(chat.learn(refusal(message), chat.form())) << message;
    const Json body = body_of(chat, 2);
    EXPECT_TRUE(body.contains("response_format")) << message;
    EXPECT_FALSE(body.contains("max_tokens")) << message;
    EXPECT_FALSE(body.contains("temperature")) << message;
  }
}

TEST(ChatRequest, LearnsBothOneAfterTheOther) {
  ChatRequest chat("toy");
  EXPECT_TRUE(chat.learn(refusal("HTTP 400: max_tokens"), chat.form()));
  EXPECT_TRUE(chat.learn(refusal("HTTP 400: response_format"), chat.form()));
  const Json body = body_of(chat, 2);
  std::vector<std::string> names;
  for (const auto& [name, value] : body.items()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("messages", "model", "stream"));
}

TEST(ChatRequest, LearnsNothingFromOtherErrors) {
  ChatRequest chat("toy");
  for (const char* message :
       {"HTTP 400: bad request", "HTTP 500: max_tokens", "HTTP 401: max_tokens",
        "the reply is not JSON", "", "connection lost: response_format"}) {
    EXPECT_FALSE(chat.learn(refusal(message), chat.form())) << message;
  }
  EXPECT_TRUE(chat.form().schema);
  EXPECT_TRUE(chat.form().options);
}

TEST(ChatRequest, AsksOnlyOnceMoreForEachPartThatItLeavesOut) {
  ChatRequest chat("toy");
  const ChatRequest::Form first = chat.form();
  const Error error = refusal("HTTP 400: response_format");
  EXPECT_TRUE(chat.learn(error, first));
  // Refused again without it: that was not the reason.
  EXPECT_FALSE(chat.learn(error, chat.form()));
  // A request that was under way before this was known is worth another.
  EXPECT_TRUE(chat.learn(error, first));
}

}  // namespace
}  // namespace callslip
