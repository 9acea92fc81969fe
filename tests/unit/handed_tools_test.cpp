// The tools that hand documents over, and those of the connector profile.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "plugin/documents/document_store.h"
#include "plugin/documents/url_fetch.h"
#include "plugin/toolset/tool.h"
#include "tests/support/indexed_folder.h"
#include "tests/support/scripted_http_server.h"
#include "tools/extractive_reader.h"

namespace callslip {
namespace {

using nlohmann::json;
using test::IndexedFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class HandedToolsTest : public testing::Test {
 protected:
  void make(const std::string& profile = "", std::size_t max_tokens = 10000) {
    tools_ = make_tools({folder_.library(), reader_, languages_, nullptr, max_tokens, 500, &store_,
                         may_fetch_ ? &fetch_ : nullptr, profile});
  }
  const Tool& tool(const std::string& name) const {
    for (const Tool& tool : tools_) {
      if (tool.name == name) return tool;
    }
    throw std::runtime_error("no tool " + name);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Tool& tool : tools_) names.push_back(tool.name);
    return names;
  }
  Result<ToolOutput> call(const std::string& name, const json& arguments) const {
    CallContext context;
    context.may_write = true;
    return tool(name).call(arguments, context);
  }
  ToolOutput done(const std::string& name, const json& arguments) const {
    auto output = call(name, arguments);
    if (!output) throw std::runtime_error(output.error().message);
    return std::move(output).value();
  }
  std::string refusal(const std::string& name, const json& arguments) const {
    const auto output = call(name, arguments);
    return output ? "done: " + output->text : output.error().message;
  }
  static DocumentStore::Options options() {
    DocumentStore::Options options;
    options.settle = false;
    return options;
  }
  UrlFetch::Options fetching() {
    UrlFetch::Options options;
    options.allows = [this](const sockaddr& address) {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
      return v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && ntohs(v4.sin_port) == web_.port();
    };
    return options;
  }

