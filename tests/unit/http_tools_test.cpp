// The routes that are plain HTTP: tools, documents, the OpenAPI document.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <semaphore>

#include "index/formats/parser.h"
#include "plugin/commands/settings.h"
#include "plugin/documents/document_store.h"
#include "plugin/http/byte_range.h"
#include "plugin/http/cors.h"
#include "plugin/http/http_route.h"
#include "plugin/mcp/mcp_server.h"
#include "plugin/metrics.h"
#include "plugin/toolset/tool.h"
#include "tests/support/indexed_folder.h"
#include "tests/unit/recorded_exchange.h"
#include "tools/extractive_reader.h"

namespace callslip {

std::vector<HttpRoute> tool_routes(const HttpServices& services);
std::vector<HttpRoute> openapi_routes(const HttpServices& services);
std::vector<HttpRoute> document_routes(const HttpServices& services);

namespace {

using nlohmann::json;
using test::header_of;
using test::IndexedFolder;
using test::RecordedExchange;
using testing::ElementsAre;
using testing::HasSubstr;

class HttpToolsTest : public testing::Test {
 protected:
  HttpToolsTest() {
    folder_.write("guide.md", "# Guide\n\nThe heron stands still.\n");
    folder_.write("notes/größe #1.txt", "0123456789\n");
    folder_.refresh();
    tools_ = make_tools({folder_.library(), reader_, languages_, nullptr, 10000, 500, &store_});
    Tool hang;
    hang.name = "hang";
    hang.call = [this](const json&, const CallContext& context) -> Result<ToolOutput> {
      hanging_.release();
      while (!context.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      cancelled_.release();
      return Error{ErrorKind::cancelled, "cancelled"};
    };
    Tool bug;
    bug.name = "bug";
    bug.call = [](const json&, const CallContext&) -> Result<ToolOutput> {
      throw std::runtime_error("a bug");
    };
    tools_.push_back(hang);
    tools_.push_back(bug);
    const HttpServices services{settings_, tools_, folder_.library(), server_,
                                metrics_,  pool_,  waiting_,          store_};
    for (auto group :
         {tool_routes(services), openapi_routes(services), document_routes(services)}) {
      routes_.insert(routes_.end(), group.begin(), group.end());
    }
  }

  static HttpRequest request(const std::string& method, const std::string& path,
                             std::string body = "", HttpHeaders headers = {}) {
    HttpRequest request;
    request.method = method;
    request.path = path.substr(0, path.find('?'));
    request.query = path.find('?') == std::string::npos ? "" : path.substr(path.find('?') + 1);
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.headers.emplace_back("host", "127.0.0.1:8137");
    request.principal = Principal::owner();
    return request;
  }
  HttpResponse send(HttpRequest request) {
    return test::send_to(routes_, std::move(request))->wait();
  }
  HttpResponse send(const std::string& method, const std::string& path, std::string body = "",
                    HttpHeaders headers = {}) {
    return send(request(method, path, std::move(body), std::move(headers)));
  }
  static std::string error_of(const HttpResponse& response) {
    EXPECT_EQ(response.type, "application/json");
    return json::parse(response.body).at("error");
  }
  static DocumentStore::Options options() {
    DocumentStore::Options options;
    options.settle = false;
    return options;
  }

  IndexedFolder folder_;
  Settings settings_;
  Metrics metrics_;
  WorkerPool pool_{2, 8};
  WorkerPool waiting_{2, 8};
  ExtractiveReader reader_{folder_.index()};
  LibraryLanguages languages_;
  DocumentStore store_{folder_.library(), options()};
  std::counting_semaphore<> hanging_{0};
  std::counting_semaphore<> cancelled_{0};
  std::vector<Tool> tools_;
  McpServer server_{{tools_, nullptr, "0"}, pool_, waiting_, {}};
  std::vector<HttpRoute> routes_;
};

TEST_F(HttpToolsTest, AToolAnswersItsStructuredResult) {
  const HttpResponse response = send("POST", "/tools/doc_search", R"({"query": "heron"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.type, "application/json");
  const json result = json::parse(response.body);
  EXPECT_EQ(result.at("chunks").at(0).at("document"), "docs/guide.md");
  EXPECT_THAT(std::string(result.at("chunks").at(0).at("text")), HasSubstr("stands still"));
}

TEST_F(HttpToolsTest, AToolAnswersTextToWhoeverAsksForIt) {
  const HttpResponse response =
      send("POST", "/tools/list_documents", "", {{"accept", "text/plain"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.type, "text/plain; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("docs/guide.md | markdown"));
}

TEST_F(HttpToolsTest, AToolsErrorsHaveAStatusAndSayWhatIsWrong) {
  const HttpResponse missing = send("POST", "/tools/doc_search", "{}");
  EXPECT_EQ(missing.status, 422);
  EXPECT_THAT(error_of(missing), HasSubstr("query: expected a string"));
  EXPECT_EQ(send("POST", "/tools/doc_search", "[1]").status, 400);
  EXPECT_EQ(send("POST", "/tools/doc_search", "{\"query\"").status, 400);
  EXPECT_EQ(send("POST", "/tools/doc_search", std::string(10'000, '[')).status, 400);
  EXPECT_EQ(send("POST", "/tools/nothing", "{}").status, 404);
  EXPECT_EQ(send("POST", "/tools/", "{}").status, 404);
  const HttpResponse bug = send("POST", "/tools/bug", "{}");
  EXPECT_EQ(bug.status, 500);
  EXPECT_EQ(error_of(bug), "internal error: a bug");
}

TEST_F(HttpToolsTest, ACallStopsWhenItsPeerGoes) {
  const auto exchange = test::send_to(routes_, request("POST", "/tools/hang", "{}"));
  hanging_.acquire();
  exchange->go();
  cancelled_.acquire();
  pool_.drain(std::chrono::seconds(10));
  EXPECT_FALSE(exchange->answered());
}

TEST_F(HttpToolsTest, ACallThatFindsNoPlaceIsToldToComeAgain) {
  std::vector<std::shared_ptr<RecordedExchange>> calls;
  for (int i = 0; i < 2; ++i) {
    calls.push_back(test::send_to(routes_, request("POST", "/tools/hang", "{}")));
    hanging_.acquire();
  }
  for (int i = 0; i < 8; ++i) {
    calls.push_back(test::send_to(routes_, request("POST", "/tools/hang", "{}")));
  }
  const HttpResponse busy = send("POST", "/tools/doc_search", R"({"query": "heron"})");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(header_of(busy, "Retry-After"), "1");
  for (const auto& call : calls) call->go();
}

TEST_F(HttpToolsTest, WritingTakesTheScopeAndCollectionsBoundWhatIsSeen) {
  HttpRequest writing = request("POST", "/tools/add_document", R"({"name": "a", "text": "x"})");
  writing.principal.may_write = false;
  EXPECT_EQ(send(writing).status, 403);
  HttpRequest reading = request("GET", "/documents/docs/guide.md");
  reading.principal.collections =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"team"});
  EXPECT_EQ(send(reading).status, 404);
  for (const HttpRoute& route : routes_) {
    const bool writes = route.method == "PUT" || route.method == "DELETE";
    EXPECT_EQ(route.needs_write, writes) << route.method << " " << route.path;
  }
}

TEST_F(HttpToolsTest, ADocumentIsPutReplacedReadAndDeleted) {
  const HttpResponse created =
      send("PUT", "/documents/team/M%C3%BCller.md?title=My+%22title%22", "# One\n\nkestrel\n");
  ASSERT_EQ(created.status, 201) << created.body;
  const json added = json::parse(created.body);
  EXPECT_EQ(added.at("document"), "team/M%C3%BCller.md");  // the port has decoded the path
  EXPECT_EQ(added.at("title"), "My \"title\"");
  EXPECT_EQ(header_of(created, "Location"), "/documents/team/M%25C3%25BCller.md");

  EXPECT_EQ(send("PUT", "/documents/a.md", "# Two\n\nkestrel\n").status, 201);
  const HttpResponse replaced = send("PUT", "/documents/a.md", "# Two\n\nowl\n");
  EXPECT_EQ(replaced.status, 200);
  EXPECT_EQ(json::parse(replaced.body).at("replaced"), true);
  EXPECT_EQ(send("GET", "/documents/a.md").body, "# Two\n\nowl\n");
  EXPECT_EQ(send("GET", "/documents/attachments/a.md").body, "# Two\n\nowl\n");

  const HttpResponse removed = send("DELETE", "/documents/a.md");
  EXPECT_EQ(removed.status, 200) << removed.body;
  EXPECT_THAT(json::parse(removed.body).at("removed"), ElementsAre("attachments/a.md"));
  EXPECT_EQ(send("GET", "/documents/a.md").status, 404);
  EXPECT_EQ(send("DELETE", "/documents/a.md").status, 404);
}

TEST_F(HttpToolsTest, ABodyOfAnySizeComesFromAFile) {
  folder_.write("upload", "<p>an owl &amp; more</p>");
  HttpRequest put = request("PUT", "/documents/page", "", {{"content-type", "text/html"}});
  put.body_file = folder_.root() + "/upload";
  const HttpResponse created = send(put);
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(json::parse(created.body).at("type"), "html");
  EXPECT_THAT(send("GET", "/documents/page").body, HasSubstr("an owl & more"));
}

TEST_F(HttpToolsTest, WhatIsNoDocumentIsRefused) {
  EXPECT_EQ(send("PUT", "/documents/a.md", "").status, 422);
  EXPECT_EQ(send("PUT", "/documents/a.pdf", "%PDF-1.7 \x01").status, 422);
  EXPECT_EQ(send("PUT", "/documents/../etc/passwd", "x").status, 422);
  EXPECT_EQ(send("PUT", "/documents/", "x").status, 422);
  EXPECT_EQ(send("PUT", "/documents/docs/new.md", "x").status, 422);
  EXPECT_EQ(send("DELETE", "/documents/docs/guide.md").status, 422);
  EXPECT_EQ(send("DELETE", "/documents/*").status, 404);
  EXPECT_EQ(send("GET", "/documents/docs/guide.md").status, 200);
}

TEST_F(HttpToolsTest, ATextIsReadInPartsAndOnlyWhenItChanged) {
  const std::string path = "/documents/docs/notes/größe #1.txt";
  const HttpResponse all = send("GET", path);
  EXPECT_EQ(all.status, 200);
  EXPECT_EQ(all.body, "0123456789\n");
  EXPECT_EQ(all.type, "text/plain; charset=utf-8");
  EXPECT_EQ(header_of(all, "X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(header_of(all, "Content-Security-Policy"), HasSubstr("sandbox"));
  const std::string tag = header_of(all, "ETag");

  const HttpResponse part = send("GET", path, "", {{"range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(header_of(part, "Content-Range"), "bytes 2-4/11");
  EXPECT_EQ(send("GET", path, "", {{"range", "bytes=-4"}}).body, "789\n");
  EXPECT_EQ(send("GET", path, "", {{"range", "bytes=2-4"}, {"if-range", tag}}).body, "234");
  EXPECT_EQ(send("GET", path, "", {{"range", "bytes=2-4"}, {"if-range", "\"x\""}}).status, 200);
  const HttpResponse beyond = send("GET", path, "", {{"range", "bytes=11-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(header_of(beyond, "Content-Range"), "bytes */11");
  EXPECT_EQ(send("GET", path, "", {{"if-none-match", tag}}).status, 304);
}

TEST(ByteRange, FollowsTheHeader) {
  const auto range = [](const char* header, std::uint64_t size = 10) -> std::string {
    const auto parsed = parse_range(header, size);
    if (std::holds_alternative<bool>(parsed)) return "none";
    const auto* bytes = std::get_if<ByteRange>(&parsed);
    return bytes == nullptr ? "all"
                            : std::to_string(bytes->start) + "-" + std::to_string(bytes->end);
  };
  EXPECT_EQ(range("bytes=0-0"), "0-1");
  EXPECT_EQ(range("bytes=3-"), "3-10");
  EXPECT_EQ(range("bytes=3-99"), "3-10");
  EXPECT_EQ(range("bytes=3-18446744073709551615"), "3-10");
  EXPECT_EQ(range("bytes=-3"), "7-10");
  EXPECT_EQ(range("bytes=-99"), "0-10");
  EXPECT_EQ(range("bytes=10-"), "none");
  EXPECT_EQ(range("bytes=-0"), "none");
  EXPECT_EQ(range("bytes=0-", 0), "none");
  for (const char* header : {"", "bytes=", "bytes=-", "bytes=4-2", "bytes=a-b", "bytes=1-2,4-5",
                             "lines=1-2", "bytes=99999999999999999999-", "bytes=1--2"}) {
    EXPECT_EQ(range(header), "all") << header;
  }
}

TEST_F(HttpToolsTest, TheOpenApiDocumentHasTheToolsThatTheCallerMayUse) {
  const json document = json::parse(send("GET", "/openapi.json").body);
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  EXPECT_EQ(document.at("servers").at(0).at("url"), "http://127.0.0.1:8137");
  EXPECT_FALSE(document.contains("security"));
  const json& search = document.at("paths").at("/tools/doc_search").at("post");
  EXPECT_EQ(search.at("operationId"), "doc_search");
  EXPECT_EQ(search.at("requestBody").at("content").at("application/json").at("schema"),
            tools_[0].input_schema);
  EXPECT_EQ(search.at("responses").at("200").at("content").at("application/json").at("schema"),
            tools_[0].output_schema);
  EXPECT_TRUE(document.at("paths").contains("/tools/add_document"));
  const json& documents = document.at("paths").at("/documents/{name}");
  EXPECT_TRUE(documents.contains("put"));
  for (const json& operation : documents) EXPECT_FALSE(operation.contains("operationId"));

  settings_.token_files = {"tokens"};
  HttpRequest reader = request("GET", "/openapi.json");
  reader.principal.may_write = false;
  reader.secure = true;
  const json seen = json::parse(send(reader).body);
  EXPECT_FALSE(seen.at("paths").contains("/tools/add_document"));
  EXPECT_FALSE(seen.at("paths").at("/documents/{name}").contains("put"));
  EXPECT_EQ(seen.at("servers").at(0).at("url"), "https://127.0.0.1:8137");
  EXPECT_EQ(seen.at("components").at("securitySchemes").at("bearer").at("scheme"), "bearer");
}

}  // namespace
}  // namespace callslip
