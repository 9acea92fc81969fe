// Who tries to get in where they should not, over HTTP and WebSocket, and what they get.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "index/document_id.h"
#include "tests/support/callslip_binary.h"
#include "tests/support/http_client.h"
#include "tests/support/token_issuer.h"
#include "tests/support/websocket_client.h"

namespace callslip {
namespace {

using namespace testing_support;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAudience = "https://docs.example.org/mcp";

std::string base64url(std::string text) {
  static const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::size_t letters = (text.size() * 8 + 5) / 6;
  text += std::string(2, '\0');
  std::string out;
  for (std::size_t i = 0; i < letters; ++i) {
    const std::size_t bit = i * 6;
    const auto two = static_cast<unsigned>(static_cast<unsigned char>(text[bit / 8]) << 8 |
                                           static_cast<unsigned char>(text[bit / 8 + 1]));
    out.push_back(alphabet[two >> (10 - bit % 8) & 63U]);
  }
  return out;
}

class AccessTest : public testing::Test {
 protected:
  void SetUp() override {
    shelf_.write("birds.md", "# Birds\n\nA heron stands in the river.\n");
    shelf_.scratch().write("board/salaries.md", "# Salaries\n\nThe heron earns a zyzzyva.\n");
    ASSERT_TRUE(exited(shelf_.run({"index", shelf_.root(), shelf_ / "board"}), 0));
  }

  std::string add_token(std::vector<std::string> more) {
    std::vector<std::string> arguments{"token", "--token-file", tokens_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run_callslip(arguments);
    EXPECT_TRUE(exited(outcome, 0));
    EXPECT_THAT(outcome.out, testing::MatchesRegex("callslip_[A-Za-z0-9_-]+\n"));
    return outcome.out.substr(0, outcome.out.size() - 1);
  }

  void serve(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"serve", "--listen", "127.0.0.1:0", "--index", shelf_.index()});
    server_ = std::make_unique<Process>(callslip_command(flags));
    const auto port = server_->wait_for_err("listening on http://127.0.0.1:");
    ASSERT_TRUE(port) << server_->wait().describe();
    port_ = static_cast<std::uint16_t>(std::stoul(*port));
  }
  void serve_with_tokens() { serve({"--token-file", tokens_}); }

  void TearDown() override {
    if (port_ != 0) {
      EXPECT_EQ(http_call(port_, "GET", "/healthz").status, 200);
    }
  }

  static HttpFields bearer(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }
  HttpFields own_page(const std::string& cookie) const {
    return {{"Cookie", cookie}, {"Origin", "http://127.0.0.1:" + std::to_string(port_)}};
  }

  HttpAnswer rpc(const std::string& method, const json& params, HttpFields fields = {}) const {
    fields.emplace_back("Accept", "application/json, text/event-stream");
    const json message{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
    return http_call(port_, "POST", "/mcp", std::move(fields), message.dump());
  }
  HttpAnswer call(const std::string& tool, const json& arguments, HttpFields fields = {}) const {
    return rpc("tools/call", {{"name", tool}, {"arguments", arguments}}, std::move(fields));
  }
  HttpAnswer list(HttpFields fields = {}) const {
    return call("list_documents", json::object(), std::move(fields));
  }

  /// Refused, and nothing is told of the documents.
  static void expect_refused(const HttpAnswer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.head << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr("birds")));
    EXPECT_THAT(answer.body, Not(HasSubstr("heron")));
    EXPECT_TRUE(answer.json().contains("error")) << answer.body;
  }
  void expect_no_socket(const WebSocketClient::Headers& headers, unsigned status) const {
    const WebSocketClient client(port_, headers);
    EXPECT_TRUE(client.error());
    EXPECT_EQ(client.status(), status);
  }

  Shelf shelf_;
  const std::string tokens_ = shelf_ / "tokens";
  std::unique_ptr<Process> server_;
  std::uint16_t port_ = 0;
};

