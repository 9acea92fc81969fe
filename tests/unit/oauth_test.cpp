#include "plugin/access/oauth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>

#include "plugin/access/secrets.h"
#include "tests/support/token_issuer.h"

namespace callslip {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing_support::SigningKey;
using testing_support::TokenIssuer;
using Clock = std::chrono::system_clock;

constexpr const char* kAudience = "https://docs.example.org/mcp";

class OAuthTest : public testing::Test {
 protected:
  static KeySourceOptions options(const TokenIssuer& issuer) {
    KeySourceOptions options;
    options.issuer = issuer.url();
    options.least_between = std::chrono::milliseconds(0);
    options.first_retry = std::chrono::milliseconds(10);
    return options;
  }

  OAuth& oauth() {
    if (!oauth_) {
      oauth_ = std::make_unique<OAuth>(options(issuer_), kAudience);
      const Status there = oauth_->keys().wait_for_keys(std::chrono::seconds(20));
      EXPECT_TRUE(there) << (there ? "" : there.error().message);
    }
    return *oauth_;
  }

  json claims() const { return issuer_.claims(kAudience); }
  static std::string sign(const json& claims, const SigningKey& key = TokenIssuer::rsa(),
                          const std::string& algorithm = "RS256",
                          const json& header = json::object()) {
    return key.sign(algorithm, claims.dump(), header);
  }

  std::variant<Principal, Refusal> admit(const std::string& token) {
    return oauth().admit(token, Clock::now());
  }
  Principal expect_in(const std::string& token) {
    auto admitted = admit(token);
    const auto* refusal = std::get_if<Refusal>(&admitted);
    EXPECT_EQ(refusal, nullptr) << refusal->message;
    return refusal == nullptr ? std::get<Principal>(admitted) : Principal();
  }
  Refusal expect_out(const std::string& token, int status = 401) {
    auto admitted = admit(token);
    const auto* refusal = std::get_if<Refusal>(&admitted);
    EXPECT_NE(refusal, nullptr) << token;
    if (refusal == nullptr) return {};
    EXPECT_EQ(refusal->status, status) << refusal->message;
    return *refusal;
  }
  /// A token that is out of date, scope or issuer by these claims.
  Refusal expect_out_with(const json& changes, int status = 401) {
    json changed = claims();
    changed.update(changes);
    return expect_out(sign(changed), status);
  }

  static std::int64_t seconds_from_now(int seconds) {
    return std::chrono::duration_cast<std::chrono::seconds>(Clock::now().time_since_epoch())
               .count() +
           seconds;
  }

