#include "tests/unit/openai_reader_fixture.h"

namespace callslip {
namespace {

using namespace openai_reader_tests;

TEST(OpenAiReaderPacks, FillsTheModelsWindowAndNeverMore) {
  std::mutex mutex;
  std::size_t most = 0;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    const std::lock_guard lock(mutex);
    // The passages of this test are counted at a token for three bytes.
    const std::size_t reply = Json::parse(request.body).at("max_tokens").get<std::size_t>();
    most = std::max(most, prompt_of(request).size() / 3 + reply);
    return oracle(request);
  });
  const std::vector<Passage> passages = houses(200, 600);
  const Reading reading = read(*reader_for(server, 4096), passages);
  expect_right(passages, reading);
  EXPECT_LE(most, 4096U);
  EXPECT_GE(most, 4096U * 8 / 10);
  // 200 tokens each, and what stands around them: 11 or more a call.
  EXPECT_LE(reading.usage.calls, 19U);
  EXPECT_EQ(reading.replies, reading.usage.calls);
}

TEST(OpenAiReaderPacks, ReadsAPassageByItselfThatIsAsLongAsTheWindow) {
  ScriptedHttpServer server(oracle);
  std::vector<Passage> passages = houses(3, 9000);
  EXPECT_EQ(read(*reader_for(server, 2048), passages).usage.calls, 3U);
  passages = houses(40, 10);
  expect_right(passages, read(*reader_for(server, one_a_call), passages));
}

TEST(OpenAiReaderPacks, TakesTheWindowThatTheEndpointTells) {
  for (const std::uint64_t told : {2048U, 16384U, 1000000U}) {
    std::mutex mutex;
    std::size_t questions = 0;
    std::size_t most = 0;
    ScriptedHttpServer server([&](const HttpRequest& request) {
      const std::lock_guard lock(mutex);
      if (request.head.starts_with("GET")) {
        ++questions;
        HttpReply reply;
        reply.body = Json{{"data", {{{"id", "toy"}, {"max_model_len", told}}}}}.dump();
        return reply;
      }
      most = std::max(most, prompt_of(request).size() / 3);
      return oracle(request);
    });
    OpenAiReaderOptions options = options_for(server);
    options.context_tokens.reset();
    const auto reader = reader_with(options);
    const std::vector<Passage> passages = houses(250, 900);
    expect_right(passages, read(*reader, passages));
    const std::size_t window = std::min<std::size_t>(told, OpenAiReader::most_context_tokens);
    EXPECT_LE(most, window);
    EXPECT_GE(most, window / 2);
    read(*reader, houses(3));
    EXPECT_EQ(questions, 2U);  // of models and of properties, and never again
  }
}

TEST(OpenAiReaderPacks, HalvesWhatIsTooLongAndLearnsTheWindow) {
  std::mutex mutex;
  std::size_t refusals = 0;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    if (prompt_of(request).size() / 3 <= 2048 - 512) return oracle(request);
    const std::lock_guard lock(mutex);
    ++refusals;
    HttpReply reply;
    reply.status = 400;
    reply.body = R"({"error":{"code":400,"message":"the request exceeds the available context )"
                 R"(size","type":"exceed_context_size_error","n_prompt_tokens":7000,)"
                 R"("n_ctx":2048}})";
    return reply;
  });
  const auto reader = reader_for(server, 8192);
  const std::vector<Passage> passages = houses(100, 600);
  expect_right(passages, read(*reader, passages));
  EXPECT_GT(refusals, 0U);
  refusals = 0;
  expect_right(passages, read(*reader, passages));
  EXPECT_EQ(refusals, 0U);
}

TEST(OpenAiReaderPacks, HalvesWhatIsTooLongWhereNoWindowIsTold) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    const bool fits = prompt_of(request).size() < 5000;
    // Ollama says it so, with this status.
    return fits ? oracle(request) : refused(500, "the input length exceeds the context length");
  });
  const std::vector<Passage> passages = houses(60, 600);
  expect_right(passages, read(*reader_for(server), passages));
}

TEST(OpenAiReaderPacks, RemembersARefusalThatTellsNoWindow) {
  std::atomic<std::size_t> refusals = 0;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    if (prompt_of(request).size() < 9000) return oracle(request);
    ++refusals;
    return refused(400, "maximum context length exceeded");
  });
  OpenAiReaderOptions options = options_for(server);
  options.concurrency = 1;
  const auto reader = reader_with(options);
  const std::vector<Passage> passages = houses(300, 600);
  expect_right(passages, read(*reader, passages));
  EXPECT_GT(refusals, 0U);
  EXPECT_LE(refusals, 6U);
  refusals = 0;
  expect_right(passages, read(*reader, passages));
  EXPECT_EQ(refusals, 0U);
}

