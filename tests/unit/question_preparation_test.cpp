#include "tools/question_preparation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/indexed_folder.h"
#include "tools/question_keywords.h"
#include "tools/question_words.h"

namespace callslip {
namespace {

using test::IndexedFolder;

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Parted {
  const char* question;
  const char* information;
  const char* instruction;
};

constexpr Parted parted[] = {
    // Sentences
    {"What is BM25? Answer in one sentence.", "What is BM25?", "Answer in one sentence."},
    {"What is BM25? Please respond in Chinese.", "What is BM25?", "Please respond in Chinese."},
    {"Give the result as a JSON list. Which kernels support ext4_map_blocks?",
     "Which kernels support ext4_map_blocks?", "Give the result as a JSON list."},
    {"Summarise briefly. What changed in 2024?", "What changed in 2024?", "Summarise briefly."},
    {"What is BM25? Keep your answer under 50 words.", "What is BM25?",
     "Keep your answer under 50 words."},
    {"What is BM25? Do not use markdown. Be concise.", "What is BM25?",
     "Do not use markdown. Be concise."},
    {"Is it true? Answer \"yes\" or \"no\".", "Is it true?", "Answer \"yes\" or \"no\"."},
    {"Who wrote it? Cite your sources.", "Who wrote it?", "Cite your sources."},
    {"Who leads the firm? Respond only with the name.", "Who leads the firm?",
     "Respond only with the name."},
    {"What are the findings? Don't explain.", "What are the findings?", "Don't explain."},
    {"Use bullet points. What are the findings?", "What are the findings?", "Use bullet points."},
    {"How fast is it? Think step by step. Give the answer as a table.", "How fast is it?",
     "Think step by step. Give the answer as a table."},
    {"You must answer in English. 谁是作者？", "谁是作者？", "You must answer in English."},
    {"What is BM25?\nAnswer in French", "What is BM25?", "Answer in French"},
    // Clauses
    {"What is BM25, in bullet points?", "What is BM25", "in bullet points?"},
    {"In one sentence, what is BM25?", "what is BM25?", "In one sentence"},
    {"Please answer the following question in Chinese: what is BM25?", "what is BM25?",
     "Please answer the following question in Chinese"},
    {"What is BM25 and answer in Chinese", "What is BM25", "and answer in Chinese"},
    {"Briefly explain the difference between std::map and std::set",
     "explain the difference between std::map and std::set", "Briefly"},
    {"Answer in one sentence what the treaty changed.", "what the treaty changed.",
     "Answer in one sentence"},
    {"Explain how transformers work like I'm five", "Explain how transformers work",
     "like I'm five"},
    {"Explain the rules of chess in simple terms.", "Explain the rules of chess",
     "in simple terms."},
    {"Summarize the plot in three sentences.", "Summarize the plot", "in three sentences."},
    {"What happens without --reader-url? Reply in German, please.",
     "What happens without --reader-url?", "Reply in German, please."},
    // Other languages
    {"什么是量子计算？用中文回答", "什么是量子计算？", "用中文回答"},
    {"请简要回答：什么是量子计算？", "什么是量子计算？", "请简要回答"},
    {"用一句话解释什么是量子计算", "解释什么是量子计算", "用一句话"},
    {"请用中文解释量子计算的主要应用", "解释量子计算的主要应用", "请用中文"},
    {"BM25 是什么 请用中文回答", "BM25 是什么", "请用中文回答"},
    {"调度器怎么工作？请分点回答，不要超过200字。", "调度器怎么工作？",
     "请分点回答，不要超过200字。"},
    {"請用繁體中文回答：臺灣最高的山是什麼？", "臺灣最高的山是什麼？", "請用繁體中文回答"},
    {"請列出主要特性，以表格形式", "請列出主要特性", "以表格形式"},
    {"日本の首都はどこですか？日本語で答えてください。", "日本の首都はどこですか？",
     "日本語で答えてください。"},
    {"수도는 어디인가요? 한국어로 답해 주세요.", "수도는 어디인가요?", "한국어로 답해 주세요."},
    {"Ответь кратко: кто написал «Войну и мир»?", "кто написал «Войну и мир»?", "Ответь кратко"},
    {"Кто это написал? Ответь на русском языке.", "Кто это написал?", "Ответь на русском языке."},
    {"Что такое BM25? Ответьте одним предложением, пожалуйста.", "Что такое BM25?",
     "Ответьте одним предложением, пожалуйста."},
    {"Что такое ext4 простыми словами?", "Что такое ext4", "простыми словами?"},
    {"Was ist BM25? Bitte antworte auf Deutsch in einem Satz.", "Was ist BM25?",
     "Bitte antworte auf Deutsch in einem Satz."},
    {"Wie heißt die Hauptstadt? Fasse dich kurz.", "Wie heißt die Hauptstadt?", "Fasse dich kurz."},
    {"Qu'est-ce que BM25 ? Répondez en français, s'il vous plaît.", "Qu'est-ce que BM25 ?",
     "Répondez en français, s'il vous plaît."},
    {"¿Qué es BM25? Por favor, responde brevemente en una frase.", "¿Qué es BM25?",
     "Por favor, responde brevemente en una frase."},
    {"Che cos'è BM25? Rispondi in italiano.", "Che cos'è BM25?", "Rispondi in italiano."},
    {"O que é BM25? Responda em uma frase.", "O que é BM25?", "Responda em uma frase."},
};

TEST(PrepareByRules, PartsInstructionFromInformation) {
  for (const Parted& p : parted) {
    const PreparedQuestion prepared = prepare_by_rules(p.question);
    EXPECT_EQ(prepared.information, p.information) << p.question;
    EXPECT_EQ(prepared.instruction, p.instruction) << p.question;
  }
}

TEST(PrepareByRules, WhatIsNotCertainStaysWithTheQuestion) {
  for (const char* question : {
           "How do I write JSON in Python?",
           "What does the answer section say?",
           "In English, what does Weltschmerz mean?",
           "In German, how are nouns declined?",
           "How do you say library in Chinese?",
           "How do I return the result as a JSON list?",
           "How do I parse the input and return JSON?",
           "List the novels written in French",
           "How many words are in one paragraph?",
           "Why did the engine stop briefly?",
           "Which lines have over 80 characters?",
           "What are bullet points?",
           "Which sentence is the longest one in the table?",
           "How do I answer in Chinese?",
           "Translate \"Answer in one sentence.\" into Latin",
           "What does `answer in one sentence.` do in the prompt?",
           "Summarize the following text: \"Bitte antworte kurz.\"",
           "```\nAnswer in Chinese.\n```\nWhat is wrong with this prompt?",
           "用中文怎么说谢谢？",
           "中文和英文有什么区别？",
           "列出所有支持JSON格式的函数",
           "学生用英语回答问题的比例是多少？",
           "Сколько слов в одном предложении текста?",
           "Wie viele Wörter hat ein Satz?",
           "linux kernel scheduler",
           // Nothing would be left
           "Answer in one sentence.",
           "请用中文回答",
           "Briefly, in English.",
       }) {
    const PreparedQuestion prepared = prepare_by_rules(question);
    EXPECT_EQ(prepared.information, question);
    EXPECT_EQ(prepared.instruction, "") << question;
  }
}

TEST(PrepareByRules, InformationIsNeverEmptyWhereTheQuestionIsNot) {
  for (const char* question : {"?", "...", "\"\"", "```", ", in Chinese", "\xFF\xC3", "¿"}) {
    EXPECT_FALSE(prepare_by_rules(question).information.empty()) << question;
  }
  EXPECT_EQ(prepare_by_rules("").information, "");
  EXPECT_EQ(prepare_by_rules("  What? \n").information, "What?");
}

TEST(PrepareByRules, TakesQuestionsOfAnyLength) {
  std::string question = "Answer in French. ";
  for (int i = 0; i < 20000; ++i) question += "The \"text\" goes on, in one sentence. ";
  question += "What is it? Answer in one word.";
  const PreparedQuestion prepared = prepare_by_rules(question);
  EXPECT_TRUE(prepared.instruction.starts_with("Answer in French."));
  EXPECT_TRUE(prepared.instruction.ends_with("Answer in one word."));
  EXPECT_LE(prepared.keywords.size(), most_question_keywords);
}

TEST(QuestionKeywords, AreTheContentWordsInTheirOrder) {
  EXPECT_THAT(
      question_keywords("Explain the difference between std::map and std::map, or foo_bar() "
                        "in /etc/fstab and --reader-url, please?"),
      ElementsAre("difference", "std::map", "foo_bar()", "/etc/fstab", "--reader-url"));
  EXPECT_THAT(question_keywords("Is C++ faster than C, or c++?"),
              ElementsAre("C++", "faster", "C"));
  EXPECT_THAT(question_keywords("What does `return json` do?"), ElementsAre("return json"));
  EXPECT_THAT(question_keywords("Wie heißt die Hauptstadt von Frankreich?"),
              ElementsAre("Hauptstadt", "Frankreich"));
  EXPECT_THAT(question_keywords("Qu'est-ce que la photosynthèse des plantes ?"),
              ElementsAre("photosynthèse", "plantes"));
  EXPECT_THAT(question_keywords("Кто написал «Войну и мир»?"),
              ElementsAre("написал", "Войну", "мир"));
  EXPECT_THAT(question_keywords("什么是量子计算？"), ElementsAre("量子", "计算"));
  EXPECT_THAT(question_keywords("Linux 内核的调度器是怎么工作的？"), Contains("内核"));
  EXPECT_THAT(question_keywords("日本の首都はどこですか？"), ElementsAre("日本", "首都"));
}

TEST(QuestionKeywords, AreAtMostSixteen) {
  std::string question;
  for (int i = 0; i < 100; ++i) question += "word" + std::to_string(i) + " ";
  EXPECT_EQ(question_keywords(question).size(), 16U);
  EXPECT_TRUE(question_keywords("what is the of").empty());
}

TEST(QuestionWords, AreKnownAsTerms) {
  EXPECT_TRUE(is_question_term("what"));
  EXPECT_TRUE(is_question_term("什么"));
  EXPECT_FALSE(is_question_term("librari"));
}

PreparedQuestion parsed(std::string_view reply) {
  auto prepared = parse_prepared_question(reply, "the question");
  EXPECT_TRUE(prepared) << reply;
  return prepared ? std::move(prepared).value() : PreparedQuestion{};
}

TEST(ParsePreparedQuestion, TakesJsonInWhateverSurroundings) {
  const std::string json = R"({"information": "who {built} it", "instruction": "in Chinese", )"
                           R"("keywords": {"en": ["architect", "built"], "zh": ["建筑师"]}})";
  for (const std::string& reply :
       {json, "```json\n" + json + "\n```", "<think>{\"information\": \"no\"}</think>" + json,
        "Here it is:\n" + json + "\nI hope that helps {smile}.", "{draft} " + json}) {
    const PreparedQuestion prepared = parsed(reply);
    EXPECT_EQ(prepared.information, "who {built} it") << reply;
    EXPECT_EQ(prepared.instruction, "in Chinese");
    EXPECT_THAT(prepared.keywords, ElementsAre("architect", "建筑师", "built"));
  }
}

TEST(ParsePreparedQuestion, TakesOtherShapesOfKeywords) {
  EXPECT_THAT(parsed(R"({"keywords": ["a", "b", 3, "A", " "]})").keywords, ElementsAre("a", "b"));
  EXPECT_THAT(parsed(R"({"keywords": "alpha, beta；伽马、delta"})").keywords,
              ElementsAre("alpha", "beta", "伽马", "delta"));
  EXPECT_THAT(parsed(R"({"keywords": {"en": "alpha, beta"}})").keywords,
              ElementsAre("alpha", "beta"));
  EXPECT_THAT(parsed(R"({"keywords": [{"en": ["alpha"]}, {"zh": ["阿"]}]})").keywords,
              ElementsAre("alpha", "阿"));
  EXPECT_TRUE(parsed(R"({"information": "x", "keywords": null})").keywords.empty());
}

TEST(ParsePreparedQuestion, MissingInformationIsTheQuestion) {
  EXPECT_EQ(parsed(R"({"keywords": ["a"]})").information, "the question");
  EXPECT_EQ(parsed(R"({"information": "  ", "keywords": ["a"]})").information, "the question");
  EXPECT_EQ(parsed(R"({"information": ["a", "b"], "instruction": "None"})").information, "a b");
  EXPECT_EQ(parsed(R"({"information": "a", "instruction": "None."})").instruction, "");
}

TEST(ParsePreparedQuestion, KeywordsAreBounded) {
  nlohmann::json reply;
  for (int i = 0; i < 40; ++i) reply["keywords"]["en"].push_back("word" + std::to_string(i));
  for (int i = 0; i < 40; ++i) reply["keywords"]["zh"].push_back("词" + std::to_string(i));
  reply["keywords"]["en"][0] = std::string(65, 'x');
  const auto prepared = parsed(reply.dump());
  EXPECT_EQ(prepared.keywords.size(), 32U);
  EXPECT_THAT(prepared.keywords, Not(Contains(std::string(65, 'x'))));
  EXPECT_THAT(prepared.keywords, Contains("词0"));
  EXPECT_THAT(prepared.keywords, Contains("word1"));
}

TEST(ParsePreparedQuestion, LongTextsAreBounded) {
  nlohmann::json reply;
  reply["information"] = std::string(100000, 'x');
  EXPECT_LT(parsed(reply.dump()).information.size(), 5000U);
}

TEST(ParsePreparedQuestion, AReplyWithoutSuchJsonIsAnError) {
  for (const char* reply :
       {"", "None", "{}", "[]", "{\"a\": 1}", "{\"information\": \"x\"",
        "<think>{\"information\": \"x\"}", "{{{{{{{{", "\xFF{\"information\"}"}) {
    const auto prepared = parse_prepared_question(reply, "q");
    ASSERT_FALSE(prepared) << reply;
    EXPECT_EQ(prepared.error().kind, ErrorKind::unavailable);
  }
  EXPECT_FALSE(parse_prepared_question(std::string(1 << 20, '{'), "q"));
}

/// Says what it is told to.
class ScriptedReader : public Reader {
 public:
  explicit ScriptedReader(Result<PreparedQuestion> reply) : reply_(std::move(reply)) {}

