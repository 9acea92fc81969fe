#include "plugin/documents/url_fetch.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

#include "plugin/documents/address_rule.h"
#include "tests/support/scripted_http_server.h"

namespace callslip {
namespace {

using testing::HasSubstr;
using testing_support::HttpReply;
using testing_support::HttpRequest;
using testing_support::ScriptedHttpServer;

sockaddr_storage address_of(const std::string& text, std::uint16_t port = 443) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
  } else {
    EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
  }
  return storage;
}

bool is_public(const std::string& text) {
  const auto storage = address_of(text);
  return is_public_address(reinterpret_cast<const sockaddr&>(storage));
}

TEST(AddressRule, AllowsThePublicInternet) {
  for (const char* text :
       {"8.8.8.8", "1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1",
        "172.32.0.1", "192.169.0.1", "223.255.255.255", "2606:4700:4700::1111", "2001:4860::8888",
        "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

TEST(AddressRule, RefusesEverythingElse) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.254",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.1.2.3",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::8.8.8.8",
                           "100::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "2001::1",
                           "2001:2::1",
                           "2001:20::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:808:808::1",
                           "3fff::1",
                           "5f00::1",
                           "4000::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(AddressRule, RefusesOldServices) {
  const auto allowed = [](std::uint16_t port) {
    const auto storage = address_of("8.8.8.8", port);
    return is_web_port(reinterpret_cast<const sockaddr&>(storage));
  };
  for (const std::uint16_t port : {80, 443, 1024, 8080, 8443}) EXPECT_TRUE(allowed(port)) << port;
  for (const std::uint16_t port : {0, 22, 25, 53, 111, 445}) EXPECT_FALSE(allowed(port)) << port;
}

TEST(DownloadName, ComesFromTheDispositionThePathOrTheHost) {
  const std::string url = "https://example.com/a/Guide%20one.html?x=/y.pdf#z";
  EXPECT_EQ(file_name_of(url, "", "text/html"), "Guide one.html");
  EXPECT_EQ(file_name_of(url, "attachment; filename=\"re\\\"port.md\"", ""), "re\"port.md");
  EXPECT_EQ(file_name_of(url, "attachment; filename=plain.md; x=y", ""), "plain.md");
  EXPECT_EQ(file_name_of(url, "attachment; filename=\"a.md\"; filename*=UTF-8''%C3%BCber.md", ""),
            "über.md");
  EXPECT_EQ(file_name_of(url, "attachment; filename=\"../../etc/passwd\"", ""), "etc-passwd");
  EXPECT_EQ(file_name_of(url, "attachment; nofilename=x", ""), "Guide one.html");
  EXPECT_EQ(file_name_of("https://example.com/docs/guide/", "", "text/html; charset=utf-8"),
            "guide.html");
  EXPECT_EQ(file_name_of("https://example.com/", "", "text/html"), "example.com.html");
  EXPECT_EQ(file_name_of("https://example.com/..%2F..%2Fetc%2Fpasswd", "", "text/plain"),
            "etc-passwd.txt");
}

/// A server on loopback, which is the one address that may be fetched from.
class UrlFetchTest : public testing::Test {
 protected:
  HttpReply reply(const HttpRequest& request) {
    const std::string path =
        request.head.substr(4, request.head.find(' ', 4) - 4);  // behind "GET "
    HttpReply reply;
    reply.type = "text/markdown";
    reply.body = "# Heron\n";
    const auto redirect = [&](const std::string& to) {
      reply.status = 302;
      reply.headers = "Location: " + to + "\r\n";
    };
    if (path == "/named") reply.headers = "Content-Disposition: attachment; filename=\"n.md\"\r\n";
    if (path == "/absent") reply.status = 404;
    if (path == "/picture") reply.type = "image/png";
    if (path == "/large") reply.body = std::string(5000, 'x');
    if (path == "/cut") reply.fault = HttpReply::Fault::truncate;
    if (path == "/hang") reply.fault = HttpReply::Fault::hang;
    if (path == "/moved") redirect("/named");
    if (path == "/loop") redirect("/loop");
    if (path == "/to-other") redirect(other_.url());
    if (path == "/to-mapped") redirect("http://[::ffff:127.0.0.1]:" + port());
    if (path == "/to-file") redirect("file:///etc/passwd");
    if (path == "/to-login") redirect("http://user:secret@127.0.0.1:" + port() + "/");
    if (request.head.find("Authorization") != std::string::npos) reply.status = 500;
    return reply;
  }

  std::string port() const { return std::to_string(server_.port()); }
  std::string at(const std::string& path) const { return "http://127.0.0.1:" + port() + path; }

  UrlFetch::Options options() {
    UrlFetch::Options options;
    options.max_bytes = 4096;
    options.timeout = std::chrono::milliseconds(5000);
    options.allows = [this](const sockaddr& address) {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
      return address.sa_family == AF_INET && v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
             ntohs(v4.sin_port) == server_.port();
    };
    return options;
  }
  Result<FetchedUrl> fetch(const std::string& url) { return UrlFetch(options()).fetch(url, {}); }
  std::string refusal(const std::string& url) {
    const auto fetched = fetch(url);
    return fetched ? "fetched" : fetched.error().message;
  }

  ScriptedHttpServer other_{[](const HttpRequest&) { return HttpReply{}; }};
  ScriptedHttpServer server_{[this](const HttpRequest& request) { return reply(request); }};
};

TEST_F(UrlFetchTest, BringsADocumentWithItsTypeAndAName) {
  const auto fetched = fetch(at("/named"));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->bytes, "# Heron\n");
  EXPECT_EQ(fetched->media_type, "text/markdown");
  EXPECT_EQ(fetched->file_name, "n.md");
  EXPECT_EQ(fetch(at("/notes/heron"))->file_name, "heron.md");
}

TEST_F(UrlFetchTest, FollowsRedirectsUpToABound) {
  const auto fetched = fetch(at("/moved"));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->url, at("/named"));
  EXPECT_EQ(refusal(at("/loop")), "url: it redirects more than 5 times");
  EXPECT_EQ(server_.calls(), 2U + 6U);
}

