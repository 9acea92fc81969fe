#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plugin/access/credentials.h"
#include "plugin/access/gate.h"
#include "plugin/access/secrets.h"
#include "plugin/access/token_file.h"
#include "plugin/http/access_routes.h"
#include "tests/unit/scratch_directory.h"

namespace callslip {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// Keeps what was answered.
class Recorded final : public HttpExchange {
 public:
  explicit Recorded(HttpRequest request) : request_(std::move(request)) {}
  const HttpRequest& request() const override { return request_; }
  void respond(HttpResponse response) override { answer = std::move(response); }
  void start(HttpResponse) override {}
  void write(std::string) override {}
  void end() override {}
  void on_gone(std::function<void()>) override {}

  std::string header(const std::string& name) const {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return "";
  }

  HttpResponse answer;

 private:
  const HttpRequest request_;
};

class LoginRouteTest : public testing::Test {
 protected:
  void SetUp() override {
    TokenRecord record;
    record.name = "alice";
    record.sha256 = sha256_hex(token_);
    record.may_write = true;
    ASSERT_TRUE(add_token(file_, record));
    GateOptions options;
    options.token_files = {file_};
    auto gate = Gate::open(options);
    ASSERT_TRUE(gate);
    gate_ = std::move(gate).value();
  }

  /// As the port does: the gate first, then the route.
  std::shared_ptr<Recorded> call(const std::string& method, const std::string& path,
                                 const std::string& body = "", HttpHeaders headers = {},
                                 bool secure = false) {
    headers.emplace_back("host", "127.0.0.1:8137");
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.headers = headers;
    request.secure = secure;
    RequestHead head;
    head.method = method;
    head.target = path;
    head.open = true;
    head.header = [&headers](std::string_view name) -> std::string_view {
      for (const auto& [key, value] : headers) {
        if (key == name) return value;
      }
      return "";
    };
    auto admitted = gate_->admit(head);
    auto exchange = std::make_shared<Recorded>([&] {
      if (const auto* principal = std::get_if<Principal>(&admitted)) request.principal = *principal;
      return request;
    }());
    if (const auto* refusal = std::get_if<Refusal>(&admitted)) {
      exchange->answer.status = refusal->status;
      return exchange;
    }
    for (const HttpRoute& route : login_routes(gate_.get())) {
      if (route.method == method && route.path == path) route.handle(exchange);
    }
    return exchange;
  }
  std::string log_in() {
    const auto exchange = call("POST", "/login", json{{"token", token_}}.dump(), own_);
    EXPECT_EQ(exchange->answer.status, 200) << exchange->answer.body;
    return exchange->header("Set-Cookie");
  }

  ScratchDirectory scratch_;
  const std::string file_ = scratch_ / "tokens";
  const std::string token_ = make_token();
  const HttpHeaders own_{{"origin", "http://127.0.0.1:8137"}};
  std::unique_ptr<Gate> gate_;
};

TEST_F(LoginRouteTest, ATokenBecomesACookieThatScriptsCannotRead) {
  const auto before = json::parse(call("GET", "/login")->answer.body);
  EXPECT_EQ(before, (json{{"needed", true}, {"signed_in", nullptr}, {"may_write", false}}));
  const std::string cookie = log_in();
  EXPECT_THAT(cookie, testing::MatchesRegex("callslip-8137=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; "
                                            "SameSite=Strict; Max-Age=4(3200|3199)"));
  EXPECT_THAT(cookie, Not(HasSubstr(token_.substr(9))));
  const std::string value = cookie.substr(0, cookie.find(';'));
  const auto after = json::parse(call("GET", "/login", "", {{"cookie", value}})->answer.body);
  EXPECT_EQ(after, (json{{"needed", true}, {"signed_in", "alice"}, {"may_write", true}}));

  HttpHeaders leaving = own_;
  leaving.emplace_back("cookie", value);
  const auto left = call("POST", "/logout", "", leaving);
  EXPECT_EQ(left->answer.status, 204);
  EXPECT_THAT(left->header("Set-Cookie"), HasSubstr("callslip-8137=; "));
  EXPECT_THAT(left->header("Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(json::parse(call("GET", "/login", "", {{"cookie", value}})->answer.body)["signed_in"],
            json());
}

TEST_F(LoginRouteTest, OverTlsTheCookieIsSecure) {
  EXPECT_THAT(log_in(), Not(HasSubstr("Secure")));
  const std::string body = json{{"token", token_}}.dump();
  EXPECT_THAT(call("POST", "/login", body, {{"origin", "https://127.0.0.1:8137"}}, true)
                  ->header("Set-Cookie"),
              HasSubstr("; Secure"));
  // Behind a proxy that speaks TLS the page's origin tells.
  EXPECT_THAT(
      call("POST", "/login", body, {{"origin", "https://127.0.0.1:8137"}})->header("Set-Cookie"),
      HasSubstr("; Secure"));
}

TEST_F(LoginRouteTest, OtherPagesSignNobodyInOrOut) {
  const std::string cookie = log_in();
  const std::string value = cookie.substr(0, cookie.find(';'));
  for (const char* origin : {"http://localhost:3000", "http://127.0.0.1:9999"}) {
    const HttpHeaders theirs{{"origin", origin}, {"cookie", value}};
    EXPECT_EQ(call("POST", "/login", json{{"token", token_}}.dump(), theirs)->answer.status, 403);
    EXPECT_EQ(call("POST", "/logout", "", theirs)->answer.status, 403);
  }
  EXPECT_EQ(json::parse(call("GET", "/login", "", {{"cookie", value}})->answer.body)["signed_in"],
            "alice");
}

TEST_F(LoginRouteTest, AWrongTokenIsToldSoAndGetsNoCookie) {
  for (const char* body : {R"({"token": "wrong"})", R"({"token": ""})"}) {
    const auto exchange = call("POST", "/login", body, own_);
    EXPECT_EQ(exchange->answer.status, 401);
    EXPECT_EQ(exchange->header("Set-Cookie"), "");
    EXPECT_THAT(exchange->header("WWW-Authenticate"), HasSubstr("invalid_token"));
    EXPECT_THAT(json::parse(exchange->answer.body)["error"].get<std::string>(),
                HasSubstr("not known"));
  }
  for (const char* body : {"", "[]", "{}", R"({"token": 1})", "token=x", "\xff"}) {
    EXPECT_EQ(call("POST", "/login", body, own_)->answer.status, 400) << body;
  }
}

TEST_F(LoginRouteTest, WithoutTokensNobodyNeedsToSignIn) {
  auto gate = Gate::open({});
  ASSERT_TRUE(gate);
  gate_ = std::move(gate).value();
  EXPECT_EQ(json::parse(call("GET", "/login")->answer.body)["needed"], false);
  EXPECT_EQ(call("POST", "/login", json{{"token", token_}}.dump(), own_)->answer.status, 400);
}

TEST_F(LoginRouteTest, WithoutOAuthThereIsNoMetadata) {
  const auto routes = oauth_metadata_routes(gate_.get());
  ASSERT_EQ(routes.size(), 2U);
  const auto exchange = std::make_shared<Recorded>(HttpRequest());
  routes[0].handle(exchange);
  EXPECT_EQ(exchange->answer.status, 404);
  EXPECT_TRUE(json::accept(exchange->answer.body));
}

}  // namespace
}  // namespace callslip
