// The oracle that tests of the reader rest on: what it says, and that its faults are as told.

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/oracle_process.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct Reply {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body;

  std::string content() const {
    return json::parse(body).at("choices").at(0).at("message").at("content");
  }
};

Reply post(const OracleProcess& oracle, const std::string& body, long timeout_ms = 20000) {
  Reply reply;
  CURL* const easy = curl_easy_init();
  const std::string url = oracle.url() + "/chat/completions";
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t n, void* to) {
        static_cast<std::string*>(to)->append(data, n);
        return n;
      });
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&reply.body));
  reply.code = curl_easy_perform(easy);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply.status);
  curl_easy_cleanup(easy);
  return reply;
}

/// Two passages; the first holds what is wanted, over a line's end.
json request(const std::string& question = "where?") {
  const std::string prompt = "Question: " + question +
                             "\n\n<passage id=\"1\">\nAt dawn. The heron\n\tstands in the reeds.\n"
                             "</passage>\n<passage-2 id=\"2\">\nA </passage> tag.\n</passage-2>\n";
  return {{"model", "m"}, {"messages", {{{"role", "user"}, {"content", prompt}}}}};
}

const std::vector<std::string> wanted = {"The heron stands in the reeds."};
const std::string verdicts = R"({"1": ["The heron stands in the reeds."], "2": []})";

TEST(OracleModel, SaysWhatIsWantedInEachStyle) {
  const OracleProcess oracle(wanted, {});
  EXPECT_EQ(post(oracle, request().dump()).content(), verdicts);
  const std::vector<std::pair<std::string, std::string>> found = {
      {"lines", wanted[0]},
      {"quoted", "\"" + wanted[0] + "\""},
      {"fenced", "Here is what the passages say:\n\n```json\n" + verdicts + "\n```\n"},
      {"json-none", R"({"1": ["The heron stands in the reeds."], "2": "None"})"},
  };
  for (const auto& [style, content] : found) {
    oracle.control({{"style", style}});
    EXPECT_EQ(post(oracle, request().dump()).content(), content);
  }
  oracle.control({{"style", "thinking"}});
  EXPECT_THAT(post(oracle, request().dump()).content(),
              ::testing::EndsWith("</think>\n\n" + verdicts));
  oracle.control({{"wanted", json::array()}});
  for (const auto& [style, none] : std::vector<std::pair<std::string, std::string>>{
           {"lines", "None"}, {"none-dot", "none."}, {"chinese-none", "无"}}) {
    oracle.control({{"style", style}});
    EXPECT_EQ(post(oracle, request().dump()).content(), none);
  }
}

TEST(OracleModel, SentencesBelongToQuestions) {
  const OracleProcess oracle;
  oracle.control(
      {{"style", "lines"}, {"wanted", {{{"question", "where is it"}, {"sentences", wanted}}}}});
  EXPECT_EQ(post(oracle, request("Tell me: where is it?").dump()).content(), wanted[0]);
  EXPECT_EQ(post(oracle, request("who is it?").dump()).content(), "None");
}

TEST(OracleModel, RefusesWhatItDoesNotTake) {
  const OracleProcess oracle;
  json body = request();
  body["max_tokens"] = 100;
  body["response_format"] = {{"type", "json_schema"},
                             {"json_schema", {{"name", "v"}, {"schema", json::object()}}}};
  EXPECT_EQ(post(oracle, body.dump()).status, 200);
  const std::vector<std::pair<json, std::string>> refusals = {
      {{{"no_response_format", true}}, "response_format"},
      {{{"unsupported", {"max_tokens"}}}, "'max_tokens' is not supported"},
      {{{"window", 120}}, "exceed_context_size_error"},
      {{{"window", 120}, {"window_style", "openai"}}, "context_length_exceeded"},
  };
  for (const auto& [knobs, words] : refusals) {
    const OracleProcess other;
    other.control(knobs);
    const Reply reply = post(other, body.dump());
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, HasSubstr(words));
  }
  json broken = body;
  broken["response_format"]["json_schema"].erase("name");
  EXPECT_THAT(post(oracle, broken.dump()).body, HasSubstr("json_schema.name is required"));
  oracle.control({{"key", "secret"}});
  EXPECT_EQ(post(oracle, body.dump()).status, 401);
  EXPECT_EQ(post(oracle, "not json").status, 400);
  EXPECT_THROW(oracle.control({{"hang", 2}}), std::runtime_error);
}

TEST(OracleModel, FaultsAreAsTold) {
  const OracleProcess oracle(wanted, {"--trickle-ms", "0.1"});
  const auto with = [&](const std::string& fault, long timeout_ms = 20000) {
    oracle.control({{fault, 1}});
    Reply reply = post(oracle, request().dump(), timeout_ms);
    oracle.control({{fault, 0}});
    return reply;
  };
  EXPECT_EQ(with("error_rate").status, 500);
  EXPECT_EQ(with("rate_limit").status, 429);
  EXPECT_EQ(with("truncate").code, CURLE_PARTIAL_FILE);
  EXPECT_EQ(with("reset").code, CURLE_RECV_ERROR);
  EXPECT_TRUE(json::parse(with("wrong_json").body, nullptr, false).is_discarded());
  EXPECT_EQ(with("trickle").content(), verdicts);
  EXPECT_THAT(with("invent").content(), HasSubstr("invented"));
  EXPECT_LT(json::parse(with("omit").content()).size(), 2U);
  EXPECT_THAT(with("nonsense").content(), HasSubstr("umbrellas"));
  EXPECT_EQ(with("hang", 50).code, CURLE_OPERATION_TIMEDOUT);
  EXPECT_TRUE(oracle.wait_until([](const json& s) { return s.at("aborted") == 1; }));
  const json stats = oracle.stats();
  EXPECT_EQ(stats.at("in_flight"), 0);
  EXPECT_EQ(stats.at("calls"), 10);
  EXPECT_EQ(stats.at("distinct_prompts"), 1);
  EXPECT_EQ(stats.at("repeated_prompts"), 9);
  EXPECT_EQ(stats.at("answered"), 4);
}

TEST(OracleModel, FaultsAreTheSameInEveryRun) {
  const auto statuses = [] {
    const OracleProcess oracle({"--error-rate", "0.5", "--seed", "7"});
    std::string all;
    for (int i = 0; i < 40; ++i) {
      const long status = post(oracle, request(std::to_string(i / 2)).dump()).status;
      all += status == 200 ? "." : "x";
    }
    return all;
  };
  const std::string first = statuses();
  EXPECT_GT(std::count(first.begin(), first.end(), 'x'), 8);
  EXPECT_LT(std::count(first.begin(), first.end(), 'x'), 32);
  EXPECT_EQ(statuses(), first);
}

}  // namespace
}  // namespace callslip::testing_support