  TokenIssuer issuer_;
  std::unique_ptr<OAuth> oauth_;
};

TEST_F(OAuthTest, LetsInWhomTheIssuerVouchesFor) {
  const Principal principal = expect_in(sign(claims()));
  EXPECT_EQ(principal.name, "oauth:alice");
  EXPECT_FALSE(principal.may_write);
  EXPECT_EQ(principal.collections, nullptr);
  EXPECT_GT(principal.expires, Clock::now() + std::chrono::minutes(59));
  expect_in(sign(claims(), TokenIssuer::rsa(), "PS256"));
  expect_in(sign(claims(), TokenIssuer::p256(), "ES256"));
  expect_in(sign(claims(), TokenIssuer::rsa(), "RS256", {{"typ", "at+jwt"}}));
  // Without the name of a key those that fit are tried.
  expect_in(sign(claims(), TokenIssuer::rsa(), "RS256", {{"kid", nullptr}}));
}

TEST_F(OAuthTest, ScopesAndCollectionsAreClaims) {
  const auto principal_with = [&](const json& changes) {
    json changed = claims();
    changed.update(changes);
    return expect_in(sign(changed));
  };
  EXPECT_TRUE(principal_with({{"scope", "openid callslip:write"}}).may_write);
  EXPECT_TRUE(principal_with({{"scope", "read write"}}).may_write);
  EXPECT_FALSE(principal_with({{"scope", "read writer callslip:writes"}}).may_write);
  EXPECT_TRUE(principal_with({{"scope", nullptr}, {"scp", {"write"}}}).may_write);
  const Principal some = principal_with({{"callslip_collections", {"papers", "notes"}}});
  ASSERT_NE(some.collections, nullptr);
  EXPECT_THAT(*some.collections, testing::ElementsAre("notes", "papers"));
  EXPECT_TRUE(principal_with({{"callslip_collections", json::array()}}).collections->empty());
}

TEST_F(OAuthTest, AClaimThatIsNotUnderstoodWidensNothing) {
  for (const json& odd : {json("papers"), json(1), json(nullptr), json{{"papers", true}},
                          json::array({"papers", 1})}) {
    expect_out_with({{"callslip_collections", odd}});
  }
}

TEST_F(OAuthTest, RefusesATokenWithoutAScopeOfOurs) {
  const Refusal refusal = expect_out_with({{"scope", "openid email"}}, 403);
  EXPECT_THAT(refusal.headers[0].second, HasSubstr(R"(error="insufficient_scope")"));
  EXPECT_THAT(refusal.headers[0].second, HasSubstr(R"(scope="callslip:read")"));
  EXPECT_THAT(refusal.headers[0].second,
              HasSubstr("resource_metadata=\"https://docs.example.org/.well-known/"
                        "oauth-protected-resource/mcp\""));
}

TEST_F(OAuthTest, RefusesWhatHasExpiredOrDoesNotHoldYet) {
  EXPECT_THAT(expect_out_with({{"exp", seconds_from_now(-60)}}).message, HasSubstr("expired"));
  expect_out_with({{"exp", nullptr}});
  expect_out_with({{"exp", "tomorrow"}});
  expect_out_with({{"exp", -1}});
  expect_out_with({{"exp", 1e300}});
  expect_out_with({{"nbf", seconds_from_now(120)}});
  expect_out_with({{"nbf", "yesterday"}});
  // Clocks differ a little.
  json close = claims();
  close["exp"] = seconds_from_now(-10);
  close["nbf"] = seconds_from_now(-3600);
  expect_in(sign(close));
}

TEST_F(OAuthTest, ATokenThatWasLetInExpiresAllTheSame) {
  json brief = claims();
  brief["exp"] = seconds_from_now(100);
  const std::string token = sign(brief);
  expect_in(token);
  const auto later = oauth().admit(token, Clock::now() + std::chrono::seconds(131));
  EXPECT_TRUE(std::holds_alternative<Refusal>(later));
}

TEST_F(OAuthTest, RefusesTokensForOthers) {
  const Refusal refusal = expect_out_with({{"aud", "https://mail.example.org/mcp"}});
  EXPECT_THAT(refusal.message, HasSubstr(kAudience));
  EXPECT_THAT(refusal.headers[0].second, HasSubstr(R"(error="invalid_token")"));
  expect_out_with({{"aud", {"https://mail.example.org", "https://docs.example.org/other"}}});
  expect_out_with({{"aud", std::string(kAudience) + ".evil.example"}});
  expect_out_with({{"aud", "https://docs.example.org"}});
  expect_out_with({{"aud", nullptr}});
  expect_out_with({{"aud", json::array()}});
  json several = claims();
  several["aud"] = {"https://mail.example.org", "HTTPS://Docs.Example.org/mcp/"};
  expect_in(sign(several));
}

TEST_F(OAuthTest, RefusesTokensOfOtherIssuers) {
  EXPECT_THAT(expect_out_with({{"iss", "https://evil.example"}}).message, HasSubstr("issuer"));
  expect_out_with({{"iss", issuer_.url() + "/"}});
  expect_out_with({{"iss", nullptr}});
}

TEST_F(OAuthTest, RefusesASignatureByAnotherKeyOfThatName) {
  const SigningKey forged = SigningKey::rsa("rsa-1");
  EXPECT_THAT(expect_out(sign(claims(), forged)).message, HasSubstr("signature"));
  const SigningKey forged_ec = SigningKey::p256("ec-1");
  expect_out(sign(claims(), forged_ec, "ES256"));
}

TEST_F(OAuthTest, RefusesWhatWasChangedAfterSigning) {
  const std::string token = sign(claims());
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  json more = claims();
  more["scope"] = "callslip:write";
  expect_out(token.substr(0, first + 1) + base64url_encode(more.dump()) + token.substr(second));
  expect_out(token.substr(0, second + 1));
  expect_out(token.substr(0, second));
  std::string bit = token;
  bit[second + 10] = bit[second + 10] == 'A' ? 'B' : 'A';
  expect_out(bit);
}

TEST_F(OAuthTest, RefusesTokensWithoutASignature) {
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string head = base64url_encode(json{{"alg", none}, {"kid", "rsa-1"}}.dump());
    const std::string body = base64url_encode(claims().dump());
    expect_out(head + "." + body + ".");
    expect_out(head + "." + body + ".AAAA");
  }
}

TEST_F(OAuthTest, RefusesAPublicKeyAsASecret) {
  // An attacker knows the public key and signs with it, as if it were a shared secret.
  const json published = TokenIssuer::rsa().published();
  for (const std::string& secret :
       {published.dump(), published.at("n").get<std::string>(),
        base64url_decode(published.at("n").get<std::string>()).value()}) {
    expect_out(sign(claims(), SigningKey::secret(secret, "rsa-1"), "HS256"));
  }
}

