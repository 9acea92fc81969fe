#include "tests/unit/openai_reader_fixture.h"

namespace callslip {
namespace {

using namespace openai_reader_tests;

TEST(OpenAiReaderAnswer, AnswersFromTheEvidence) {
  std::string prompt;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    prompt = prompt_of(request);
    EXPECT_FALSE(Json::parse(request.body).contains("response_format"));
    return chat("<think>easy</think>\nThe red one [4f2a:9], not the green one [9:9].");
  });
  ReaderUsage usage;
  const std::vector<Passage> evidence = {passage_with("The red key opens the vault.")};
  const PreparedQuestion question{"Which key?", "in verse", {"lock"}};
  const auto answer = reader_for(server)->answer(question, evidence, {}, usage);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, "The red one [4f2a:9], not the green one.");
  EXPECT_EQ(usage.calls, 1U);
  EXPECT_EQ(usage.prompt_tokens, 100U);
  EXPECT_THAT(prompt, AllOf(HasSubstr("Which key?"), HasSubstr("How to answer: in verse"),
                            HasSubstr("id=\"4f2a:9\""), HasSubstr("The red key opens the vault.")));
}

std::vector<Passage> evidence_of(std::size_t count, const std::string& text) {
  std::vector<Passage> evidence;
  for (std::size_t i = 0; i < count; ++i) {
    evidence.push_back(passage_with(text));
    evidence.back().chunk_id = "4f2a:" + std::to_string(i + 1);
    evidence.back().tokens = 0;  // they are parts of passages
  }
  return evidence;
}

TEST(OpenAiReaderAnswer, GivesAnAnswerAsMuchEvidenceAsTheWindowHolds) {
  std::string prompt;
  std::size_t reply = 0;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    prompt = prompt_of(request);
    reply = Json::parse(request.body).at("max_tokens").get<std::size_t>();
    return chat("Red [4f2a:1], green [4f2a:100].");
  });
  ReaderUsage usage;
  for (const bool chinese : {false, true}) {
    std::string text;
    while (text.size() < 300) text += chinese ? "\u94A5\u5319" : "The key is red. ";
    const auto answer =
        reader_for(server, 4096)->answer({"Which key?", "", {}}, evidence_of(100, text), {}, usage);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(*answer, "Red [4f2a:1], green.");
    EXPECT_LE(prompt.size() / (chinese ? 2 : 3) + reply, 4096U + 64U);
    EXPECT_GE(prompt.size() / 3 + reply, 4096U / 2);
  }
  EXPECT_EQ(usage.calls, 2U);
}

TEST(OpenAiReaderAnswer, AnswersFromHalfTheEvidenceWhereAllOfItIsTooLong) {
  std::vector<std::size_t> sizes;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    sizes.push_back(prompt_of(request).size());
    return sizes.back() < 3000 ? chat("Red [4f2a:1].")
                               : refused(400, "maximum context length exceeded");
  });
  ReaderUsage usage;
  const auto evidence = evidence_of(40, std::string(300, 'x'));
  const auto reader = reader_for(server);
  const auto answer = reader->answer({"Which key?", "", {}}, evidence, {}, usage);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer, "Red [4f2a:1].");
  EXPECT_LE(sizes.size(), 5U);
  EXPECT_TRUE(std::is_sorted(sizes.rbegin(), sizes.rend()));
  const auto hopeless = reader->answer({std::string(4000, 'x'), "", {}}, evidence, {}, usage);
  ASSERT_FALSE(hopeless.ok());
  EXPECT_THAT(hopeless.error().message, HasSubstr("context window"));
  EXPECT_LE(sizes.size(), 10U);
}

TEST(OpenAiReaderAnswer, SaysWhyThereIsNoAnswer) {
  const std::vector<Passage> evidence = {passage_with("The red key opens the vault.")};
  const auto error_of = [&](ScriptedHttpServer::Handler handler, const CallContext& context) {
    ScriptedHttpServer server(std::move(handler));
    ReaderUsage usage;
    const auto answer =
        reader_for(server)->answer({"Which key?", "", {}}, evidence, context, usage);
    return answer.ok() ? Error{ErrorKind::io, "no error"} : answer.error();
  };
  const auto unauthorised = [](const HttpRequest&) { return refused(401); };
  EXPECT_EQ(error_of(unauthorised, {}).message,
            "asking the model: HTTP 401: the endpoint wants a key: set CALLSLIP_READER_KEY");
  EXPECT_THAT(error_of([](const HttpRequest&) { return chat(""); }, {}).message,
              HasSubstr("unintelligible"));
  CallContext late;
  late.deadline = CallContext::Clock::now();
  EXPECT_EQ(error_of(unauthorised, late).kind, ErrorKind::unavailable);
  std::stop_source stop;
  stop.request_stop();
  CallContext cancelled;
  cancelled.stop = stop.get_token();
  EXPECT_EQ(error_of(unauthorised, cancelled).kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace callslip
