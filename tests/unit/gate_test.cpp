#include "plugin/access/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "plugin/access/credentials.h"
#include "plugin/access/secrets.h"
#include "plugin/access/token_file.h"
#include "tests/support/token_issuer.h"
#include "tests/unit/scratch_directory.h"

namespace callslip {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::TokenIssuer;
using Clock = std::chrono::system_clock;
using Headers = std::map<std::string, std::string>;

constexpr const char* kHost = "127.0.0.1:8137";

struct Request {
  std::string target = "/mcp";
  Headers headers{};
  std::string method = "POST";
  bool websocket = false;
  bool open = false;
};

class GateTest : public testing::Test {
 protected:
  std::string add(const std::string& name, bool may_write = false,
                  std::vector<std::string> collections = {},
                  std::optional<Clock::time_point> expires = {}) {
    std::string token = make_token();
    TokenRecord record;
    record.name = name;
    record.sha256 = sha256_hex(token);
    record.may_write = may_write;
    if (!collections.empty()) {
      record.collections = std::make_shared<const std::vector<std::string>>(std::move(collections));
    }
    record.expires = expires;
    EXPECT_TRUE(add_token(file_, record));
    return token;
  }

  GateOptions with_tokens() const {
    GateOptions options;
    options.port = 8137;
    options.token_files = {file_};
    return options;
  }

  void open(const GateOptions& options) {
    auto gate = Gate::open(options);
    ASSERT_TRUE(gate) << gate.error().message;
    gate_ = std::move(gate).value();
  }

  std::variant<Principal, Refusal> admit(Request request) {
    request.headers.emplace("host", kHost);
    RequestHead head;
    head.method = request.method;
    head.target = request.target;
    head.websocket = request.websocket;
    head.open = request.open;
    head.peer = "127.0.0.1";
    head.header = [&request](std::string_view name) -> std::string_view {
      const auto found = request.headers.find(std::string(name));
      return found == request.headers.end() ? std::string_view() : found->second;
    };
    return gate_->admit(head);
  }
  Principal expect_in(const Request& request) {
    auto admitted = admit(request);
    const auto* refusal = std::get_if<Refusal>(&admitted);
    EXPECT_EQ(refusal, nullptr) << request.target << ": " << refusal->message;
    return refusal == nullptr ? std::get<Principal>(admitted) : Principal();
  }
  Refusal expect_out(const Request& request, int status) {
    auto admitted = admit(request);
    const auto* refusal = std::get_if<Refusal>(&admitted);
    EXPECT_NE(refusal, nullptr) << request.target;
    if (refusal == nullptr) return {};
    EXPECT_EQ(refusal->status, status) << refusal->message;
    return *refusal;
  }
  static std::string challenge_of(const Refusal& refusal) {
    for (const auto& [name, value] : refusal.headers) {
      if (name == "WWW-Authenticate") return value;
    }
    return "";
  }
  static Headers bearer(const std::string& token) { return {{"authorization", "Bearer " + token}}; }

