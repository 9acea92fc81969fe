#include "plugin/access/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <thread>

#include "plugin/access/secrets.h"
#include "plugin/access/token_store.h"
#include "tests/unit/scratch_directory.h"

namespace callslip {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::system_clock;

TokenRecord record(const std::string& name, const std::string& token) {
  TokenRecord record;
  record.name = name;
  record.sha256 = TokenStore::hash_of(token);
  return record;
}

class TokenFileTest : public testing::Test {
 protected:
  std::string write(const std::string& text, mode_t mode = 0600) const {
    scratch_.write("tokens", text);
    ::chmod(path_.c_str(), mode);
    return path_;
  }
  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string message() const {
    const auto records = read_token_file(path_);
    return records ? "" : records.error().message;
  }
  static std::string line(const std::string& more) {
    return R"({"name": "a", "sha256": ")" + std::string(64, '0') + R"(", "scope": "read")" + more +
           "}\n";
  }

  ScratchDirectory scratch_;
  const std::string path_ = scratch_ / "tokens";
};

TEST_F(TokenFileTest, KeepsHashesAndWhatATokenMay) {
  const std::string token = make_token();
  TokenRecord alice = record("alice", token);
  alice.may_write = true;
  alice.collections =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"notes", "papers"});
  alice.expires = parse_utc("2031-02-03T04:05:06Z");
  ASSERT_TRUE(add_token(path_, alice));
  ASSERT_TRUE(add_token(path_, record("bob \"quoted\" ü", make_token())));
  const auto records = read_token_file(path_);
  ASSERT_TRUE(records) << records.error().message;
  ASSERT_EQ(records->size(), 2U);
  EXPECT_EQ((*records)[0].name, "alice");
  EXPECT_EQ((*records)[0].sha256, sha256_hex(token));
  EXPECT_TRUE((*records)[0].may_write);
  EXPECT_EQ(*(*records)[0].collections, *alice.collections);
  EXPECT_EQ((*records)[0].expires, alice.expires);
  EXPECT_EQ((*records)[1].name, "bob \"quoted\" ü");
  EXPECT_FALSE((*records)[1].may_write);
  EXPECT_EQ((*records)[1].collections, nullptr);
  EXPECT_FALSE((*records)[1].expires);
  EXPECT_EQ(text().find(token.substr(9)), std::string::npos);
}

