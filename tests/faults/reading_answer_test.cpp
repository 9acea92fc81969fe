// Answers are written from the evidence alone, and questions are prepared: with a model that does
// well or badly, and without one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/reading_corpus.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class ReadingAnswer : public ::testing::Test {
 protected:
  json read(const std::string& question, const std::vector<std::string>& more) {
    std::vector<std::string> flags = ReadingCorpus::model(oracle_.url());
    flags.insert(flags.end(), more.begin(), more.end());
    return corpus_.read(question, flags);
  }
  static std::vector<std::string> notes(const json& answer) {
    return answer.value("notes", std::vector<std::string>());
  }

  ReadingCorpus corpus_{4};
  OracleProcess oracle_{corpus_.wanted(), {}};
};

TEST_F(ReadingAnswer, CitationsOfWhatIsNoEvidenceAreRemoved) {
  oracle_.control(
      {{"answer", "At the weir [{id}], at dawn [aaaaaaaaaaaaa:7][{id}], says [doc 9]."}});
  const json answer = read("where was the heron seen?", {"--answer"});
  const std::string text = answer.at("answer");
  EXPECT_THAT(text, HasSubstr("At the weir"));
  EXPECT_THAT(text, Not(HasSubstr("aaaaaaaaaaaaa")));
  std::set<std::string> ids;
  for (const json& evidence : answer.at("evidence")) ids.insert(evidence.at("chunk_id"));
  const std::size_t open = text.find('[');
  ASSERT_NE(open, std::string::npos) << text;
  EXPECT_TRUE(ids.contains(text.substr(open + 1, text.find(']') - open - 1))) << text;
}

TEST_F(ReadingAnswer, WithoutEvidenceItSaysSoOrNothing) {
  oracle_.control({{"wanted", json::array()}, {"answer", "Surely in the palace [1:1]."}});
  const json answer = read("where was the walrus seen?", {"--answer"});
  EXPECT_EQ(answer.at("status"), "nothing_relevant");
  EXPECT_THAT(answer.value("answer", ""), Not(HasSubstr("[1:1]")));
  EXPECT_EQ(answer.at("evidence_strength"), "none");
}

TEST_F(ReadingAnswer, WhereItCannotBeWrittenTheEvidenceStands) {
  read("where was the heron seen?", {});
  oracle_.control({{"error_rate", 1}});
  const json answer = read("where was the heron seen?", {"--answer"});
  EXPECT_TRUE(corpus_.found_all(answer));
  EXPECT_EQ(answer.value("answer", ""), "");
  EXPECT_THAT(notes(answer), Contains(HasSubstr("HTTP 500")));
}

TEST_F(ReadingAnswer, WithoutAModelItIsIgnoredAndSaid) {
  const json answer = corpus_.shelf().ask({"read", "where was the heron counted?", "--answer"});
  EXPECT_FALSE(answer.contains("answer"));
  EXPECT_FALSE(notes(answer).empty());
}

TEST_F(ReadingAnswer, AModelPreparesTheQuestion) {
  oracle_.control(
      {{"other", R"({"information": "where was the heron seen", "instruction": "in one word",)"
                 R"( "keywords": {"en": ["weir", "wading bird"], "zh": ["苍鹭"]}})"}});
  const std::string question = "In one word: where was the heron seen?";
  const json answer = read(question, {"--expand"});
  const json& expanded = answer.at("expanded");
  EXPECT_EQ(expanded.at("by"), "model");
  EXPECT_EQ(expanded.at("information"), "where was the heron seen");
  EXPECT_EQ(expanded.at("instruction"), "in one word");
  EXPECT_THAT(expanded.at("keywords").get<std::vector<std::string>>(), Contains("wading bird"));
  EXPECT_TRUE(corpus_.found_all(answer));
  EXPECT_EQ(answer.at("usage").at("calls"), oracle_.count("calls"));
  // What is sought is the same however the answer should look: it was paid for.
  oracle_.reset_stats();
  read("where was the heron seen", {});
  EXPECT_EQ(oracle_.count("calls"), 0U);
}

TEST_F(ReadingAnswer, AModelThatPreparesBadlyIsReplacedByRules) {
  for (const json& knobs :
       {json{{"other", "I would rather not."}}, json{{"error_rate", 0.999999}}}) {
    SCOPED_TRACE(knobs.dump());
    oracle_.control(knobs);
    const json answer = corpus_.shelf().ask(
        {"read", "Briefly, in English: where was the heron seen?", "--expand", "--effort", "quick",
         "--reader-url", oracle_.url(), "--reader-model", "oracle", "--reader-timeout", "1"});
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("expanded").at("by"), "rules");
    EXPECT_FALSE(notes(answer).empty());
  }
}

TEST_F(ReadingAnswer, WithoutAModelRulesPrepareTheQuestion) {
  const json answer =
      corpus_.shelf().ask({"read", "Where was the heron counted? Answer in one word.", "--expand"});
  EXPECT_EQ(answer.at("expanded").at("by"), "rules");
  EXPECT_EQ(answer.at("expanded").at("information"), "Where was the heron counted?");
  EXPECT_THAT(answer.at("expanded").at("instruction").get<std::string>(), HasSubstr("one word"));
}

}  // namespace
}  // namespace callslip::testing_support