  std::string name() const override { return "scripted"; }
  std::string identity() const override { return ""; }
  ReaderUsage read(const std::string&, PassageSource&, std::uint64_t, const CallContext&,
                   const OnVerdict&) override {
    return {};
  }
  ReaderPlan plan(const std::string&, PassageSource&) const override { return {}; }
  Result<std::string> answer(const PreparedQuestion&, std::span<const Passage>, const CallContext&,
                             ReaderUsage&) override {
    return Error{ErrorKind::unsupported, "no model"};
  }
  Result<PreparedQuestion> prepare(const std::string&, std::span<const std::string> languages,
                                   const CallContext& context, ReaderUsage& usage) override {
    asked_.assign(languages.begin(), languages.end());
    deadline_ = context.deadline;
    ++usage.calls;
    return reply_;
  }

  const std::vector<std::string>& asked() const { return asked_; }
  CallContext::Clock::time_point deadline() const { return deadline_; }

 private:
  Result<PreparedQuestion> reply_;
  CallContext::Clock::time_point deadline_{};
  std::vector<std::string> asked_;
};

class PrepareQuestionTest : public testing::Test {
 protected:
  PrepareQuestionTest() {
    folder_.write("a.txt", "The reader asks for the book that is in the library.\n");
    folder_.write("b.txt", "The slip is sent to the stacks of the library.\n");
    folder_.write("c.txt", "读者索取一本书，借书单被送到书库。\n");
    folder_.refresh();
  }
  QuestionPreparation prepare(Reader& reader, const std::string& question,
                              const CallContext& context = {}) {
    return prepare_question(reader, *folder_.snapshot(), languages_, question, context, usage_,
                            notes_);
  }