TEST_F(OAuthTest, RefusesSymmetricKeysThatAreServed) {
  const SigningKey secret = SigningKey::secret(std::string(32, 'k'), "oct-1");
  issuer_.publish({TokenIssuer::rsa().published(), secret.published()});
  expect_out(sign(claims(), secret, "HS256"));
}

TEST_F(OAuthTest, RefusesKeysThatATokenBringsAlong) {
  const SigningKey own = SigningKey::rsa("own");
  oauth();
  const std::string token = sign(claims(), own, "RS256", {{"jwk", own.published()}});
  // The unknown name is looked for once; after that it is known to be of nobody.
  while (std::get<Refusal>(admit(token)).status == 503) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    oauth_ = nullptr;
    KeySourceOptions rare = options(issuer_);
    rare.least_between = std::chrono::hours(1);
    oauth_ = std::make_unique<OAuth>(rare, kAudience);
    ASSERT_TRUE(oauth_->keys().wait_for_keys(std::chrono::seconds(20)));
  }
  EXPECT_EQ(expect_out(token).status, 401);
  expect_out(sign(claims(), own, "RS256", {{"jwk", own.published()}, {"kid", "rsa-1"}}));
}

TEST_F(OAuthTest, RefusesKeysThatAreTooWeakOrForSomethingElse) {
  const SigningKey weak = SigningKey::rsa("weak", 1024);
  const SigningKey p384 = SigningKey::p384("p384");
  json encrypting = TokenIssuer::other_rsa().published();
  encrypting["use"] = "enc";
  json only_ps = TokenIssuer::rsa().published();
  only_ps["alg"] = "PS256";
  const auto set = KeySet::parse(
      json{{"keys", {weak.published(), p384.published(), encrypting, only_ps, 17, {{"kty", "?"}}}}}
          .dump());
  ASSERT_TRUE(set);
  EXPECT_EQ((*set)->size(), 1U);
  EXPECT_TRUE((*set)->has_key("PS256", "rsa-1"));
  EXPECT_FALSE((*set)->has_key("RS256", "rsa-1"));
  EXPECT_FALSE((*set)->has_key("ES256", "p384"));
  EXPECT_FALSE(KeySet::parse("[]"));
  EXPECT_FALSE(KeySet::parse("{\"keys\": 1}"));
  EXPECT_FALSE(KeySet::parse("not json"));
}

TEST_F(OAuthTest, RefusesWhatIsNoAccessToken) {
  expect_out("a.b.c");
  expect_out("..");
  expect_out(std::string(20000, 'a') + "." + std::string(20000, 'b') + ".c");
  expect_out(base64url_encode("[]") + ".e30.AAAA");
  expect_out(sign(json::array({1})));
  expect_out(TokenIssuer::rsa().sign("RS256", "no json"));
  expect_out(sign(claims(), TokenIssuer::rsa(), "RS256", {{"typ", "logout+jwt"}}));
  expect_out(sign(claims(), TokenIssuer::rsa(), "RS256", {{"crit", {"exp"}}}));
}

TEST_F(OAuthTest, FindsKeysThatAreNew) {
  oauth();
  issuer_.publish({TokenIssuer::other_rsa().published()});
  const std::string token = sign(claims(), TokenIssuer::other_rsa());
  // Until the new keys are there nobody can say: come again.
  auto admitted = admit(token);
  for (int i = 0; i < 2000 && std::holds_alternative<Refusal>(admitted); ++i) {
    const auto& refusal = std::get<Refusal>(admitted);
    ASSERT_EQ(refusal.status, 503);
    ASSERT_EQ(refusal.headers.at(0).first, "Retry-After");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    admitted = admit(token);
  }
  EXPECT_TRUE(std::holds_alternative<Principal>(admitted));
  // The keys that are gone are gone, for tokens that were let in before, too.
  admitted = admit(sign(claims()));
  EXPECT_TRUE(std::holds_alternative<Refusal>(admitted));
}

