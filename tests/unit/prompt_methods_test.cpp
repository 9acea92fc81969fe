#include "tests/unit/served_folder.h"

namespace callslip {
namespace {

using nlohmann::json;

class PromptMethods : public test::ServedFolder {
 protected:
  PromptMethods() {
    folder_.write("guide.md", "# Install\n\nRun it.\n\n## Debian\n\nOne.\n\n# Use\n\nTwo.\n");
    folder_.write("notes, old.md", "Old.\n");
    folder_.write("sub/guide.md", "Other.\n");
    folder_.refresh();
    serve();
  }
  std::string text(const std::string& name, const json& arguments) {
    const json messages =
        result("prompts/get", {{"name", name}, {"arguments", arguments}}).at("messages");
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages.at(0).at("role"), "user");
    return messages.at(0).at("content").at("text");
  }
  std::string refusal(const json& params) {
    const json refused = error("prompts/get", params);
    EXPECT_EQ(refused.at("code"), -32602);
    return refused.at("message");
  }
  json complete(const json& ref, const std::string& name, const std::string& value,
                const json& context = json::object()) {
    return result("completion/complete", {{"ref", ref},
                                          {"argument", {{"name", name}, {"value", value}}},
                                          {"context", {{"arguments", context}}}})
        .at("completion");
  }
};

const json kSummary{{"type", "ref/prompt"}, {"name", "summarize_document"}};
const json kAnswer{{"type", "ref/prompt"}, {"name", "answer_step_by_step"}};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(PromptMethods, ListsPromptsWithTheirArguments) {
  const json prompts = result("prompts/list").at("prompts");
  ASSERT_EQ(prompts.size(), 2U);
  EXPECT_EQ(prompts[0].at("name"), "answer_step_by_step");
  EXPECT_EQ(prompts[0].at("arguments").at(0).at("name"), "question");
  EXPECT_EQ(prompts[0].at("arguments").at(0).at("required"), true);
  EXPECT_EQ(prompts[0].at("arguments").at(1).at("required"), false);
  EXPECT_EQ(prompts[1].at("name"), "summarize_document");
  for (const json& prompt : prompts) {
    EXPECT_FALSE(prompt.at("title").get<std::string>().empty());
    EXPECT_FALSE(prompt.at("description").get<std::string>().empty());
  }
}

TEST_F(PromptMethods, AreOfferedOnlyWhereTheirToolsAre) {
  EXPECT_TRUE(make_prompts({"search", "fetch"}).empty());
  EXPECT_EQ(make_prompts({"list_documents", "read_chunks"}).size(), 1U);
}

TEST_F(PromptMethods, ThePromptHoldsTheArgumentsAndNothingOfOthers) {
  const std::string question = "What of {{documents}} and ?focus?";
  std::string got = text("answer_step_by_step", {{"question", question}});
  EXPECT_TRUE(holds(got, question)) << "what is put in is not looked at again";
  EXPECT_FALSE(holds(got, "\"documents\":"));
  got = text("answer_step_by_step", {{"question", "Q"}, {"documents", "docs/guide.md, docs/sub/"}});
  EXPECT_TRUE(holds(got, R"("documents": ["docs/guide.md","docs/sub/"])"));
  got = text("answer_step_by_step", {{"question", "Q"}, {"documents", "docs/notes, old.md"}});
  EXPECT_TRUE(holds(got, R"("documents": ["docs/notes, old.md"])"));
  got = text("summarize_document", {{"document", "notes, old.md"}, {"focus", ""}});
  EXPECT_TRUE(holds(got, R"("documents": ["docs/notes, old.md"])")) << "its full name";
  EXPECT_FALSE(holds(got, "What matters most"));
  EXPECT_FALSE(holds(got, "{{"));
  got = text("summarize_document", {{"document", "docs/guide.md"}, {"section", "Debian"}});
  EXPECT_TRUE(holds(got, "\"Debian\""));
}

TEST_F(PromptMethods, WrongArgumentsAreNamedWithWhatWouldBeRight) {
  EXPECT_TRUE(holds(refusal({{"name", "nonsense"}}), "nonsense"));
  EXPECT_TRUE(holds(refusal(json::object()), "name"));
  EXPECT_TRUE(holds(refusal({{"name", "answer_step_by_step"}}), "question is missing"));
  EXPECT_TRUE(holds(refusal({{"name", "answer_step_by_step"}, {"arguments", {{"question", " "}}}}),
                    "question"));
  EXPECT_TRUE(holds(refusal({{"name", "answer_step_by_step"}, {"arguments", {{"question", 7}}}}),
                    "a string"));
  EXPECT_TRUE(holds(refusal({{"name", "answer_step_by_step"}, {"arguments", {{"q", "x"}}}}),
                    "\"question\", \"documents\""));
  EXPECT_TRUE(
      holds(refusal({{"name", "answer_step_by_step"}, {"arguments", json::array()}}), "object"));
  EXPECT_TRUE(holds(
      refusal({{"name", "summarize_document"}, {"arguments", {{"document", "docs/giude.md"}}}}),
      "docs/guide.md"));
  EXPECT_TRUE(
      holds(refusal({{"name", "summarize_document"}, {"arguments", {{"document", "docs"}}}}),
            "3 documents"));
  EXPECT_TRUE(holds(refusal({{"name", "summarize_document"},
                             {"arguments", {{"document", "docs/guide.md"}, {"section", "Arch"}}}}),
                    "\"Install\", \"Debian\", \"Use\""));
}

TEST_F(PromptMethods, CompletesDocumentsByBeginningThenByPartThenAnywhere) {
  const json all = complete(kSummary, "document", "");
  EXPECT_EQ(all.at("values").size(), 3U);
  EXPECT_EQ(all.at("total"), 3);
  EXPECT_EQ(all.at("hasMore"), false);
  EXPECT_EQ(complete(kSummary, "document", "GUI").at("values"),
            json::array({"docs/guide.md", "docs/sub/guide.md"}));
  EXPECT_EQ(complete(kSummary, "document", "docs/s").at("values").at(0), "docs/sub/guide.md");
  EXPECT_EQ(complete(kSummary, "document", "uide").at("total"), 2);
  EXPECT_EQ(complete(kSummary, "document", "nothing").at("values"), json::array());
  EXPECT_EQ(complete(kAnswer, "documents", "docs/guide.md, SUB").at("values"),
            json::array({"docs/guide.md, docs/sub/guide.md"}));
  EXPECT_EQ(complete(kAnswer, "question", "Wh").at("values"), json::array());
}

TEST_F(PromptMethods, CompletesHeadingsOfTheDocumentThatTheContextNames) {
  const json context{{"document", "docs/guide.md"}};
  EXPECT_EQ(complete(kSummary, "section", "", context).at("values"),
            json::array({"Install", "Debian", "Use"}));
  EXPECT_EQ(complete(kSummary, "section", "de", context).at("values"), json::array({"Debian"}));
  EXPECT_EQ(complete(kSummary, "section", "").at("values"), json::array());
  const json section{{"type", "ref/resource"}, {"uri", "callslip://section/{name}/{heading}"}};
  EXPECT_EQ(complete(section, "heading", "u", {{"name", "docs/guide.md"}}).at("values"),
            json::array({"Use"}));
  EXPECT_EQ(complete(section, "name", "notes").at("values"), json::array({"docs/notes, old.md"}));
}

TEST_F(PromptMethods, CompletesChunkIds) {
  const json chunk{{"type", "ref/resource"}, {"uri", "callslip://chunk/{chunk_id}"}};
  const json firsts = complete(chunk, "chunk_id", "");
  EXPECT_EQ(firsts.at("total"), 3);
  const std::string id = firsts.at("values").at(0);
  EXPECT_EQ(complete(chunk, "chunk_id", id.substr(0, 6)).at("values"), json::array({id}));
  EXPECT_EQ(complete(chunk, "chunk_id", id.substr(0, id.find(':') + 1)).at("values").at(0), id);
  EXPECT_EQ(complete(chunk, "chunk_id", "", {{"name", "docs/guide.md"}}).at("total"), 1);
}

TEST_F(PromptMethods, CompletesNoMoreThan100AndSaysHowManyThereAre) {
  for (int i = 0; i < 130; ++i) folder_.write("many/f" + std::to_string(i) + ".md", "x\n");
  folder_.refresh();
  const json completion = complete(kSummary, "document", "many");
  EXPECT_EQ(completion.at("values").size(), 100U);
  EXPECT_EQ(completion.at("total"), 130);
  EXPECT_EQ(completion.at("hasMore"), true);
}

TEST_F(PromptMethods, CompletionFoldsCaseOfEveryScript) {
  folder_.write("Маяк.md", "x\n");
  folder_.write("STRASSE.md", "x\n");
  folder_.refresh();
  EXPECT_EQ(complete(kSummary, "document", "мая").at("values"), json::array({"docs/Маяк.md"}));
  EXPECT_EQ(complete(kSummary, "document", "straße").at("values"),
            json::array({"docs/STRASSE.md"}));
}

TEST_F(PromptMethods, CompletionRefusesWhatItDoesNotKnow) {
  const json argument{{"name", "document"}, {"value", ""}};
  for (const json& params : std::vector<json>{
           {{"argument", argument}},
           {{"ref", kSummary}},
           {{"ref", {{"type", "ref/prompt"}, {"name", "nonsense"}}}, {"argument", argument}},
           {{"ref", {{"type", "ref/tool"}, {"name", "x"}}}, {"argument", argument}},
           {{"ref", kSummary}, {"argument", {{"name", "nonsense"}, {"value", ""}}}},
           {{"ref", kSummary}, {"argument", {{"name", "document"}, {"value", 7}}}},
           {{"ref", kSummary},
            {"argument", {{"name", "document"}, {"value", std::string(5000, 'a')}}}},
           {{"ref", {{"type", "ref/resource"}, {"uri", "x://{y}"}}}, {"argument", argument}},
           {{"ref", {{"type", "ref/resource"}, {"uri", "callslip://chunk/{chunk_id}"}}},
            {"argument", argument}},
           {{"ref", "x"}, {"argument", "y"}},
       }) {
    EXPECT_EQ(error("completion/complete", params).at("code"), -32602) << params;
  }
}

}  // namespace
}  // namespace callslip