TEST_F(AccessTest, AnAddressThatOthersCanReachNeedsTokens) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    EXPECT_TRUE(refused(shelf_.run({"serve", "--listen", address}),
                        {"--listen", "callslip token", "--token-file"}, 2));
  }
}

TEST_F(AccessTest, ATokenFileThatOthersCanReadKeepsTheServerFromStarting) {
  add_token({});
  ::chmod(tokens_.c_str(), 0644);
  EXPECT_TRUE(refused(shelf_.run({"serve", "--listen", "127.0.0.1:0", "--token-file", tokens_}),
                      {"chmod 600 " + tokens_}));
  std::filesystem::remove(tokens_);
  EXPECT_TRUE(refused(shelf_.run({"serve", "--listen", "127.0.0.1:0", "--token-file", tokens_}),
                      {tokens_}));
}

TEST_F(AccessTest, TokensAreMadeListedAndRevoked) {
  const std::string token = add_token({"--name", "alice", "--scope", "write", "--collection",
                                       "docs", "--collection", "board/", "--expires", "30"});
  EXPECT_NE(add_token({}), add_token({}));
  struct stat status {};
  ASSERT_EQ(::stat(tokens_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  const Outcome listed = run_callslip({"token", "--list", "--token-file", tokens_});
  EXPECT_THAT(listed.out, HasSubstr("alice | write | board, docs | expires 2"));
  EXPECT_THAT(listed.out, HasSubstr("token-1 | read | all collections | does not expire"));
  EXPECT_THAT(listed.out, HasSubstr("token-2 | "));
  EXPECT_THAT(listed.out, Not(HasSubstr(token)));
  EXPECT_TRUE(refused(run_callslip({"token", "--name", "alice", "--token-file", tokens_}),
                      {"\"alice\" already"}));
  EXPECT_TRUE(exited(run_callslip({"token", "--revoke", "alice", "--token-file", tokens_}), 0));
  EXPECT_TRUE(refused(run_callslip({"token", "--revoke", "alice", "--token-file", tokens_}),
                      {"no token named \"alice\""}));
  EXPECT_THAT(run_callslip({"token", "--list", "--token-file", tokens_}).out,
              Not(HasSubstr("alice")));
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"token"},
           {"token", "--token-file", tokens_, "--scope", "admin"},
           {"token", "--token-file", tokens_, "--collection", "a/b"},
           {"token", "--token-file", tokens_, "--list", "--name", "x"},
           {"token", "--token-file", tokens_, "--expires", "-1"},
           {"token", "--token-file", tokens_, "x"}}) {
    EXPECT_TRUE(exited(run_callslip(wrong), 2)) << testing::PrintToString(wrong);
  }
}

TEST_F(AccessTest, WithoutTokensThisMachineMayReadAndNotWrite) {
  serve();
  EXPECT_THAT(list().body, HasSubstr("birds.md"));
  EXPECT_THAT(rpc("tools/list", json::object()).body, Not(HasSubstr("add_document")));
  expect_refused(http_call(port_, "PUT", "/documents/attachments/a.md", {}, "text\n"), 403);
  const auto added = call("add_document", {{"name", "a.md"}, {"text", "text"}}).json();
  EXPECT_TRUE(added.contains("error")) << added;
  EXPECT_EQ(http_call(port_, "GET", "/login").json().at("needed"), false);
}

TEST_F(AccessTest, PagesOfOthersGetNothing) {
  serve();
  for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1.evil.example"}) {
    expect_refused(list({{"Origin", origin}}), 403);
    expect_refused(http_call(port_, "GET", "/documents/docs/birds.md", {{"Origin", origin}}), 403);
    expect_no_socket({{"Origin", origin}}, 403);
  }
  EXPECT_EQ(list({{"Origin", "http://localhost:3000"}}).status, 200);
  const WebSocketClient page(port_, {{"Origin", "http://localhost:3000"}});
  EXPECT_FALSE(page.error());
}