TEST(OpenAiReaderPacks, FailsAPassageThatIsTooLongByItself) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    return prompt_of(request).size() < 5000 ? oracle(request)
                                            : refused(400, "maximum context length is 900 tokens");
  });
  std::vector<Passage> passages = houses(12, 300);
  passages[5].text += std::string(6000, 'x');
  const Reading reading = read(*reader_for(server), passages);
  expect_right(passages, reading, [](std::size_t i) { return i == 5; });
  EXPECT_THAT(reading.reasons(),
              ElementsAre("HTTP 400: the prompt exceeds the model's context window (900 tokens)"));
}

TEST(OpenAiReaderPacks, SharesAWindowThatIsOneForAllCalls) {
  // As llama.cpp's slots do: when the calls under way fill it, they fail.
  std::atomic<std::size_t> under_way = 0;
  std::atomic<std::size_t> refusals = 0;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    const std::size_t bytes = prompt_of(request).size();
    const bool full = (under_way += bytes) > 12000;
    HttpReply reply = oracle(request);
    std::this_thread::sleep_for(5ms);
    under_way -= bytes;
    if (!full) return reply;
    ++refusals;
    return refused(500, "Context size has been exceeded.");
  });
  const std::vector<Passage> passages = houses(60, 600);
  expect_right(passages, read(*reader_for(server), passages));
  EXPECT_GT(refusals, 0U);
}

TEST(OpenAiReaderPacks, HalvesAPackWhoseReplyWasCutOff) {
  std::mutex mutex;
  std::vector<std::size_t> sizes;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    const Texts passages = passages_of(request);
    const std::lock_guard lock(mutex);
    sizes.push_back(passages.size());
    const std::string reply = said_of(passages, wanted_in);
    return passages.size() > 3 ? chat(reply.substr(0, 40), "length") : chat(reply);
  });
  const std::vector<Passage> passages = houses(12);
  const Reading reading = read(*reader_for(server), passages);
  expect_right(passages, reading);
  std::sort(sizes.begin(), sizes.end());
  EXPECT_THAT(sizes, ElementsAre(3, 3, 3, 3, 6, 6, 12));
  EXPECT_EQ(reading.replies, 4U);  // of the others nothing was taken
}

TEST(OpenAiReaderPacks, FindsTheOnePassageForWhichAPackIsRefused) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    const bool poison = request.body.find("poison") != std::string::npos;
    return poison ? refused(400, "the content is filtered") : oracle(request);
  });
  OpenAiReaderOptions options = options_for(server, 2048);
  options.concurrency = 1;
  std::vector<Passage> passages = houses(60, 300);
  passages[50].text += " poison";
  const Reading reading = read(*reader_with(options), passages);
  expect_right(passages, reading, [](std::size_t i) { return i == 50; });
  EXPECT_THAT(reading.reasons(), ElementsAre("HTTP 400: the content is filtered"));
}

TEST(OpenAiReaderPacks, DoesNotHalvePacksWhereEverythingIsRefused) {
  ScriptedHttpServer server([](const HttpRequest&) { return refused(400, "no such thing"); });
  const std::vector<Passage> passages = houses(60, 300);
  const Reading reading = read(*reader_for(server), passages);
  EXPECT_EQ(reading.count(Kind::failed), 60U);
  EXPECT_THAT(reading.reasons(), Each("HTTP 400: no such thing"));
  EXPECT_LE(reading.usage.calls, 3U);
}

TEST(OpenAiReaderPacks, DropsWhatAModelRefusesAndRemembersIt) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    const Json body = Json::parse(request.body);
    if (body.contains("max_tokens")) {
      return refused(400, "Unsupported parameter: 'max_tokens'");
    }
    if (body.contains("response_format")) {
      HttpReply reply;  // as validating servers say it
      reply.status = 422;
      reply.body = Json{{"detail",
                         {{{"type", "extra_forbidden"},
                           {"loc", {"body", "response_format"}},
                           {"msg", "Extra inputs are not permitted"},
                           {"input", std::string(3000, 'x')}}}}}
                       .dump();
      return reply;
    }
    return oracle(request);
  });
  const auto reader = reader_for(server, one_a_call);
  const std::vector<Passage> passages = houses(20);
  expect_right(passages, read(*reader, passages));
  const std::size_t before = server.calls();
  expect_right(passages, read(*reader, passages));
  EXPECT_EQ(server.calls() - before, 20U);
}

