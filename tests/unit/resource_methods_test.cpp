#include <set>

#include "index/document_id.h"
#include "tests/unit/served_folder.h"
#include "tools/document_uri.h"

namespace callslip {
namespace {

using nlohmann::json;

class ResourceMethods : public test::ServedFolder {
 protected:
  std::string file(const std::string& name) const {
    return "file://" + folder_.root() + "/" + name;
  }
  std::string read(const std::string& uri) {
    const json contents = result("resources/read", {{"uri", uri}}).at("contents");
    EXPECT_EQ(contents.size(), 1U);
    EXPECT_EQ(contents.at(0).at("uri"), uri);
    return contents.at(0).at("text").get<std::string>();
  }
  /// All pages, with what `between` does after each.
  std::vector<std::string> list_all(const std::function<void()>& between = {}) {
    std::vector<std::string> names;
    json params = json::object();
    for (;;) {
      const json page = result("resources/list", params);
      for (const json& resource : page.at("resources")) names.push_back(resource.at("name"));
      if (!page.contains("nextCursor")) return names;
      params["cursor"] = page.at("nextCursor");
      if (between) between();
    }
  }
};

TEST_F(ResourceMethods, ADocumentIsListedAsWhatReadingItReturns) {
  folder_.write("guide/a b.md", "# Été\n\nText.\n");
  folder_.write("main.rs", "fn main() {}\n");
  folder_.write("page.html", "<title>Birds</title><p>Petrels &amp; owls</p>");
  folder_.refresh();
  serve();
  const json list = result("resources/list").at("resources");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].at("name"), "docs/guide/a b.md");
  EXPECT_EQ(list[0].at("uri"), file("guide/a%20b.md"));
  EXPECT_EQ(list[0].at("title"), "Été");
  EXPECT_EQ(list[0].at("mimeType"), "text/markdown");
  EXPECT_EQ(list[1].at("mimeType"), "text/x-rust");
  EXPECT_EQ(list[2].at("mimeType"), "text/plain") << "its text is extracted";
  for (const json& resource : list) {
    EXPECT_EQ(read(resource.at("uri")).size(), resource.at("size").get<std::size_t>());
    EXPECT_TRUE(resource.at("annotations").at("lastModified").get<std::string>().ends_with("Z"));
  }
  EXPECT_EQ(read(file("guide/a%20b.md")), "# Été\n\nText.\n");
  EXPECT_NE(read(file("page.html")).find("Petrels & owls"), std::string::npos);
}

TEST_F(ResourceMethods, ARecordOfACollectionIsAResource) {
  folder_.write("c.jsonl",
                "{\"_id\":\"q 1\",\"text\":\"One.\"}\n{\"_id\":\"2\",\"text\":\"Two.\"}\n");
  folder_.refresh();
  serve();
  const json list = result("resources/list").at("resources");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].at("uri"), file("c.jsonl#q%201"));
  EXPECT_EQ(read(file("c.jsonl#q%201")), "One.");
  EXPECT_EQ(read(file("c.jsonl#2")), "Two.");
  EXPECT_EQ(error("resources/read", {{"uri", file("c.jsonl")}}).at("code"), -32002);
  EXPECT_EQ(error("resources/read", {{"uri", file("c.jsonl#3")}}).at("code"), -32002);
}