TEST_F(AccessTest, ANameThatWasReboundToUsGetsNothing) {
  serve();
  for (const std::string& host :
       {std::string("evil.example"), "evil.example:" + std::to_string(port_)}) {
    expect_refused(list({{"Host", host}}), 403);
    expect_refused(http_call(port_, "GET", "/healthz", {{"Host", host}}), 403);
    expect_refused(http_call(port_, "GET", "/openapi.json", {{"Host", host}}), 403);
    expect_no_socket({{"Host", host}}, 403);
  }
}

TEST_F(AccessTest, WhoHasNoTokenOrAWrongOneGetsNothing) {
  const std::string token = add_token({"--name", "alice"});
  serve_with_tokens();
  const HttpAnswer without = list();
  expect_refused(without, 401);
  EXPECT_EQ(without.header("www-authenticate"), "Bearer realm=\"callslip\"");
  // A client in a page learns from it where tokens are to be had.
  const HttpAnswer to_page = list({{"Origin", "http://localhost:3000"}});
  expect_refused(to_page, 401);
  EXPECT_EQ(to_page.header("access-control-allow-origin"), "http://localhost:3000");
  EXPECT_THAT(to_page.header("access-control-expose-headers"), HasSubstr("WWW-Authenticate"));
  const HttpAnswer to_foreign_page = list({{"Origin", "https://evil.example"}});
  EXPECT_EQ(to_foreign_page.header("access-control-allow-origin"), "");
  for (const std::string& wrong : {std::string("x"), token + "x", token.substr(1)}) {
    const HttpAnswer answer = list(bearer(wrong));
    expect_refused(answer, 401);
    EXPECT_THAT(answer.header("www-authenticate"), HasSubstr("error=\"invalid_token\""));
    expect_no_socket({{"Authorization", "Bearer " + wrong}}, 401);
    expect_no_socket({{"Sec-WebSocket-Protocol", "mcp, callslip.bearer." + base64url(wrong)}}, 401);
  }
  expect_no_socket({}, 401);
  for (const char* path :
       {"/metrics", "/openapi.json", "/documents/docs/birds.md", "/nowhere", "/mcp",
        "/snippets.json", "/tools/doc_search", "/login/x", "/healthz/x"}) {
    expect_refused(http_call(port_, "GET", path), 401);
  }
  // What is open is open by name.
  for (const char* path : {"/", "/healthz", "/page/app.css", "/login"}) {
    EXPECT_EQ(http_call(port_, "GET", path).status, 200) << path;
  }
  expect_refused(http_call(port_, "POST", "/tools/doc_search", {}, R"({"query": "heron"})"), 401);
  // Open: what the page is made of, and whether the server is well.
  EXPECT_EQ(http_call(port_, "GET", "/").status, 200);
  EXPECT_EQ(http_call(port_, "GET", "/healthz").status, 200);
  EXPECT_EQ(http_call(port_, "GET", "/.well-known/oauth-protected-resource").status, 404);

  EXPECT_THAT(list(bearer(token)).body, HasSubstr("birds.md"));
  WebSocketClient header(port_, {{"Authorization", "Bearer " + token}});
  EXPECT_FALSE(header.error());
  WebSocketClient subprotocol(
      port_, {{"Sec-WebSocket-Protocol", "callslip.bearer." + base64url(token) + ", mcp"}});
  EXPECT_FALSE(subprotocol.error());
  EXPECT_EQ(subprotocol.subprotocol(), "mcp");  // the token is not echoed
}