  ScratchDirectory scratch_;
  const std::string file_ = scratch_ / "tokens";
  std::unique_ptr<Gate> gate_;
};

TEST_F(GateTest, OnThisMachineWithoutTokensWhoeverConnectsMayRead) {
  open({});
  const Principal principal = expect_in({});
  EXPECT_EQ(principal.name, "");
  EXPECT_FALSE(principal.may_write);
  EXPECT_EQ(principal.collections, nullptr);
  EXPECT_FALSE(gate_->asks());
  EXPECT_TRUE(gate_->still_admits(principal));
  // Clients that always send something are not sent away for it.
  expect_in({"/mcp", bearer("sk-none")});
  EXPECT_THAT(gate_->write_refusal(principal).message, HasSubstr("callslip token"));
  EXPECT_EQ(gate_->write_refusal(principal).status, 403);
}

TEST_F(GateTest, ElsewhereItDoesNotOpenWithoutTokens) {
  for (const char* address : {"0.0.0.0", "::", "[::]", "", "192.168.1.5", "box.lan",
                              "127.0.0.1.evil.example", "[2001:db8::1]", "10.0.0.1"}) {
    GateOptions options;
    options.address = address;
    const auto gate = Gate::open(options);
    ASSERT_FALSE(gate) << address;
    EXPECT_EQ(gate.error().kind, ErrorKind::invalid_argument);
    EXPECT_THAT(gate.error().message, HasSubstr("--token-file"));
    EXPECT_THAT(gate.error().message, HasSubstr("callslip token"));
  }
  for (const char* address : {"127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"}) {
    GateOptions options;
    options.address = address;
    EXPECT_TRUE(Gate::open(options)) << address;
  }
  add("alice");
  GateOptions options = with_tokens();
  options.address = "0.0.0.0";
  EXPECT_TRUE(Gate::open(options));
}

TEST_F(GateTest, AFileThatOthersCanReadKeepsItShut) {
  add("alice");
  std::filesystem::permissions(file_, std::filesystem::perms(0644));
  const auto gate = Gate::open(with_tokens());
  ASSERT_FALSE(gate);
  EXPECT_THAT(gate.error().message, HasSubstr("chmod 600"));
  GateOptions missing;
  missing.token_files = {scratch_ / "missing"};
  EXPECT_FALSE(Gate::open(missing));
}

TEST_F(GateTest, TheHostComesFirst) {
  const std::string token = add("alice");
  open(with_tokens());
  for (const char* host : {"evil.example", "evil.example:8137", "127.0.0.1.evil.example", "", "[",
                           "192.168.1.5:8137"}) {
    Request request{"/mcp", bearer(token)};
    request.headers["host"] = host;
    expect_out(request, 403);
    request.target = "/healthz";
    request.method = "GET";
    expect_out(request, 403);
  }
}

TEST_F(GateTest, TheOriginComesNext) {
  const std::string token = add("alice");
  open(with_tokens());
  for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1.evil.example",
                             "file://", "http://localhost.evil.example:8137"}) {
    Request request{"/mcp", bearer(token)};
    request.headers["origin"] = origin;
    const Refusal refusal = expect_out(request, 403);
    EXPECT_EQ(challenge_of(refusal), "");
    request.websocket = true;
    expect_out(request, 403);
  }
  Request own{"/mcp", bearer(token)};
  own.headers["origin"] = "http://127.0.0.1:8137";
  expect_in(own);
}

TEST_F(GateTest, ThePageOfAServerElsewhereIsItsOwn) {
  const std::string token = add("alice");
  GateOptions options = with_tokens();
  options.address = "box.lan";
  open(options);
  Request request{"/mcp", bearer(token)};
  request.headers["host"] = "box.lan:8137";
  request.headers["origin"] = "http://box.lan:8137";
  expect_in(request);
  request.headers["origin"] = "http://box.lan:9000";
  expect_out(request, 403);
}

TEST_F(GateTest, WithTokensOneIsNeededOnThisMachineToo) {
  const std::string token = add("alice", true);
  open(with_tokens());
  const Refusal refusal = expect_out({}, 401);
  EXPECT_EQ(challenge_of(refusal), "Bearer realm=\"callslip\"");
  EXPECT_THAT(refusal.message, HasSubstr("Authorization: Bearer"));
  const Principal principal = expect_in({"/mcp", bearer(token)});
  EXPECT_EQ(principal.name, "alice");
  EXPECT_TRUE(principal.may_write);
}

TEST_F(GateTest, RefusesWrongTokens) {
  const std::string token = add("alice");
  open(with_tokens());
  for (const std::string& wrong :
       {std::string("x"), make_token(), token + "x", token.substr(0, token.size() - 1),
        sha256_hex(token), std::string("a.b.c")}) {
    const Refusal refusal = expect_out({"/mcp", bearer(wrong)}, 401);
    EXPECT_THAT(challenge_of(refusal), HasSubstr(R"(error="invalid_token")"));
    EXPECT_THAT(refusal.message, Not(HasSubstr("alice")));
  }
  for (const char* malformed : {"Bearer", "Bearer ", "Basic YTpi", "bearer\t", "x"}) {
    expect_out({"/mcp", {{"authorization", malformed}}}, 401);
  }
  expect_in({"/mcp", {{"authorization", "bearer   " + token}}});
}

