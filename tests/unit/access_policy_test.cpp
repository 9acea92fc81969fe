#include "plugin/access/access_policy.h"

#include <gtest/gtest.h>

namespace callslip {
namespace {

TEST(AccessPolicyTest, AllowsNoOriginAndLoopbackPages) {
  const AccessPolicy policy("127.0.0.1", {}, {});
  for (const char* origin :
       {"", "http://localhost", "https://localhost:3000", "http://127.0.0.1:8080",
        "HTTP://LocalHost:1", "https://[::1]:443", "http://[::1]"}) {
    EXPECT_TRUE(policy.allows_origin(origin)) << origin;
  }
}

TEST(AccessPolicyTest, RefusesOtherPages) {
  const AccessPolicy policy("127.0.0.1", {}, {});
  for (const char* origin :
       {"null", "https://evil.example", "http://localhost.evil.example", "http://evil.example:8137",
        "http://127.0.0.1.evil.example", "http://localhost@evil.example", "file://localhost",
        "http://localhost/path", "http://localhost:80:80", "http://", "localhost", "http://[::1",
        "http://localhost:x", "http://[::1]evil.example", "chrome-extension://abc",
        "http://[::2]"}) {
    EXPECT_FALSE(policy.allows_origin(origin)) << origin;
  }
}

TEST(AccessPolicyTest, AllowsTheOriginsItIsToldButNeverNull) {
  const AccessPolicy policy("127.0.0.1", {"https://Chat.example/", "null", "app://desk"}, {});
  EXPECT_TRUE(policy.allows_origin("https://chat.example"));
  EXPECT_TRUE(policy.allows_origin("app://desk"));
  EXPECT_FALSE(policy.allows_origin("http://chat.example"));
  EXPECT_FALSE(policy.allows_origin("https://chat.example:444"));
  EXPECT_FALSE(policy.allows_origin("null"));
}

TEST(AccessPolicyTest, AllowsLoopbackHostsOnAnyPort) {
  const AccessPolicy policy("127.0.0.1", {}, {});
  for (const char* host :
       {"localhost", "LOCALHOST:8137", "127.0.0.1:8137", "127.8.9.1", "[::1]:1"}) {
    EXPECT_TRUE(policy.allows_host(host)) << host;
  }
  for (const char* host :
       {"", "evil.example", "evil.example:8137", "127.0.0.1.evil.example", "192.168.1.2", "[::2]",
        "localhost:", "localhost:99999999", "::1", "localhost, evil.example"}) {
    EXPECT_FALSE(policy.allows_host(host)) << host;
  }
}

TEST(AccessPolicyTest, AllowsTheListenAddressAndTheHostsItIsTold) {
  const AccessPolicy policy("[fd00::7]", {}, {"Box.lan", "other.lan:8137"});
  EXPECT_TRUE(policy.allows_host("[fd00::7]:8137"));
  EXPECT_TRUE(policy.allows_host("box.LAN:99"));
  EXPECT_TRUE(policy.allows_host("other.lan:8137"));
  EXPECT_FALSE(policy.allows_host("other.lan:8138"));
  EXPECT_FALSE(policy.allows_host("10.0.0.1"));
}

TEST(AccessPolicyTest, AllowsLiteralAddressesWhenBoundToEveryAddress) {
  for (const char* address : {"0.0.0.0", "::", "[::]"}) {
    const AccessPolicy open(address, {}, {});
    EXPECT_TRUE(open.allows_host("192.168.1.2:8137"));
    EXPECT_TRUE(open.allows_host("[fd00::7]"));
    EXPECT_FALSE(open.allows_host("box.lan"));
    EXPECT_FALSE(open.allows_host("1.2.3.4.evil.example"));
    const AccessPolicy named(address, {}, {"box.lan"});
    EXPECT_TRUE(named.allows_host("box.lan"));
    EXPECT_FALSE(named.allows_host("192.168.1.2:8137"));
    EXPECT_TRUE(named.allows_host("localhost"));
  }
}

}  // namespace
}  // namespace callslip