TEST_F(AccessTest, NoTokenIsTakenFromTheQuery) {
  const std::string token = add_token({});
  serve_with_tokens();
  for (const char* name : {"access_token", "token", "to%6Ben"}) {
    const std::string query = std::string("?") + name + "=" + token;
    const HttpAnswer answer = http_call(port_, "GET", "/documents/docs/birds.md" + query);
    expect_refused(answer, 400);
    EXPECT_THAT(answer.body, HasSubstr("Authorization: Bearer"));
    EXPECT_THAT(answer.body, Not(HasSubstr(token)));
    expect_refused(http_call(port_, "POST", "/mcp" + query, bearer(token), "{}"), 400);
    // A handshake, too.
    EXPECT_EQ(http_call(port_, "GET", "/mcp" + query,
                        {{"Upgrade", "websocket"},
                         {"Sec-WebSocket-Version", "13"},
                         {"Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}})
                  .status,
              400);
  }
}

TEST_F(AccessTest, ARevokedTokenEndsWhatItBegan) {
  const std::string token = add_token({"--name", "alice"});
  add_token({"--name", "bob"});
  serve_with_tokens();
  WebSocketClient talking(port_, {{"Authorization", "Bearer " + token}});
  WebSocketClient listening(port_, {{"Authorization", "Bearer " + token}});
  ASSERT_FALSE(talking.error() || listening.error());
  const std::string ping = R"({"jsonrpc": "2.0", "id": 1, "method": "ping"})";
  ASSERT_TRUE(talking.send(ping));
  EXPECT_TRUE(talking.receive());
  ASSERT_TRUE(exited(run_callslip({"token", "--revoke", "alice", "--token-file", tokens_}), 0));
  expect_refused(list(bearer(token)), 401);
  talking.send(ping);
  EXPECT_FALSE(talking.receive());
  EXPECT_EQ(talking.close_code(), 1008);
  // Who says nothing is sent away as well.
  EXPECT_FALSE(listening.receive());
  EXPECT_EQ(listening.close_code(), 1008);
}

TEST_F(AccessTest, ATokenSeesItsCollectionsOnly) {
  const std::string docs = add_token({"--name", "docs", "--collection", "docs"});
  const std::string all = add_token({"--name", "all"});
  serve_with_tokens();
  const auto as_docs = bearer(docs);
  EXPECT_THAT(list(bearer(all)).body, HasSubstr("salaries"));
  const HttpAnswer listed = list(as_docs);
  EXPECT_THAT(listed.body, HasSubstr("birds.md"));
  const std::string hidden = chunk_id_text({document_id("board/salaries.md"), 0});
  for (const HttpAnswer& answer :
       {listed, call("doc_search", {{"query", "heron zyzzyva"}}, as_docs),
        call("read_chunks", {{"question", "What does the heron earn?"}}, as_docs),
        rpc("resources/list", json::object(), as_docs),
        rpc("completion/complete",
            {{"ref", {{"type", "ref/resource"}, {"uri", "callslip://document/{name}"}}},
             {"argument", {{"name", "name"}, {"value", "sal"}}}},
            as_docs),
        http_call(port_, "POST", "/tools/doc_search", as_docs, R"({"query": "zyzzyva"})")}) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr("salaries")));
    EXPECT_THAT(answer.body, Not(HasSubstr("earns")));
    EXPECT_THAT(answer.body, Not(HasSubstr(hidden)));
  }
  // Asked for by name, it is as if it were not there: word for word what a made-up one gets.
  const auto same_as_unknown = [&](const auto& ask, std::string name, std::string made_up) {
    HttpAnswer there = ask(name);
    HttpAnswer nowhere = ask(made_up);
    EXPECT_EQ(there.status, nowhere.status);
    const auto replaced = [](std::string text, const std::string& what) {
      for (std::size_t at = 0; (at = text.find(what)) != std::string::npos;) {
        text.replace(at, what.size(), "NAME");
      }
      return text;
    };
    EXPECT_EQ(replaced(there.body, name), replaced(nowhere.body, made_up));
    EXPECT_THAT(there.body, Not(HasSubstr("earns")));
  };
  same_as_unknown(
      [&](const std::string& name) {
        return http_call(port_, "GET", "/documents/" + name, as_docs);
      },
      "board/salaries.md", "board/salariez.md");
  same_as_unknown(
      [&](const std::string& name) {
        return rpc("resources/read", {{"uri", "callslip://document/" + name}}, as_docs);
      },
      "board/salaries.md", "board/salariez.md");
  same_as_unknown(
      [&](const std::string& id) {
        return call("read_chunks", {{"chunk_ids", {id}}}, as_docs);
      },
      hidden.substr(0, hidden.find(':')), document_id_text(document_id("board/salariez.md")));
  expect_refused(http_call(port_, "GET", "/metrics", as_docs), 403);
  EXPECT_EQ(http_call(port_, "GET", "/metrics", bearer(all)).status, 200);
}