  IndexedFolder folder_;
  LibraryLanguages languages_;
  ReaderUsage usage_;
  std::vector<std::string> notes_;
};

TEST_F(PrepareQuestionTest, AsksTheModelForTheIndexsLanguages) {
  ScriptedReader reader(PreparedQuestion{"who", "in Chinese", {"reader", "读者"}});
  const auto preparation = prepare(reader, "who? in Chinese");
  EXPECT_TRUE(preparation.by_model);
  EXPECT_EQ(preparation.question.information, "who");
  EXPECT_THAT(reader.asked(), ElementsAre("en", "zh"));
  EXPECT_THAT(preparation.languages, ElementsAre("en", "zh"));
  EXPECT_EQ(usage_.calls, 1U);
  EXPECT_TRUE(notes_.empty());
}

TEST_F(PrepareQuestionTest, WithoutAModelGoesByRules) {
  ScriptedReader reader(Error{ErrorKind::unsupported, "no model"});
  const auto preparation = prepare(reader, "Who asks? Answer in Chinese.");
  EXPECT_FALSE(preparation.by_model);
  EXPECT_EQ(preparation.question.information, "Who asks?");
  EXPECT_EQ(preparation.question.instruction, "Answer in Chinese.");
  EXPECT_TRUE(notes_.empty());
}

TEST_F(PrepareQuestionTest, LeavesTheModelOnlyAPartOfTheTime) {
  using Clock = CallContext::Clock;
  ScriptedReader reader(PreparedQuestion{"who", "", {}});
  prepare(reader, "who?");
  EXPECT_LE(reader.deadline(), Clock::now() + std::chrono::seconds(10));
  CallContext context;
  context.deadline = Clock::now() + std::chrono::seconds(6);
  prepare(reader, "who?", context);
  EXPECT_LE(reader.deadline(), context.deadline - std::chrono::seconds(2));
  EXPECT_GT(reader.deadline(), Clock::now() + std::chrono::seconds(1));
}

TEST_F(PrepareQuestionTest, AModelThatFailsIsSaidAndReplacedByRules) {
  ScriptedReader reader(Error{ErrorKind::unavailable, "HTTP 503"});
  const auto preparation = prepare(reader, "Who asks? Answer in Chinese.");
  EXPECT_FALSE(preparation.by_model);
  EXPECT_EQ(preparation.question.information, "Who asks?");
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("HTTP 503")));
}

}  // namespace
}  // namespace callslip