TEST_F(TokenFileTest, IsMadeForItsOwnerOnly) {
  ::umask(0);
  ASSERT_TRUE(add_token(path_, record("a", "t")));
  ::umask(022);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(TokenFileTest, ItsFolderIsMadeToo) {
  const std::string path = path_ + ".d/callslip/tokens";
  ASSERT_TRUE(add_token(path, record("alice", "secret")));
  EXPECT_EQ(read_token_file(path)->size(), 1U);
}

TEST_F(TokenFileTest, AFileThatOthersCanReadIsRefusedWithTheRemedy) {
  for (const mode_t mode : {0644U, 0640U, 0604U, 0660U, 0602U, 0601U, 0777U}) {
    write("", mode);
    // Root's group has nobody but root in it.
    if (::geteuid() == 0 && (mode & 0037U) == 0) continue;
    EXPECT_THAT(message(), HasSubstr("chmod 600 " + path_)) << mode;
    EXPECT_FALSE(add_token(path_, record("a", "t")));
    EXPECT_FALSE(revoke_token(path_, "a"));
  }
  for (const mode_t mode : {0600U, 0400U}) {
    write("", mode);
    EXPECT_EQ(message(), "");
  }
}

TEST_F(TokenFileTest, AFileOfAnotherUserIsRefused) {
  write("");
  if (::chown(path_.c_str(), 12345, 12345) != 0) GTEST_SKIP() << "not root";
  EXPECT_THAT(message(), HasSubstr("belongs to another user"));
}

TEST_F(TokenFileTest, ADirectoryAndAMissingFileAreErrors) {
  EXPECT_THAT(message(), HasSubstr(path_));
  scratch_.make_directory("tokens");
  EXPECT_THAT(message(), HasSubstr("not a regular file"));
}

TEST_F(TokenFileTest, WhatIsNotUnderstoodIsAnErrorWithItsLine) {
  write("# comment\n\n" + line("") + line(R"(, "collection": ["papers"])"));
  EXPECT_THAT(message(), HasSubstr("line 4: \"collection\" is not known"));
  for (const std::string& bad :
       {std::string("hello\n"), std::string("[]\n"), line(R"(, "collections": "papers")"),
        line(R"(, "collections": [1])"), line(R"(, "collections": ["a/b"])"),
        line(R"(, "collections": [""])"), line(R"(, "collections": null)"),
        line(R"(, "expires": "soon")"), line(R"(, "expires": "2026-02-30")"),
        line(R"(, "expires": 1)"), std::string(R"({"name": "a", "scope": "read"})"),
        std::string(R"({"name": "", "scope": "read"})"),
        R"({"name": "a", "sha256": ")" + std::string(64, '0') + "\"}\n",
        R"({"name": "a", "scope": "admin", "sha256": ")" + std::string(64, '0') + "\"}\n",
        R"({"name": "a", "scope": "read", "sha256": ")" + std::string(64, 'G') + "\"}\n"}) {
    write(bad);
    EXPECT_NE(message(), "") << bad;
  }
  write(line(R"(, "expires": "2031-02-03")") + line(R"(, "collections": [])"));
  EXPECT_EQ(message(), "");
}

TEST_F(TokenFileTest, NamesAreTakenOnce) {
  ASSERT_TRUE(add_token(path_, record("a", "1")));
  const Status again = add_token(path_, record("a", "2"));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("\"a\" already"));
  EXPECT_FALSE(add_token(path_, record("", "3")));
  EXPECT_FALSE(add_token(path_, record("a\nb", "3")));
}

TEST_F(TokenFileTest, RevokingLeavesTheRestAsItIs) {
  write("# the team\n" + line("") + R"({"name": "b", "sha256": ")" + std::string(64, '1') +
        R"(", "scope": "read"})");
  ASSERT_TRUE(revoke_token(path_, "a"));
  EXPECT_EQ(text(), "# the team\n{\"name\": \"b\", \"sha256\": \"" + std::string(64, '1') +
                        "\", \"scope\": \"read\"}");
  EXPECT_FALSE(revoke_token(path_, "a"));
  // What has no line end gets one before another line comes.
  ASSERT_TRUE(add_token(path_, record("c", "t")));
  EXPECT_EQ(read_token_file(path_)->size(), 2U);
}

TEST_F(TokenFileTest, AddsAtTheSameTimeAreAllThere) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      EXPECT_TRUE(add_token(path_, record("token-" + std::to_string(i), std::to_string(i))));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read_token_file(path_)->size(), 8U);
}

TEST_F(TokenFileTest, TokensAreLongAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string token = make_token();
    EXPECT_TRUE(token.starts_with("callslip_"));
    EXPECT_EQ(base64url_decode(token.substr(9)).value().size(), 32U);
    EXPECT_TRUE(seen.insert(token).second);
  }
}