TEST_F(AccessTest, WritingNeedsTheScope) {
  const std::string reader = add_token({"--name", "reader"});
  const std::string writer =
      add_token({"--name", "writer", "--scope", "write", "--collection", "attachments"});
  serve_with_tokens();
  EXPECT_THAT(rpc("tools/list", json::object(), bearer(reader)).body,
              Not(HasSubstr("add_document")));
  EXPECT_THAT(rpc("tools/list", json::object(), bearer(writer)).body, HasSubstr("add_document"));
  const HttpAnswer answer =
      http_call(port_, "PUT", "/documents/attachments/a.md", bearer(reader), "An egret.\n");
  expect_refused(answer, 403);
  EXPECT_THAT(answer.header("www-authenticate"), HasSubstr("error=\"insufficient_scope\""));
  EXPECT_THAT(answer.header("www-authenticate"), HasSubstr("scope=\"callslip:write\""));
  HttpFields fields = bearer(writer);
  fields.emplace_back("Content-Type", "text/markdown");
  EXPECT_EQ(http_call(port_, "PUT", "/documents/attachments/a.md", fields, "An egret.\n").status,
            201);
  EXPECT_THAT(call("doc_search", {{"query", "egret"}}, bearer(writer)).body, HasSubstr("a.md"));
  // Not into a collection that it does not see.
  const HttpAnswer elsewhere =
      http_call(port_, "PUT", "/documents/docs/a.md", fields, "An egret.\n");
  EXPECT_GE(elsewhere.status, 400);
  EXPECT_LT(elsewhere.status, 500);
  EXPECT_THAT(list(bearer(reader)).body, Not(HasSubstr("docs/a.md")));
}