  testing_support::ScriptedHttpServer web_{[](const testing_support::HttpRequest&) {
    testing_support::HttpReply reply;
    reply.type = "text/html; charset=utf-8";
    reply.body = "<html><title>Birds</title><p>A kestrel hovers.</p></html>";
    return reply;
  }};
  IndexedFolder folder_;
  ExtractiveReader reader_{folder_.index()};
  LibraryLanguages languages_;
  DocumentStore store_{folder_.library(), options()};
  const UrlFetch fetch_{fetching()};
  bool may_fetch_ = true;
  std::vector<Tool> tools_;
};

TEST_F(HandedToolsTest, ADocumentIsHandedOverAsTextOrBase64AndFoundAtOnce) {
  make();
  const ToolOutput text = done("add_document", {{"name", "a.md"}, {"text", "# A\n\nheron\n"}});
  EXPECT_THAT(text.text, StartsWith("Added attachments/a.md: 1 chunk, "));
  EXPECT_THAT(text.text, HasSubstr("pass documents: [\"attachments/a.md\"]"));
  EXPECT_EQ(text.structured.at("document"), "attachments/a.md");
  EXPECT_EQ(text.structured.at("index").at("documents"), 1);
  EXPECT_EQ(text.structured.at("index").at("revision"), folder_.snapshot()->revision());
  done("add_document", {{"name", "b.txt"}, {"base64", "a2VzdHJlbAo="}});
  const ToolOutput found = done("doc_search", {{"query", "kestrel"}, {"whole", false}});
  EXPECT_EQ(found.structured.at("chunks").at(0).at("document"), "attachments/b.txt");
  const ToolOutput again = done("add_document", {{"name", "a.md"}, {"text", "owl\n"}});
  EXPECT_THAT(again.text, HasSubstr("Replaced attachments/a.md"));
  EXPECT_EQ(again.structured.at("replaced"), true);
}

TEST_F(HandedToolsTest, ADocumentIsFetchedAndNamedByItsUrl) {
  make();
  const std::string url = "http://127.0.0.1:" + std::to_string(web_.port()) + "/birds";
  const ToolOutput added = done("add_document", {{"url", url}});
  EXPECT_EQ(added.structured.at("document"), "attachments/birds.html");
  EXPECT_EQ(added.structured.at("title"), "Birds");
  const ToolOutput named = done("add_document", {{"url", url}, {"name", "web/kestrel"}});
  EXPECT_EQ(named.structured.at("document"), "web/kestrel");
  EXPECT_EQ(named.structured.at("type"), "html");
  EXPECT_THAT(refusal("add_document", {{"url", "http://localhost:1/x"}}), HasSubstr("not public"));
}

TEST_F(HandedToolsTest, AUrlIsRefusedByAServerThatFetchesNothing) {
  may_fetch_ = false;
  make();
  EXPECT_FALSE(tool("add_document").input_schema.at("properties").contains("url"));
  EXPECT_FALSE(tool("add_document").open_world);
  EXPECT_THAT(refusal("add_document", {{"url", "http://example.com/"}}),
              HasSubstr("--allow-fetch"));
  EXPECT_EQ(web_.connections(), 0U);
}

TEST_F(HandedToolsTest, ExactlyOneSourceIsTaken) {
  make();
  EXPECT_THAT(refusal("add_document", {{"name", "a.md"}}), HasSubstr("exactly one"));
  EXPECT_THAT(refusal("add_document", {{"name", "a.md"}, {"text", "x"}, {"base64", "eA=="}}),
              HasSubstr("exactly one of them, got 2"));
  EXPECT_THAT(refusal("add_document", {{"text", "x"}}), HasSubstr("name: expected"));
  EXPECT_THAT(refusal("add_document", {{"name", "a.md"}, {"base64", "!"}}),
              HasSubstr("base64: is not base64 from character 1"));
  EXPECT_THAT(refusal("add_document", {{"name", 5}, {"text", "x"}}),
              HasSubstr("name: expected a string, got a number"));
  EXPECT_THAT(refusal("add_document", {{"name", "../a"}, {"text", "x"}}), HasSubstr("dot"));
  EXPECT_THAT(refusal("add_document", {{"name", "a.md"}, {"text", ""}}),
              HasSubstr("a.md was not added: there is no text in it"));
  EXPECT_FALSE(tool("add_document").call({{"name", "a"}, {"text", "x"}}, {}));
  EXPECT_FALSE(tool("add_document").call({{"url", "http://127.0.0.1/"}}, {}));
  EXPECT_EQ(web_.connections(), 0U);
}

TEST_F(HandedToolsTest, DocumentsAreRemovedByPattern) {
  make();
  for (const char* name : {"a.md", "b.md", "c.txt"}) {
    done("add_document", {{"name", name}, {"text", "heron\n"}});
  }
  const ToolOutput removed = done("remove_document", {{"documents", {"**/*.md"}}});
  EXPECT_THAT(removed.structured.at("removed"),
              ElementsAre("attachments/a.md", "attachments/b.md"));
  EXPECT_EQ(removed.structured.at("index").at("documents"), 1);
  EXPECT_THAT(removed.text, HasSubstr("Removed 2 documents:\n  attachments/a.md\n"));
  EXPECT_THAT(refusal("remove_document", json::object()), HasSubstr("name at least one"));
}

TEST_F(HandedToolsTest, TheToolsThatWriteSayIt) {
  make();
  for (const Tool& one : tools_) {
    const bool writes = one.name == "add_document" || one.name == "remove_document";
    EXPECT_EQ(one.writes, writes) << one.name;
    for (const json& schema : {one.input_schema, one.output_schema}) {
      EXPECT_EQ(schema.at("type"), "object");
      EXPECT_TRUE(schema.at("properties").is_object());
    }
  }
}

TEST_F(HandedToolsTest, AConnectorFindsShortDocumentsWholeAndLongOnesInParts) {
  folder_.write("short.md", "# Birds\n\nThe kestrel hovers over the meadow.\n");
  std::string long_text = "# Atlas\n\n";
  for (int section = 0; section < 60; ++section) {
    long_text += "## Section " + std::to_string(section) + "\n\n";
    for (int i = 0; i < 30; ++i) long_text += "Plain words of no interest stand here. ";
    if (section == 40) long_text += "A kestrel nests in the old tower.";
    long_text += "\n\n";
  }
  folder_.write("long.md", long_text);
  folder_.refresh();
  make("connector", 2000);
  EXPECT_THAT(names(), ElementsAre("search", "fetch"));

  const ToolOutput found = done("search", {{"query", "kestrel"}});
  EXPECT_EQ(json::parse(found.text), found.structured);
  const json& results = found.structured.at("results");
  ASSERT_EQ(results.size(), 2U);
  std::set<std::string> ids;
  for (const json& result : results) {
    ids.insert(result.at("id"));
    EXPECT_EQ(result.size(), 3U);
    EXPECT_TRUE(std::string(result.at("url")).starts_with("file:///"));
    const ToolOutput fetched = done("fetch", {{"id", result.at("id")}});
    EXPECT_EQ(json::parse(fetched.text), fetched.structured);
    EXPECT_THAT(std::string(fetched.structured.at("text")), HasSubstr("kestrel"));
    EXPECT_EQ(fetched.structured.at("id"), result.at("id"));
    const bool part = std::string(result.at("id")).find(':') != std::string::npos;
    if (part) {
      EXPECT_THAT(std::string(result.at("title")), HasSubstr("Section 40"));
    }
  }
  EXPECT_EQ(ids.size(), 2U);
  EXPECT_EQ(done("search", {{"query", "nowhere"}}).structured.at("results"), json::array());
  EXPECT_EQ(done("fetch", {{"id", "docs/short.md"}}).structured.at("text"),
            "# Birds\n\nThe kestrel hovers over the meadow.\n");
}

TEST_F(HandedToolsTest, AConnectorReadsALongDocumentToItsEnd) {
  const std::string text = test::random_prose(7, 6000);
  folder_.write("long.md", text);
  folder_.refresh();
  make("connector", 2000);
  std::string read;
  std::string id = "docs/long.md";
  int parts = 0;
  for (; !id.empty() && parts < 1000; ++parts) {
    const ToolOutput output = done("fetch", {{"id", id}});
    const auto view = folder_.library().view({});
    EXPECT_LE(view->tokens->count(output.text), 2000U);
    const std::string part = output.structured.at("text");
    read += part.substr(0, part.rfind("\n\n[Part "));
    const json& metadata = output.structured.at("metadata");
    if (metadata.contains("next_id")) {
      EXPECT_THAT(part, HasSubstr(std::string(metadata.at("next_id"))));
    }
    id = metadata.value("next_id", "");
  }
  EXPECT_GT(parts, 5);
  EXPECT_EQ(read, text);
}

TEST_F(HandedToolsTest, AConnectorSaysWhichIdIsWrong) {
  folder_.write("short.md", "heron\n");
  folder_.refresh();
  make("connector");
  EXPECT_THAT(refusal("fetch", {{"id", "nothing"}}), HasSubstr("names no document"));
  EXPECT_THAT(refusal("fetch", {{"id", "00000000000:3"}}), HasSubstr("id: chunk 00000000000:3"));
  EXPECT_THAT(refusal("fetch", json::object()), HasSubstr("id: expected a string"));
  EXPECT_THAT(refusal("search", json::object()), HasSubstr("query: expected a string"));
}

}  // namespace
}  // namespace callslip