TEST_F(ResourceMethods, TemplatesNameChunksDocumentsAndSections) {
  folder_.write("a.md", "# Top\n\nIntro.\n\n## Usage\n\nOne.\n\n# Other\n\n## Usage\n\nTwo.\n");
  folder_.refresh();
  serve();
  std::set<std::string> templates;
  const json listed = result("resources/templates/list").at("resourceTemplates");
  for (const json& each : listed) {
    templates.insert(each.at("uriTemplate"));
  }
  EXPECT_EQ(templates,
            (std::set<std::string>{"callslip://chunk/{chunk_id}", "callslip://document/{name}",
                                   "callslip://section/{name}/{heading}"}));
  const std::string id = document_id_text(document_id("docs/a.md"));
  EXPECT_EQ(read("callslip://chunk/" + id + ":0").substr(0, 5), "# Top");
  EXPECT_EQ(read("callslip://chunk/" + id + "%3A0").substr(0, 5), "# Top");
  EXPECT_EQ(read("callslip://document/docs%2Fa.md").substr(0, 5), "# Top");
  EXPECT_EQ(read("callslip://document/docs/a.md").substr(0, 5), "# Top");
  EXPECT_EQ(read("callslip://section/docs%2Fa.md/Top"), "# Top\n\nIntro.\n\n## Usage\n\nOne.\n\n");
  EXPECT_EQ(read("callslip://section/docs%2Fa.md/Top%20%3E%20Usage"), "## Usage\n\nOne.\n\n");
  EXPECT_EQ(read("callslip://section/docs/a.md/Other%20%3E%20usage"), "## Usage\n\nTwo.\n");
  for (const std::string& uri :
       {"callslip://chunk/" + id + ":99", std::string("callslip://chunk/"),
        std::string("callslip://chunk/%zz"), std::string("callslip://document/nothing"),
        std::string("callslip://section/docs%2Fa.md/Nothing"), std::string("callslip://section/x"),
        std::string("callslip://other/docs"), std::string("callslip://")}) {
    EXPECT_EQ(error("resources/read", {{"uri", uri}}).at("code"), -32002) << uri;
  }
}

TEST_F(ResourceMethods, AnUnknownResourceIsAnErrorOfTheEraWithItsUri) {
  serve();
  folder_.write("a.md", "A.\n");
  folder_.refresh();
  const json legacy = error("resources/read", {{"uri", "test://nothing"}});
  EXPECT_EQ(legacy.at("code"), -32002);
  EXPECT_EQ(legacy.at("data").at("uri"), "test://nothing");
  const json modern_error = error("resources/read", modern({{"uri", "test://nothing"}}));
  EXPECT_EQ(modern_error.at("code"), -32602);
  EXPECT_EQ(modern_error.at("data").at("uri"), "test://nothing");
  for (const json& wrong : {json::object(), json{{"uri", 7}}, json{{"uri", nullptr}}}) {
    EXPECT_EQ(error("resources/read", wrong).at("code"), -32602);
  }
}