TEST_F(UrlFetchTest, JudgesTheAddressOfEveryHop) {
  EXPECT_THAT(refusal(at("/to-other")), HasSubstr("not public"));
  EXPECT_THAT(refusal(at("/to-mapped")), HasSubstr("not public"));
  EXPECT_THAT(refusal(at("/to-file")), HasSubstr("neither http nor https"));
  EXPECT_THAT(refusal(at("/to-login")), HasSubstr("user name or a password"));
  EXPECT_EQ(other_.connections(), 0U);
}

TEST_F(UrlFetchTest, RefusesThisMachineInEverySpelling) {
  UrlFetch::Options usual;
  usual.timeout = std::chrono::milliseconds(5000);
  const UrlFetch fetch(usual);
  for (const char* host :
       {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001",
        "0177.0.0.1", "127.1", "0", "0.0.0.0", "[::ffff:7f00:1]", "127.0.0.1."}) {
    const auto fetched = fetch.fetch("http://" + std::string(host) + ":" + port() + "/named", {});
    ASSERT_FALSE(fetched) << host;
    EXPECT_NE(fetched.error().kind, ErrorKind::cancelled);
  }
  EXPECT_THAT(fetch.fetch(at("/named"), {}).error().message, HasSubstr("not public"));
  EXPECT_THAT(fetch.fetch("http://localhost:" + port(), {}).error().message,
              HasSubstr("not public"));
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(UrlFetchTest, UsesNoProxyOfTheEnvironment) {
  ASSERT_EQ(::setenv("http_proxy", other_.url().c_str(), 1), 0);
  ASSERT_EQ(::setenv("ALL_PROXY", other_.url().c_str(), 1), 0);
  const auto fetched = fetch(at("/named"));
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(other_.connections(), 0U);
}

TEST_F(UrlFetchTest, RefusesWhatIsNoUrlOfAPublicDocument) {
  EXPECT_THAT(refusal("file:///etc/passwd"), HasSubstr("neither http nor https"));
  EXPECT_THAT(refusal("ftp://127.0.0.1/a"), HasSubstr("neither http nor https"));
  EXPECT_THAT(refusal("gopher://127.0.0.1/a"), HasSubstr("neither http nor https"));
  EXPECT_THAT(refusal("http://user:secret@127.0.0.1/a"), HasSubstr("user name or a password"));
  EXPECT_THAT(refusal("http://a b/"), HasSubstr("space or a control"));
  EXPECT_THAT(refusal("http://127.0.0.1/\r\nX: y"), HasSubstr("space or a control"));
  EXPECT_THAT(refusal("nothing"), HasSubstr("url: "));
  EXPECT_THAT(refusal("http:///a"), HasSubstr("url: "));
  EXPECT_THAT(refusal("http://x/" + std::string(5000, 'a')), HasSubstr("longer than"));
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(UrlFetchTest, SaysWhyNothingCame) {
  EXPECT_EQ(refusal(at("/absent")), "url: the server answered with status 404");
  EXPECT_EQ(refusal(at("/picture")), "url: what is there is image/png, which holds no text");
  EXPECT_THAT(refusal(at("/large")), HasSubstr("larger than 4096 bytes"));
  EXPECT_NE(refusal(at("/cut")), "fetched");
}

TEST_F(UrlFetchTest, WaitsForABoundedTime) {
  UrlFetch::Options impatient = options();
  impatient.timeout = std::chrono::milliseconds(100);
  const auto fetched = UrlFetch(impatient).fetch(at("/hang"), {});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().message, "url: it took too long");
}

TEST_F(UrlFetchTest, StopsWhenTheCallIsCancelled) {
  std::stop_source source;
  CallContext context;
  context.stop = source.get_token();
  std::jthread cancel([&] {
    server_.wait_for_active(1);
    source.request_stop();
  });
  UrlFetch::Options patient = options();
  patient.timeout = std::chrono::seconds(60);
  const auto fetched = UrlFetch(patient).fetch(at("/hang"), context);
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace callslip
