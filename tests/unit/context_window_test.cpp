#include "tools/context_window.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace callslip {
namespace {

using Window = std::optional<std::uint64_t>;

TEST(ContextWindow, IsToldByVllmAndSglangInTheListOfModels) {
  EXPECT_EQ(told_context_window(
                R"({"object":"list","data":[{"id":"toy","object":"model","owned_by":"vllm",
                    "root":"toy","max_model_len":16384,"permission":[{"id":"p"}]}]})",
                "toy"),
            Window(16384));
  EXPECT_EQ(told_context_window(
                R"({"object":"list","data":[{"id":"toy","owned_by":"sglang","root":"/m/toy",
                    "max_model_len":4096}]})",
                "other name"),
            Window(4096));
}

TEST(ContextWindow, IsToldByLlamaCppInItsProperties) {
  EXPECT_EQ(told_context_window(
                R"({"default_generation_settings":{"id":0,"n_ctx":2048,"speculative":false},
                    "total_slots":4,"model_path":"toy.gguf"})",
                "toy"),
            Window(2048));
  // What the model was trained with is not what the server keeps room for.
  EXPECT_EQ(told_context_window(
                R"({"object":"list","data":[{"id":"toy.gguf","meta":{"n_ctx_train":131072}}]})",
                "toy.gguf"),
            Window());
}

TEST(ContextWindow, IsThatOfTheModelInAListOfMany) {
  const std::string list =
      R"({"data":[{"id":"a/large","context_length":1000000},
                  {"id":"b/toy","context_length":32768,"top_provider":{"context_length":8192}},
                  {"id":"c/none","context_length":null}, "odd", {"context_length":5}]})";
  EXPECT_EQ(told_context_window(list, "b/toy"), Window(32768));
  EXPECT_EQ(told_context_window(list, "a/large"), Window(1000000));
  EXPECT_EQ(told_context_window(list, "c/none"), Window());
  EXPECT_EQ(told_context_window(list, "d/unknown"), Window());
}

TEST(ContextWindow, IsUnknownWhereNothingOfUseIsSaid) {
  for (const char* body :
       {"", "null", "[]", "{}", "<html>", "{\"data\":[]}", "{\"data\":{}}", "{\"data\":[null]}",
        "{\"data\":[{\"id\":\"toy\",\"object\":\"model\",\"owned_by\":\"library\"}]}",
        "{\"data\":[{\"id\":\"toy\",\"max_model_len\":0}]}",
        "{\"data\":[{\"id\":\"toy\",\"max_model_len\":-1}]}",
        "{\"data\":[{\"id\":\"toy\",\"max_model_len\":\"4096\"}]}",
        "{\"data\":[{\"id\":\"toy\",\"max_model_len\":18446744073709551615}]}",
        "{\"default_generation_settings\":null}", "{\"default_generation_settings\":[]}"}) {
    EXPECT_EQ(told_context_window(body, "toy"), Window()) << body;
  }
}

TEST(Overflow, IsToldInManyWaysWithTheWindowWhereItIsNamed) {
  const std::vector<std::pair<std::string, Window>> messages = {
      // llama.cpp, older and newer
      {R"({"error":{"code":400,"message":"the request exceeds the available context size. try )"
       R"(increasing the context size or enable context shift","type":)"
       R"("exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}})",
       4096},
      {R"({"error":{"code":400,"message":"request (10013 tokens) exceeds the available context )"
       R"(size (2048 tokens), try increasing it","type":"exceed_context_size_error"}})",
       2048},
      // OpenAI
      {R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your )"
       R"(messages resulted in 10101 tokens.","code":"context_length_exceeded"}})",
       8192},
      {R"({"error":{"message":"Your input exceeds the context window of this model. Please adjust )"
       R"(your input and try again.","code":"context_length_exceeded"}})",
       std::nullopt},
      // vLLM
      {R"({"object":"error","message":"This model's maximum context length is 4096 tokens. )"
       R"(However, you requested 5048 tokens (3000 in the messages, 2048 in the completion).",)"
       R"("type":"BadRequestError","param":null,"code":400})",
       4096},
      {R"({"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 2048. This )"
       R"(model's maximum context length is 4096 tokens and your request has 3000 input tokens"}})",
       4096},
      {R"({"message":"The decoder prompt (length 5000) is longer than the maximum model length of )"
       R"(4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",)"
       R"("type":"BadRequestError","code":400})",
       4096},
      // SGLang
      {"Requested token count exceeds the model's maximum context length of 4096 tokens. You "
       "requested a total of 5000 tokens",
       4096},
      {"The input (5000 tokens) is longer than the model's context length (4096 tokens).", 4096},
      // Ollama
      {R"({"error":"the input length exceeds the context length"})", std::nullopt},
      {R"({"error":"prompt too long; exceeded max context length by 904 tokens"})", std::nullopt},
      // Anthropic's
      {R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: )"
       R"(205000 tokens > 200000 maximum"}})",
       200000},
      {"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease "
       "input length or `max_tokens` and try again",
       std::nullopt},
      // Others
      {"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
       1048576},
      {"Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
       std::nullopt},
  };
  for (const auto& [message, window] : messages) {
    const auto overflow = told_overflow(message);
    ASSERT_TRUE(overflow.has_value()) << message;
    EXPECT_EQ(overflow->window, window) << message;
  }
}

TEST(Overflow, IsToldByWhatTheClientMakesOfIt) {
  const auto overflow =
      told_overflow("HTTP 400: the prompt exceeds the model's context window (4096 tokens)");
  ASSERT_TRUE(overflow.has_value());
  EXPECT_EQ(overflow->window, Window(4096));
  EXPECT_TRUE(told_overflow("HTTP 400: the prompt exceeds the model's context window").has_value());
}

TEST(Overflow, IsNoOrdinaryError) {
  for (const char* message :
       {"", "HTTP 500", "HTTP 400: bad request", "invalid api key", "The model does not exist",
        "Unsupported parameter: 'max_tokens' is not supported with this model.",
        "Rate limit reached for tokens per min. Limit: 90000 / min.", "connection lost",
        "the reply is larger than 5000 bytes", "Invalid value for 'response_format'",
        "timed out after 30 s", "the server is overloaded: the queue is too long"}) {
    EXPECT_FALSE(told_overflow(message).has_value()) << message;
  }
}

TEST(Overflow, NamesNoWindowThatIsNotOne) {
  for (const char* message :
       {R"({"message":"context length of the prompt is too long","code":400})",
        R"({"message":"n_ctx is too small","n_prompt_tokens":9000,"type":"exceed_context_size"})",
        "maximum context length is 99999999999999999999 tokens", "context window (0 tokens)"}) {
    const auto overflow = told_overflow(message);
    ASSERT_TRUE(overflow.has_value()) << message;
    EXPECT_EQ(overflow->window, Window()) << message;
  }
}

}  // namespace
}  // namespace callslip