TEST_F(GateTest, RefusesAnExpiredToken) {
  const std::string gone = add("gone", true, {}, Clock::now() - std::chrono::seconds(1));
  const std::string holds = add("holds", false, {}, Clock::now() + std::chrono::hours(1));
  open(with_tokens());
  const Refusal refusal = expect_out({"/mcp", bearer(gone)}, 401);
  EXPECT_THAT(refusal.message, HasSubstr("expired"));
  EXPECT_LT(expect_in({"/mcp", bearer(holds)}).expires, Clock::now() + std::chrono::hours(2));
}

TEST_F(GateTest, ARevokedTokenEndsAtOnce) {
  const std::string token = add("alice");
  add("bob");
  open(with_tokens());
  const Principal principal = expect_in({"/mcp", bearer(token)});
  EXPECT_TRUE(gate_->still_admits(principal));
  ASSERT_TRUE(revoke_token(file_, "alice"));
  EXPECT_FALSE(gate_->still_admits(principal));
  expect_out({"/mcp", bearer(token)}, 401);
}

TEST_F(GateTest, OneWhoseRightsChangedComesInAnew) {
  const std::string token = add("alice", true);
  open(with_tokens());
  const Principal principal = expect_in({"/mcp", bearer(token)});
  ASSERT_TRUE(revoke_token(file_, "alice"));
  TokenRecord less;
  less.name = "alice";
  less.sha256 = sha256_hex(token);
  less.collections =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"papers"});
  ASSERT_TRUE(add_token(file_, less));
  EXPECT_FALSE(gate_->still_admits(principal));
  const Principal now = expect_in({"/mcp", bearer(token)});
  EXPECT_FALSE(now.may_write);
  EXPECT_TRUE(gate_->still_admits(now));
  EXPECT_FALSE(gate_->still_admits([&] {
    Principal over = now;
    over.expires = Clock::now();
    return over;
  }()));
}

TEST_F(GateTest, CollectionsAndScopeComeWithTheToken) {
  const std::string token = add("alice", false, {"notes", "papers"});
  open(with_tokens());
  const Principal principal = expect_in({"/mcp", bearer(token)});
  EXPECT_FALSE(principal.may_write);
  ASSERT_NE(principal.collections, nullptr);
  EXPECT_THAT(*principal.collections, testing::ElementsAre("notes", "papers"));
  const Refusal refusal = gate_->write_refusal(principal);
  EXPECT_EQ(refusal.status, 403);
  EXPECT_THAT(challenge_of(refusal), HasSubstr(R"(error="insufficient_scope")"));
  EXPECT_THAT(challenge_of(refusal), HasSubstr(R"(scope="callslip:write")"));
  // What the server counts is of all.
  expect_out({"/metrics", bearer(token), "GET"}, 403);
  expect_out({"/metrics?x", bearer(token), "GET"}, 403);
  expect_in({"/metrics", bearer(add("ops")), "GET"});
}

TEST_F(GateTest, NoTokenIsTakenFromTheQuery) {
  const std::string token = add("alice");
  open(with_tokens());
  for (const std::string name :
       {"access_token", "token", "TOKEN", "api_key", "%74oken", "access%5Ftoken", "bearer"}) {
    const Refusal refusal = expect_out({"/mcp?a=b&" + name + "=" + token}, 400);
    EXPECT_THAT(refusal.message, HasSubstr("Authorization: Bearer"));
    EXPECT_THAT(refusal.message, Not(HasSubstr(token)));
    // Nor is it let pass where a token came as it should, or none is asked for.
    expect_out({"/mcp?" + name + "=" + token, bearer(token)}, 400);
    expect_out({"/?" + name, {}, "GET"}, 400);
  }
  expect_in({"/mcp?q=token&tokens=1", bearer(token)});
  open({});
  expect_out({"/mcp?token=" + token}, 400);
}