TEST_F(TokenFileTest, TimesAreUtc) {
  EXPECT_EQ(utc_text(Clock::from_time_t(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(*parse_utc("2028-02-29T23:59:59Z")), "2028-02-29T23:59:59Z");
  EXPECT_EQ(utc_text(*parse_utc("2028-02-29")), "2028-02-29T00:00:00Z");
  for (const char* bad : {"", "2026", "2026-13-01", "2026-00-01", "2027-02-29", "2026-01-01T00:00",
                          "2026-01-01 00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-0x"}) {
    EXPECT_FALSE(parse_utc(bad)) << bad;
  }
}

class TokenStoreTest : public TokenFileTest {};

TEST_F(TokenStoreTest, FollowsTheFile) {
  ASSERT_TRUE(add_token(path_, record("a", "first")));
  TokenStore store({path_});
  ASSERT_TRUE(store.load());
  EXPECT_EQ(store.find("first")->name, "a");
  EXPECT_FALSE(store.find("second"));
  ASSERT_TRUE(add_token(path_, record("b", "second")));
  EXPECT_EQ(store.find("second")->name, "b");
  ASSERT_TRUE(revoke_token(path_, "a"));
  EXPECT_FALSE(store.find("first"));
  EXPECT_TRUE(store.find("second"));
  EXPECT_TRUE(store.find_hash(sha256_hex("second")));
  EXPECT_FALSE(store.find_hash("second"));
  EXPECT_FALSE(store.find(sha256_hex("second")));  // the hash is no token
}

TEST_F(TokenStoreTest, AFileThatCannotBeUsedLetsNobodyIn) {
  std::vector<std::string> told;
  ASSERT_TRUE(add_token(path_, record("a", "first")));
  TokenStore store({path_}, [&told](const std::string& message) { told.push_back(message); });
  ASSERT_TRUE(store.load());
  ASSERT_TRUE(store.find("first"));
  const std::string good = text();
  ::chmod(path_.c_str(), 0644);
  EXPECT_FALSE(store.find("first"));
  EXPECT_FALSE(store.find("first"));
  ASSERT_EQ(told.size(), 1U);  // once
  EXPECT_THAT(told[0], HasSubstr("chmod 600"));
  ::chmod(path_.c_str(), 0600);
  EXPECT_TRUE(store.find("first"));
  write(good + "{\"name\": \"half a li");
  EXPECT_FALSE(store.find("first"));
  std::filesystem::remove(path_);
  EXPECT_FALSE(store.find("first"));
  EXPECT_EQ(told.size(), 3U);
  write(good);
  EXPECT_TRUE(store.find("first"));
}

TEST_F(TokenStoreTest, ChangesInPlaceOfOneSizeAreSeen) {
  TokenRecord one = record("a", "first");
  ASSERT_TRUE(add_token(path_, one));
  TokenStore store({path_});
  ASSERT_TRUE(store.load());
  for (int i = 0; i < 20; ++i) {
    const std::string now = "token-" + std::to_string(10 + i);
    write(line("").replace(line("").find(std::string(64, '0')), 64, sha256_hex(now)));
    EXPECT_TRUE(store.find(now)) << i;
  }
}

TEST_F(TokenStoreTest, SeveralFilesAreOne) {
  const std::string other = scratch_ / "others";
  ASSERT_TRUE(add_token(path_, record("a", "first")));
  ASSERT_TRUE(add_token(other, record("a", "second")));
  TokenStore store({path_, other});
  ASSERT_TRUE(store.load());
  EXPECT_TRUE(store.find("first"));
  EXPECT_TRUE(store.find("second"));
  EXPECT_FALSE(TokenStore({path_, scratch_ / "missing"}).load());
}

TEST(SecretsTest, HashesAsTheStandardSays) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(SecretsTest, Base64urlThereAndBack) {
  for (const std::string& text :
       {std::string(), std::string("f"), std::string("fo"), std::string("foo"),
        std::string("\xff\xfe\xfd\x00\x01", 5), std::string("a longer text, of some size")}) {
    EXPECT_EQ(base64url_decode(base64url_encode(text)), text);
  }
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
  EXPECT_EQ(base64url_decode("-_8="), "\xfb\xff");
  EXPECT_EQ(base64url_decode("Zg=="), "f");
  for (const char* bad : {"Z", "Zm9vA", "Zg=", "Zh", "Zm 9v", "Zm+v", "=", "====", "Zg==="}) {
    EXPECT_FALSE(base64url_decode(bad)) << bad;
  }
}

}  // namespace
}  // namespace callslip
