#include "plugin/page/mcp_app.h"

#include <gtest/gtest.h>

#include <regex>

#include "plugin/page/page_files.h"
#include "tests/unit/served_folder.h"

namespace callslip {
namespace {

using nlohmann::json;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST(McpApp, IsOneDocumentThatNeedsNothingElse) {
  const std::string& html = mcp_app_html();
  EXPECT_EQ(html.rfind("<!doctype html>", 0), 0U);
  EXPECT_EQ(count(html, "</script>"), 1U);
  EXPECT_EQ(count(html, "</style>"), 1U);
  EXPECT_EQ(count(html, "/* script */") + count(html, "/* styles */"), 0U);
  EXPECT_FALSE(std::regex_search(html, std::regex("\n(import|export) ")));
  EXPECT_FALSE(std::regex_search(html, std::regex("<link|src=|@import|url\\(")));
}

TEST(McpApp, HasEachModuleOnceAndAfterWhatItNeeds) {
  const std::string& html = mcp_app_html();
  EXPECT_EQ(count(html, "\nfunction h("), 1U);
  EXPECT_EQ(count(html, "\nfunction chunkCard("), 1U);
  EXPECT_LT(html.find("\nfunction h("), html.find("\nfunction chunkCard("));
  EXPECT_LT(html.find("\nfunction chunkCard("), html.find("new ResultApp("));
}

class McpAppServed : public test::ServedFolder {};

TEST_F(McpAppServed, IsAResourceThatToolsNameAndHostsCanRead) {
  folder_.write("a.md", "# A\n\nText.\n");
  folder_.refresh();
  resources_.push_back(mcp_app_resource());
  serve();
  const json listed = result("resources/list").at("resources").at(0);
  EXPECT_EQ(listed.at("uri"), kMcpAppUri);
  EXPECT_EQ(listed.at("mimeType"), kMcpAppType);
  const json contents = result("resources/read", {{"uri", kMcpAppUri}}).at("contents").at(0);
  EXPECT_EQ(contents.at("mimeType"), kMcpAppType);
  EXPECT_EQ(contents.at("text"), mcp_app_html());
  for (const json& tool : result("tools/list").at("tools")) {
    const bool shown = tool.at("name") != "list_documents";
    EXPECT_EQ(tool.contains("_meta"), shown) << tool.at("name");
    if (shown) {
      EXPECT_EQ(tool.at("_meta").at("ui").at("resourceUri"), kMcpAppUri);
    }
  }
}

TEST_F(McpAppServed, IsAnExtensionOfTheModernEraWhereThereIsSuchAResource) {
  folder_.write("a.md", "# A\n\nText.\n");
  folder_.refresh();
  serve();
  const json without = result("server/discover", modern()).at("capabilities");
  EXPECT_FALSE(without.contains("extensions"));
}

TEST(PageFiles, AreFoundByNameWithTheirTypes) {
  const PageFile* index = find_page_file("index.html");
  ASSERT_NE(index, nullptr);
  EXPECT_EQ(index->type, "text/html; charset=utf-8");
  EXPECT_EQ(find_page_file("main.js")->type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find_page_file("theme.css")->type, "text/css; charset=utf-8");
  EXPECT_EQ(find_page_file("main"), nullptr);
  EXPECT_NE(find_page_file("main.js")->etag, find_page_file("route.js")->etag);
}

TEST(PageFiles, HaveNoScriptOrStyleInTheMarkup) {
  const std::string html(find_page_file("index.html")->text);
  EXPECT_FALSE(std::regex_search(html, std::regex("<style|\\sstyle=|\\son[a-z]+=|javascript:")));
  EXPECT_FALSE(std::regex_search(html, std::regex("<script(?![^>]*\\ssrc=)")));
}

TEST(PageFiles, WriteNoMarkupFromText) {
  for (const PageFile& file : page_files()) {
    const std::string text(file.text);
    EXPECT_FALSE(std::regex_search(
        text, std::regex("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\(")))
        << file.name;
  }
}

}  // namespace
}  // namespace callslip