TEST_F(GateTest, WebSocketsSendTheTokenAsASubprotocol) {
  const std::string token = add("alice");
  open(with_tokens());
  const auto offering = [](const std::string& protocols) {
    return Request{"/mcp", {{"sec-websocket-protocol", protocols}}, "GET", true};
  };
  const std::string encoded = "callslip.bearer." + base64url_encode(token);
  EXPECT_EQ(expect_in(offering("mcp, " + encoded)).name, "alice");
  expect_in(offering(encoded + ",mcp"));
  expect_in(offering(encoded + "=="));  // padding is no harm
  expect_out(offering("mcp"), 401);
  expect_out(offering("mcp, callslip.bearer." + token), 401);  // not encoded
  expect_out(offering("mcp, callslip.bearer."), 401);
  expect_out(offering("mcp, callslip.bearer." + base64url_encode("other")), 401);
  // For WebSockets only, and a header goes first.
  Request request = offering("mcp, " + encoded);
  request.websocket = false;
  expect_out(request, 401);
  request.websocket = true;
  request.headers["authorization"] = "Bearer wrong";
  expect_out(request, 401);
}

TEST_F(GateTest, OpenRoutesAreAnsweredToAnybodyWhoSeesNothing) {
  const std::string token = add("alice", true);
  open(with_tokens());
  for (const char* path : {"/", "/healthz", "/page/a/b.css", "/?x=1", "/x/mcp"}) {
    for (const char* method : {"GET", "HEAD", "POST"}) {
      const Principal principal = expect_in({path, {}, method, false, true});
      EXPECT_EQ(principal.name, "");
      EXPECT_FALSE(principal.may_write);
      ASSERT_NE(principal.collections, nullptr) << path;
      EXPECT_TRUE(principal.collections->empty()) << path;
    }
    EXPECT_EQ(expect_in({path, bearer(token), "GET", false, true}).name, "alice");
    expect_in({path, bearer("wrong"), "GET", false, true});
    expect_out({path, {}, "GET"}, 401);
    expect_out({path, {}, "GET", true, true}, 401);
  }
  // Paths that somebody else could read in another way.
  for (const char* path : {"/page/../metrics", "/page/%2e%2e/metrics", "/page//x", "/page/a\\b",
                           "//", "http://127.0.0.1/healthz", "*", ""}) {
    expect_out({path, {}, "GET", false, true}, 401);
  }
}

TEST_F(GateTest, PreflightsCarryNoCredentials) {
  add("alice");
  open(with_tokens());
  const Headers preflight{{"origin", "http://localhost:3000"},
                          {"access-control-request-method", "POST"}};
  const Principal principal = expect_in({"/mcp", preflight, "OPTIONS"});
  EXPECT_TRUE(principal.collections->empty());
  expect_out({"/mcp", {}, "OPTIONS"}, 401);
  Headers foreign = preflight;
  foreign["origin"] = "https://evil.example";
  expect_out({"/mcp", foreign, "OPTIONS"}, 403);
  expect_out({"/mcp", preflight, "POST"}, 401);
}

class LoginTest : public GateTest {
 protected:
  void SetUp() override {
    token_ = add("alice", true, {"papers"});
    open(with_tokens());
  }
  std::string log_in() {
    auto login = gate_->log_in(token_);
    EXPECT_TRUE(std::holds_alternative<Gate::Login>(login));
    return std::get<Gate::Login>(login).cookie_value;
  }
  static Headers cookie(const std::string& value, const std::string& origin = "") {
    Headers headers{{"cookie", "theme=dark; callslip-8137=" + value + "; x=y"}};
    if (!origin.empty()) headers["origin"] = origin;
    return headers;
  }

  static constexpr const char* kOwn = "http://127.0.0.1:8137";
  std::string token_;
};

TEST_F(LoginTest, TheCookieStandsForTheTokenAndIsNotIt) {
  const std::string value = log_in();
  EXPECT_EQ(value.find(token_.substr(9)), std::string::npos);
  EXPECT_NE(value, sha256_hex(token_));
  const Principal principal = expect_in({"/documents/a", cookie(value), "GET"});
  EXPECT_EQ(principal.name, "alice");
  EXPECT_TRUE(principal.may_write);
  EXPECT_EQ(*principal.collections, std::vector<std::string>{"papers"});
  EXPECT_LE(principal.expires, Clock::now() + Logins::kLifetime);
  EXPECT_EQ(expect_in({"/mcp", cookie(value, kOwn)}).name, "alice");
  EXPECT_EQ(expect_in({"/mcp", cookie(value, kOwn), "GET", true}).name, "alice");
  EXPECT_NE(log_in(), value);
}