TEST_F(AccessTest, ThePageSignsInAndOthersCannotUseItsCookie) {
  const std::string token = add_token({"--name", "alice"});
  serve_with_tokens();
  const std::string own = "http://127.0.0.1:" + std::to_string(port_);
  const std::string body = json{{"token", token}}.dump();
  expect_refused(http_call(port_, "POST", "/login", {{"Origin", own}}, R"({"token": "x"})"), 401);
  expect_refused(http_call(port_, "POST", "/login", {{"Origin", "http://127.0.0.1:1"}}, body), 403);
  const HttpAnswer answer = http_call(port_, "POST", "/login", {{"Origin", own}}, body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::string set = answer.header("set-cookie");
  EXPECT_THAT(set, HasSubstr("HttpOnly; SameSite=Strict"));
  const std::string cookie = set.substr(0, set.find(';'));
  EXPECT_THAT(cookie, Not(HasSubstr(token.substr(9))));

  EXPECT_THAT(list(own_page(cookie)).body, HasSubstr("birds.md"));
  const WebSocketClient page(port_, {{"Cookie", cookie}, {"Origin", own}});
  EXPECT_FALSE(page.error());
  EXPECT_EQ(http_call(port_, "GET", "/documents/docs/birds.md", {{"Cookie", cookie}}).status, 200);
  expect_refused(list({{"Cookie", cookie}}), 403);
  expect_refused(list({{"Cookie", cookie}, {"Origin", "http://localhost:3000"}}), 403);
  expect_no_socket({{"Cookie", cookie}}, 403);
  expect_no_socket({{"Cookie", cookie}, {"Origin", "http://localhost:3000"}}, 403);

  EXPECT_EQ(http_call(port_, "POST", "/logout", own_page(cookie)).status, 204);
  expect_refused(list(own_page(cookie)), 401);
}

TEST_F(AccessTest, OAuthsTokensAreCheckedToTheLast) {
  TokenIssuer issuer;
  serve({"--oauth-issuer", issuer.url(), "--oauth-audience", kAudience});
  const auto sign = [&](const json& changes, const SigningKey& key = TokenIssuer::rsa(),
                        const char* algorithm = "RS256") {
    json claims = issuer.claims(kAudience);
    if (!changes.is_null()) claims.update(changes);  // {} is null
    return key.sign(algorithm, claims.dump());
  };
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  EXPECT_THAT(list(bearer(sign({}))).body, HasSubstr("birds.md"));
  EXPECT_THAT(list(bearer(sign({}, TokenIssuer::p256(), "ES256"))).body, HasSubstr("birds.md"));
  EXPECT_THAT(list(bearer(sign({{"callslip_collections", {"board"}}}))).body,
              Not(HasSubstr("birds.md")));
  const json published = TokenIssuer::rsa().published();
  const std::string signed_token = sign({});
  const std::string unsigned_token =
      base64url(R"({"alg":"none"})") +
      signed_token.substr(signed_token.find('.'),
                          signed_token.rfind('.') + 1 - signed_token.find('.'));
  for (const std::string& bad :
       {sign({{"exp", now - 3600}}), sign({{"aud", "https://mail.example.org/mcp"}}),
        sign({{"iss", "https://evil.example"}}), sign({}, SigningKey::rsa("rsa-1")),
        sign({}, SigningKey::secret(published.dump(), "rsa-1"), "HS256"), unsigned_token}) {
    const HttpAnswer answer = list(bearer(bad));
    expect_refused(answer, 401);
    EXPECT_THAT(answer.header("www-authenticate"), HasSubstr("error=\"invalid_token\""));
    expect_no_socket({{"Authorization", "Bearer " + bad}}, 401);
  }
  expect_refused(list(bearer(sign({{"scope", "email"}}))), 403);
  const HttpAnswer without = list();
  expect_refused(without, 401);
  EXPECT_THAT(without.header("www-authenticate"),
              HasSubstr("resource_metadata=\"https://docs.example.org/.well-known/"
                        "oauth-protected-resource/mcp\""));
  for (const char* path :
       {"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"}) {
    const HttpAnswer metadata = http_call(port_, "GET", path);
    EXPECT_EQ(metadata.status, 200);
    EXPECT_EQ(metadata.json().at("resource"), kAudience);
    EXPECT_EQ(metadata.json().at("authorization_servers"), json::array({issuer.url()}));
  }
}

TEST_F(AccessTest, AnIssuerThatIsDownIsWaitedForAndSaidSo) {
  TokenIssuer issuer;
  issuer.fail(true);
  serve({"--oauth-issuer", issuer.url(), "--oauth-audience", kAudience});
  const std::string token = TokenIssuer::rsa().sign("RS256", issuer.claims(kAudience).dump());
  const HttpAnswer early = list(bearer(token));
  expect_refused(early, 503);
  EXPECT_EQ(early.header("retry-after"), "2");
  issuer.fail(false);
  HttpAnswer answer = early;
  for (int i = 0; i < 300 && answer.status == 503; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    answer = list(bearer(token));
  }
  EXPECT_THAT(answer.body, HasSubstr("birds.md"));
  server_->signal(SIGTERM);
  EXPECT_THAT(server_->wait().err, HasSubstr("--oauth-issuer: "));
  port_ = 0;
}

}  // namespace
}  // namespace callslip