TEST_F(ResourceMethods, NoUriLeadsOutOfTheIndex) {
  folder_.write("a.md", "Here.\n");
  folder_.write("sub/b.md", "There.\n");
  std::ofstream(folder_.root() + "/../secret.txt") << "secret";
  std::filesystem::create_symlink(folder_.root() + "/../secret.txt", folder_.root() + "/link.txt");
  std::filesystem::create_symlink(folder_.root() + "/a.md", folder_.root() + "/alias.md");
  std::filesystem::create_symlink(folder_.root(), folder_.root() + "/again");
  folder_.refresh();
  serve();
  const std::string root = folder_.root();
  for (const std::string& uri : std::vector<std::string>{
           "file:///etc/passwd",
           "file://" + root + "/../secret.txt",
           "file://" + root + "/%2e%2e/secret.txt",
           "file://" + root + "/..%2fsecret.txt",
           "file://" + root + "/link.txt",
           "file://" + root + "/sub/../a.md",
           "file://" + root + "/./a.md",
           "file://" + root + "//a.md",
           "file://" + root + "/sub%2Fb.md",
           "file://" + root + "/again/a.md",
           "file://" + root + "/a.md%00.png",
           "file://" + root + "/a.md?x",
           "file://" + root + "/a.md#x",
           "file://" + root + "/a.md/",
           "file://" + root,
           "file://evil.example" + root + "/a.md",
           "file:" + root + "/a.md",
           "FILE://" + root + "/a.md",
           root + "/a.md",
           "docs/a.md",
           "http://127.0.0.1/",
           "file://",
           "file:///%",
           "file:///%zz",
           "",
           std::string(100'000, '/'),
           "callslip://document/docs/../a.md",
           "callslip://document/%00",
       }) {
    const json refused = error("resources/read", {{"uri", uri}});
    EXPECT_EQ(refused.at("code"), -32002) << uri.substr(0, 200);
    EXPECT_EQ(refused.dump().find("secret\""), std::string::npos);
  }
  EXPECT_EQ(read("file://" + root + "/a.md"), "Here.\n");
  EXPECT_EQ(read("file://" + root + "/%61.md"), "Here.\n") << "the same URI, by RFC 3986";
  EXPECT_EQ(read("file://localhost" + root + "/a.md"), "Here.\n") << "by RFC 8089";
}

TEST_F(ResourceMethods, OddNamesComeBackAsTheyWent) {
  for (const std::string name :
       {"100%.md", "a#b.md", "what?.md", "ümlaut.md", "灯塔.md", "a+b&c.md"}) {
    folder_.write(name, "Text of " + name + "\n");
  }
  folder_.refresh();
  serve();
  const json list = result("resources/list").at("resources");
  EXPECT_EQ(list.size(), 6U);
  for (const json& resource : list) {
    const auto name = resource.at("name").get<std::string>();
    EXPECT_EQ(read(resource.at("uri")), "Text of " + name.substr(5) + "\n");
  }
}

TEST_F(ResourceMethods, ATextThatIsTooLargeNamesItsChunks) {
  folder_.write("big.txt", test::random_prose(1, 700'000));
  folder_.write("small.txt", "Small.\n");
  folder_.refresh();
  serve();
  const json refused = error("resources/read", {{"uri", file("big.txt")}});
  EXPECT_EQ(refused.at("code"), -32602);
  EXPECT_NE(refused.at("message").get<std::string>().find("read_chunks"), std::string::npos);
  EXPECT_FALSE(read(refused.at("data").at("firstChunk")).empty());
  EXPECT_FALSE(read(refused.at("data").at("lastChunk")).empty());
  EXPECT_EQ(read(file("small.txt")), "Small.\n");
}

TEST_F(ResourceMethods, PagesHoldEachOf250DocumentsOnceInOrder) {
  for (int i = 0; i < 250; ++i) folder_.write("d" + std::to_string(i) + ".md", "Text.\n");
  folder_.refresh();
  serve();
  const std::vector<std::string> names = list_all();
  EXPECT_EQ(names.size(), 250U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 250U);
}

TEST_F(ResourceMethods, ACommitBetweenPagesLosesAndRepeatsNothing) {
  for (int i = 100; i < 350; ++i) folder_.write("d" + std::to_string(i) + ".md", "Text.\n");
  folder_.refresh();
  serve();
  int commits = 0;
  const std::vector<std::string> names = list_all([&] {
    ++commits;
    // What was listed goes, new ones come before and behind the cursor, one is changed.
    folder_.remove("d" + std::to_string(100 + commits) + ".md");
    folder_.remove("d199.md");  // the one that the first cursor stands on
    folder_.write("a" + std::to_string(commits) + ".md", "New.\n");
    folder_.write("z" + std::to_string(commits) + ".md", "New.\n");
    folder_.write("d300.md", "Changed " + std::to_string(commits) + ".\n");
    folder_.refresh();
  });
  EXPECT_EQ(commits, 2);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  const std::set<std::string> seen(names.begin(), names.end());
  EXPECT_EQ(seen.size(), names.size()) << "none twice";
  for (int i = 103; i < 350; ++i) {
    EXPECT_TRUE(seen.contains("docs/d" + std::to_string(i) + ".md")) << i;
  }
  EXPECT_TRUE(seen.contains("docs/z1.md")) << "it came behind the cursor";
}

TEST_F(ResourceMethods, AForeignCursorIsRefused) {
  for (int i = 0; i < 101; ++i) folder_.write("d" + std::to_string(i) + ".md", "Text.\n");
  folder_.refresh();
  serve();
  const std::string good = result("resources/list").at("nextCursor");
  for (const json& bad : {json("nonsense"), json(""), json(7), json(good + "x"), json("%%%%%%%%%%"),
                          json(good.substr(0, good.size() - 1))}) {
    EXPECT_EQ(error("resources/list", {{"cursor", bad}}).at("code"), -32602) << bad;
  }
  EXPECT_EQ(error("resources/templates/list", {{"cursor", good}}).at("code"), -32602);
  EXPECT_EQ(error("prompts/list", {{"cursor", good}}).at("code"), -32602);
}

TEST_F(ResourceMethods, ModernAnswersSayHowLongTheyHold) {
  folder_.write("a.md", "A.\n");
  folder_.refresh();
  serve();
  for (const char* list : {"resources/list", "resources/templates/list", "prompts/list"}) {
    const json answer = result(list, modern());
    EXPECT_TRUE(answer.at("ttlMs").is_number_integer()) << list;
    EXPECT_TRUE(answer.contains("cacheScope")) << list;
  }
  const json read = result("resources/read", modern({{"uri", file("a.md")}}));
  EXPECT_EQ(read.at("cacheScope"), "private");
  EXPECT_FALSE(result("resources/list").contains("ttlMs"));
}

TEST_F(ResourceMethods, FixedResourcesStandBeforeTheDocuments) {
  FixedResource page;
  page.described = {{"uri", "ui://callslip/result"}, {"name", "result"}};
  page.read = [](const std::string&) {
    return json{{"mimeType", "text/html;profile=mcp-app"}, {"text", "<p>"}};
  };
  FixedResource hidden = page;
  hidden.described["uri"] = "ui://callslip/hidden";
  hidden.listed = false;
  FixedResource numbered;
  numbered.described = {{"uriTemplate", "test://n/{n}"}, {"name", "n"}};
  numbered.read = [](const std::string& uri) -> std::optional<json> {
    if (!uri.starts_with("test://n/")) return std::nullopt;
    return json{{"text", uri.substr(9)}};
  };
  resources_ = {page, hidden, numbered};
  folder_.write("a.md", "A.\n");
  folder_.refresh();
  serve();
  const json list = result("resources/list").at("resources");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("uri"), "ui://callslip/result");
  EXPECT_EQ(read("ui://callslip/result"), "<p>");
  EXPECT_EQ(read("ui://callslip/hidden"), "<p>");
  EXPECT_EQ(read("test://n/42"), "42");
  EXPECT_EQ(result("resources/templates/list").at("resourceTemplates").size(), 4U);
}

TEST_F(ResourceMethods, ResultsLinkToTheirDocumentsForClientsThatKnowLinks) {
  for (int i = 0; i < 8; ++i) {
    folder_.write("d" + std::to_string(i) + ".md", "# Lamp\n\nThe lamp burns oil.\n");
  }
  folder_.refresh();
  serve();
  const json call{{"name", "doc_search"}, {"arguments", {{"query", "lamp"}, {"whole", false}}}};
  const auto links = [](const json& answer) {
    std::vector<std::string> uris;
    for (const json& item : answer.at("content")) {
      if (item.at("type") == "resource_link") uris.push_back(item.at("uri"));
    }
    return uris;
  };
  EXPECT_TRUE(links(result("tools/call", call)).empty()) << "it never said a version";
  (void)ask("initialize", {{"protocolVersion", "2025-03-26"}});
  EXPECT_TRUE(links(result("tools/call", call)).empty());
  (void)ask("initialize", {{"protocolVersion", "2025-06-18"}});
  EXPECT_FALSE(links(result("tools/call", call)).empty());
  const auto uris = links(result("tools/call", modern(call)));
  EXPECT_LE(uris.size(), 5U);
  EXPECT_EQ(std::set<std::string>(uris.begin(), uris.end()).size(), uris.size());
  for (const std::string& uri : uris) EXPECT_EQ(read(uri), "# Lamp\n\nThe lamp burns oil.\n");
}

}  // namespace
}  // namespace callslip