TEST_F(LoginTest, OnlyTheOwnPageMayUseTheCookie) {
  const std::string value = log_in();
  // A form or script elsewhere, another port of this machine, a sandboxed frame.
  for (const char* origin : {"http://127.0.0.1:9999", "http://localhost:8137", "http://[::1]:8137",
                             "https://evil.example", "null"}) {
    expect_out({"/mcp", cookie(value, origin)}, 403);
    expect_out({"/mcp", cookie(value, origin), "GET", true}, 403);
    expect_out({"/documents/a", cookie(value, origin), "GET"}, 403);
  }
  expect_out({"/mcp", cookie(value)}, 403);
  expect_out({"/documents/a", cookie(value), "DELETE"}, 403);
  expect_out({"/mcp", cookie(value), "GET", true}, 403);
}

TEST_F(LoginTest, AProxysOriginIsNamed) {
  GateOptions options = with_tokens();
  options.allowed_origins = {"https://docs.example.org"};
  open(options);
  const std::string value = log_in();
  expect_in({"/mcp", cookie(value, "https://docs.example.org")});
  EXPECT_TRUE(gate_->own_origin("https://docs.example.org", kHost));
  EXPECT_FALSE(gate_->own_origin("https://docs.example.org:444", kHost));
}

TEST_F(LoginTest, ALoginEndsWithTheTokenOrWhenItIsEnded) {
  const std::string value = log_in();
  const std::string other = log_in();
  gate_->log_out(other);
  expect_out({"/mcp", cookie(other, kOwn)}, 401);
  expect_in({"/mcp", cookie(value, kOwn)});
  ASSERT_TRUE(revoke_token(file_, "alice"));
  expect_out({"/mcp", cookie(value, kOwn)}, 401);
  expect_out({"/mcp", cookie("made-up", kOwn)}, 401);
}

TEST_F(LoginTest, ALoginFollowsTheRightsOfTheToken) {
  const std::string value = log_in();
  ASSERT_TRUE(revoke_token(file_, "alice"));
  TokenRecord less;
  less.name = "alice";
  less.sha256 = sha256_hex(token_);
  ASSERT_TRUE(add_token(file_, less));
  const Principal principal = expect_in({"/mcp", cookie(value, kOwn)});
  EXPECT_FALSE(principal.may_write);
  EXPECT_EQ(principal.collections, nullptr);
}

TEST_F(LoginTest, WrongTokensSignNobodyIn) {
  for (const char* wrong : {"", "x", "a.b.c"}) {
    const auto login = gate_->log_in(wrong);
    ASSERT_TRUE(std::holds_alternative<Refusal>(login));
    EXPECT_EQ(std::get<Refusal>(login).status, 401);
  }
  open({});
  EXPECT_EQ(std::get<Refusal>(gate_->log_in(token_)).status, 400);
}

TEST(LoginsTest, ExpireAndAreBounded) {
  Logins logins;
  const auto start = Clock::now();
  Principal brief{"brief", false, nullptr};
  brief.expires = start + std::chrono::minutes(1);
  const std::string a = logins.begin(brief, start);
  const std::string b = logins.begin({"long", false, nullptr}, start);
  EXPECT_TRUE(logins.find(a, start));
  EXPECT_FALSE(logins.find(a, start + std::chrono::minutes(1)));
  EXPECT_TRUE(logins.find(b, start + Logins::kLifetime - std::chrono::seconds(1)));
  EXPECT_FALSE(logins.find(b, start + Logins::kLifetime));
  for (int i = 0; i < 5000; ++i) logins.begin({"many", false, nullptr}, start);
  EXPECT_FALSE(logins.find(b, start));
}