TEST(OpenAiReaderPacks, DropsWhatIsRefusedInALongMessageOrWithAnotherStatus) {
  for (const int status : {400, 500}) {
    ScriptedHttpServer server([status](const HttpRequest& request) {
      return Json::parse(request.body).contains("response_format")
                 ? refused(status, std::string(500, 'x') + " failed to parse grammar")
                 : oracle(request);
    });
    OpenAiReaderOptions options = options_for(server, one_a_call);
    options.concurrency = 1;
    const std::vector<Passage> passages = houses(5);
    expect_right(passages, read(*reader_with(options), passages));
    EXPECT_EQ(server.calls(), 6U);
  }
  ScriptedHttpServer worse(
      [](const HttpRequest&) { return refused(500, "grammar: " + std::string(500, 'x')); });
  const Reading reading = read(*reader_for(worse, one_a_call), houses(1));
  EXPECT_EQ(worse.calls(), 2U);
  EXPECT_THAT(reading.reasons(), ElementsAre(HasSubstr("HTTP 500: grammar: xxx")));
  EXPECT_LE(reading.reasons().at(0).size(), 200U);
}

TEST(OpenAiReaderPacks, StopsAtItsBoundOfCallsAndSaysSo) {
  ScriptedHttpServer server(oracle);
  const auto reader = reader_for(server, one_a_call);
  const std::vector<Passage> passages = houses(30);
  const Reading reading = read(*reader, passages, {.max_calls = 12});
  EXPECT_EQ(reading.usage.calls, 12U);
  EXPECT_EQ(server.calls(), 12U);
  EXPECT_EQ(reading.verdicts.size(), 12U);
  EXPECT_EQ(reading.count(Kind::failed), 0U);
  EXPECT_EQ(reading.usage.bound, "the bound of 12 calls for one read");

  EXPECT_EQ(read(*reader, passages, {.max_calls = 30}).usage.bound, "");
  const Reading none = read(*reader, passages, {.max_calls = 0});
  EXPECT_EQ(none.verdicts.size(), 0U);
  EXPECT_EQ(none.usage.calls, 0U);
  EXPECT_EQ(none.usage.bound, "the bound of 0 calls for one read");
}

TEST(OpenAiReaderPacks, CountsCallsThatAreTriedAgainAgainstTheBound) {
  ScriptedHttpServer server([](const HttpRequest&) { return refused(500); });
  OpenAiReaderOptions options = options_for(server, one_a_call);
  options.concurrency = 1;
  const Reading reading = read(*reader_with(options), houses(10), {.max_calls = 6});
  EXPECT_EQ(server.calls(), 6U);
  EXPECT_EQ(reading.usage.bound, "the bound of 6 calls for one read");
  EXPECT_LE(reading.count(Kind::failed), 1U);
}

TEST(OpenAiReaderPacks, CountsNoCallThatFoundNoConnection) {
  ScriptedHttpServer server(oracle);
  OpenAiReaderOptions options = options_for(server, one_a_call);
  options.urls = {"http://127.0.0.1:1/v1", server.url()};
  std::atomic<int> left = 4;
  options.may_call = [&left] { return left > 0 && left-- > 0; };
  options.not_called = [&left] { ++left; };
  const auto reader = reader_with(options);
  const Reading reading = read(*reader, houses(3), {.max_calls = 3});
  EXPECT_EQ(reading.usage.calls, 3U);
  EXPECT_EQ(reading.verdicts.size(), 3U);
  EXPECT_EQ(reading.count(Kind::failed), 0U);
  EXPECT_EQ(left, 1);
}

TEST(OpenAiReaderPacks, StopsWhereTheDayHasNoCallsLeft) {
  ScriptedHttpServer server(oracle);
  std::atomic<int> left = 5;
  OpenAiReaderOptions options = options_for(server, one_a_call);
  options.may_call = [&left] { return --left >= 0; };
  const auto reader = reader_with(options);
  const Reading reading = read(*reader, houses(30));
  EXPECT_EQ(server.calls(), 5U);
  EXPECT_EQ(reading.verdicts.size(), 5U);
  EXPECT_EQ(reading.usage.bound, "the bound of calls for one day");
  ReaderUsage usage;
  const auto answer = reader->answer({"Which key?", "", {}}, houses(1), {}, usage);
  ASSERT_FALSE(answer.ok());
  EXPECT_THAT(answer.error().message, HasSubstr("the bound of calls for one day"));
  EXPECT_EQ(server.calls(), 5U);
}

}  // namespace
}  // namespace callslip