TEST_F(OAuthTest, UnknownKeysMakeItAskTheIssuerSeldom) {
  KeySourceOptions rare = options(issuer_);
  rare.least_between = std::chrono::hours(1);
  oauth_ = std::make_unique<OAuth>(rare, kAudience);
  ASSERT_TRUE(oauth_->keys().wait_for_keys(std::chrono::seconds(20)));
  // The fetch at the start is done, and the next may come in an hour.
  while (oauth_->keys().look_for_new_keys()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (int i = 0; i < 50; ++i) {
    expect_out(sign(claims(), TokenIssuer::other_rsa(), "RS256", {{"kid", std::to_string(i)}}));
  }
  EXPECT_EQ(issuer_.key_fetches(), 1U);
}

TEST_F(OAuthTest, WhileTheIssuerIsDownItSaysComeAgain) {
  issuer_.fail(true);
  std::promise<std::string> told;
  oauth_ = std::make_unique<OAuth>(options(issuer_), kAudience,
                                   [&told, first = true](const std::string& why) mutable {
                                     if (std::exchange(first, false)) told.set_value(why);
                                   });
  const Status there = oauth_->keys().wait_for_keys(std::chrono::seconds(20));
  ASSERT_FALSE(there);
  EXPECT_THAT(there.error().message, HasSubstr("answers 503"));
  EXPECT_THAT(told.get_future().get(), HasSubstr("answers 503"));
  const Refusal refusal = expect_out(sign(claims()), 503);
  EXPECT_EQ(refusal.headers.at(0), (std::pair<std::string, std::string>("Retry-After", "2")));
  // It is asked again until it answers.
  issuer_.fail(false);
  auto admitted = admit(sign(claims()));
  for (int i = 0; i < 2000 && std::holds_alternative<Refusal>(admitted); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    admitted = admit(sign(claims()));
  }
  EXPECT_TRUE(std::holds_alternative<Principal>(admitted));
}

TEST_F(OAuthTest, KnownKeysServeWhileNewOnesAreFetched) {
  oauth();
  std::promise<void> entered;
  std::promise<void> release;
  // Held by the hook: the promise may be gone before its thread goes on.
  issuer_.before_keys([&entered, released = release.get_future().share(),
                       once = std::make_shared<std::atomic<bool>>(false)] {
    if (once->exchange(true)) return;
    entered.set_value();
    released.wait();
  });
  // The first fetch may not have ended quite: then another is asked for.
  const std::future<void> fetching = entered.get_future();
  do {
    oauth().keys().look_for_new_keys();
  } while (fetching.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready);
  expect_in(sign(claims()));
  EXPECT_EQ(expect_out(sign(claims(), TokenIssuer::other_rsa()), 503).status, 503);
  release.set_value();
}

TEST(OAuthDiscoveryTest, FindsTheMetadataInEachPlaceOfAnIssuerWithAPath) {
  using Metadata = TokenIssuer::Metadata;
  for (const Metadata place :
       {Metadata::oauth, Metadata::openid_inserted, Metadata::openid_appended}) {
    const TokenIssuer issuer(place);
    KeySource keys({issuer.url()});
    const Status there = keys.wait_for_keys(std::chrono::seconds(20));
    EXPECT_TRUE(there) << there.error().message;
  }
  const TokenIssuer without(Metadata::none);
  KeySource keys({without.url()});
  EXPECT_THAT(keys.wait_for_keys(std::chrono::seconds(20)).error().message, HasSubstr("404"));
}

TEST(OAuthDiscoveryTest, MetadataOfAnotherIssuerIsNotTaken) {
  TokenIssuer issuer;
  issuer.call_itself("https://honest.example");
  KeySource keys({issuer.url()});
  EXPECT_THAT(keys.wait_for_keys(std::chrono::seconds(20)).error().message,
              HasSubstr("https://honest.example"));
  EXPECT_EQ(issuer.key_fetches(), 0U);
}

TEST(OAuthDiscoveryTest, TheIssuerIsHttpsOrOnThisMachine) {
  EXPECT_TRUE(KeySource::check_issuer("https://login.example.org"));
  EXPECT_TRUE(KeySource::check_issuer("https://login.example.org/realms/a"));
  EXPECT_TRUE(KeySource::check_issuer("http://127.0.0.1:9000"));
  EXPECT_TRUE(KeySource::check_issuer("http://[::1]:9000/x"));
  for (const char* bad : {"", "login.example.org", "http://login.example.org", "https://",
                          "ftp://127.0.0.1", "https://a.example?x=1", "https://a.example#f",
                          "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example"}) {
    EXPECT_FALSE(KeySource::check_issuer(bad)) << bad;
  }
}

TEST(OAuthMetadataTest, NamesTheIssuerAndTheScopes) {
  const TokenIssuer issuer;
  const OAuth oauth({issuer.url()}, kAudience);
  const json metadata = json::parse(oauth.metadata());
  EXPECT_EQ(metadata.at("resource"), kAudience);
  EXPECT_EQ(metadata.at("authorization_servers"), json::array({issuer.url()}));
  EXPECT_EQ(metadata.at("scopes_supported"), json::array({"callslip:read", "callslip:write"}));
  EXPECT_EQ(metadata.at("bearer_methods_supported"), json::array({"header"}));
  EXPECT_TRUE(OAuth::check_audience("http://10.0.0.7:8137/mcp"));
  for (const char* bad : {"", "docs.example.org", "https://", "https:///mcp", "https://a/b?c",
                          "https://a/b#c", "https://a\"b"}) {
    EXPECT_FALSE(OAuth::check_audience(bad)) << bad;
  }
}

}  // namespace
}  // namespace callslip