TEST_F(GateTest, OAuthAndTokenFilesGoTogether) {
  const TokenIssuer issuer;
  const std::string token = add("alice");
  GateOptions options = with_tokens();
  options.oauth.issuer = issuer.url();
  open(options);
  const std::string audience = "http://127.0.0.1:8137/mcp";
  const std::string jwt = TokenIssuer::rsa().sign("RS256", issuer.claims(audience).dump());
  EXPECT_EQ(expect_in({"/mcp", bearer(jwt)}).name, "oauth:alice");
  EXPECT_EQ(expect_in({"/mcp", bearer(token)}).name, "alice");
  expect_out({"/mcp", bearer("neither")}, 401);
  const Refusal refusal = expect_out({}, 401);
  EXPECT_THAT(challenge_of(refusal),
              HasSubstr("resource_metadata=\"http://127.0.0.1:8137/.well-known/"
                        "oauth-protected-resource/mcp\""));
  EXPECT_THAT(challenge_of(refusal), HasSubstr(R"(scope="callslip:read")"));
  EXPECT_THAT(gate_->oauth_metadata(), HasSubstr(audience));
  // A login by such a token lasts no longer than it.
  auto claims = issuer.claims(audience);
  claims["exp"] = claims["iat"].get<std::int64_t>() + 60;
  const auto login = gate_->log_in(TokenIssuer::rsa().sign("RS256", claims.dump()));
  ASSERT_TRUE(std::holds_alternative<Gate::Login>(login));
  EXPECT_LE(std::get<Gate::Login>(login).principal.expires,
            Clock::now() + std::chrono::seconds(60) + OAuth::kLeeway);
}

TEST_F(GateTest, OAuthAloneAsksForTokensOnThisMachine) {
  const TokenIssuer issuer;
  GateOptions options;
  options.port = 8137;
  options.oauth.issuer = issuer.url();
  open(options);
  expect_out({}, 401);
  EXPECT_TRUE(gate_->asks());
}

TEST_F(GateTest, WhatOAuthNeedsToKnowIsAskedFor) {
  const auto fails = [](const GateOptions& options) {
    const auto gate = Gate::open(options);
    EXPECT_FALSE(gate);
    return gate ? "" : gate.error().message;
  };
  GateOptions options;
  options.oauth.issuer = "http://127.0.0.1:1";
  options.keys_wait = std::chrono::milliseconds(0);
  EXPECT_THAT(fails(options), HasSubstr("--oauth-audience"));  // port 0
  options.port = 8137;
  options.address = "0.0.0.0";
  EXPECT_THAT(fails(options), HasSubstr("--oauth-audience"));
  options.oauth_audience = "docs.example.org";
  EXPECT_THAT(fails(options), HasSubstr("is not a URL"));
  options.oauth_audience = "https://docs.example.org/mcp";
  EXPECT_TRUE(Gate::open(options));  // although nobody answers there yet
  options.oauth.issuer = "http://login.example.org";
  EXPECT_THAT(fails(options), HasSubstr("--oauth-issuer"));
  options.oauth.issuer = "";
  options.address = "127.0.0.1";
  EXPECT_THAT(fails(options), HasSubstr("needs --oauth-issuer"));
}

TEST(CredentialsTest, CookiesAreOfAPort) {
  EXPECT_EQ(login_cookie("127.0.0.1:8137"), "callslip-8137");
  EXPECT_EQ(login_cookie("[::1]:8137"), "callslip-8137");
  EXPECT_EQ(login_cookie("docs.example.org"), "callslip");
  EXPECT_EQ(login_cookie("[::1]"), "callslip");
  EXPECT_EQ(login_cookie("x:8 1;"), "callslip");
  EXPECT_EQ(cookie_value("a=1; callslip-81=2;callslip-8=3 ; b", "callslip-8"), "3");
  EXPECT_EQ(cookie_value("xcallslip=1", "callslip"), "");
  EXPECT_EQ(cookie_value("", "callslip"), "");
}

TEST(CredentialsTest, OriginsAreComparedByHostAndPort) {
  EXPECT_TRUE(same_origin("http://box.lan:8137", "BOX.lan:8137"));
  EXPECT_TRUE(same_origin("https://box.lan", "box.lan"));
  EXPECT_TRUE(same_origin("https://box.lan", "box.lan:443"));
  EXPECT_TRUE(same_origin("http://[::1]:8137", "[::1]:8137"));
  EXPECT_FALSE(same_origin("http://box.lan", "box.lan:8137"));
  EXPECT_FALSE(same_origin("https://box.lan", "box.lan:80"));
  EXPECT_FALSE(same_origin("ws://box.lan", "box.lan"));
  EXPECT_FALSE(same_origin("null", "null"));
  EXPECT_FALSE(same_origin("", ""));
  EXPECT_FALSE(same_origin("http://", ""));
}

}  // namespace
}  // namespace callslip
