// Documents that clients hand over, while disks fill up, servers are killed and commands remove.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "tests/support/callslip_binary.h"
#include "tests/support/small_disk.h"
#include "tests/support/wire_client.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// `callslip serve` on an index, spoken to in plain HTTP.
class HttpServer {
 public:
  explicit HttpServer(const std::string& index, std::vector<std::string> more = {}) {
    const std::string tokens = scratch_ / "tokens";
    token_ = run_callslip({"token", "--scope", "write", "--token-file", tokens}).out;
    while (token_.ends_with('\n')) token_.pop_back();
    more.insert(more.begin(),
                {"serve", "--listen", "127.0.0.1:0", "--index", index, "--token-file", tokens});
    process_.emplace(callslip_command(std::move(more)));
    const auto port = process_->wait_for_err("listening on http://127.0.0.1:");
    if (!port) throw std::runtime_error("no server: " + process_->wait().describe());
    port_ = static_cast<std::uint16_t>(std::stoul(*port));
  }

  struct Answer {
    int status = 0;  // 0: the server went
    std::string body;
  };
  Answer send(const std::string& method, const std::string& path,
              const std::string& body = "") const {
    WireClient client = dial();
    return send_over(client, method, path, body);
  }
  /// The structured result of a tool, or {"error": ...}.
  json call(const std::string& tool, const json& arguments) const {
    return json::parse(send("POST", "/tools/" + tool, arguments.dump()).body);
  }
  /// Over a connection that stays.
  Answer send_over(WireClient& client, const std::string& method, const std::string& path,
                   const std::string& body = "") const {
    client.write(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " +
                 token_ + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const std::string response = client.read_response();
    if (!response.starts_with("HTTP/1.1 ")) return {};
    const std::size_t end = response.find("\r\n\r\n");
    return {std::stoi(response.substr(9, 3)), response.substr(end + 4)};
  }
  WireClient dial() const { return WireClient(port_); }

  Process& process() { return *process_; }

 private:
  ScratchDirectory scratch_;  // of the tokens
  std::string token_;
  std::optional<Process> process_;
  std::uint16_t port_ = 0;
};

/// Below INDEX/documents: originals and what was left over.
std::vector<std::string> files_in(const std::string& index) {
  std::vector<std::string> files;
  const std::string root = index + "/documents";
  std::error_code code;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root, code)) {
    const std::string path = entry.path().string().substr(root.size() + 1);
    if (entry.is_regular_file() && path != ".lock") files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(HandedDocumentsFault, SurviveRestartsAndOtherFoldersAndGoWhenRemoved) {
  const Shelf shelf;
  shelf.write("served.md", "the served heron\n");
  shelf.refresh();
  {
    HttpServer server(shelf.index(), {shelf.root()});
    EXPECT_EQ(server.send("PUT", "/documents/a.md", "the handed heron\n").status, 201);
    EXPECT_EQ(server.send("PUT", "/documents/team/b.md", "the other heron\n").status, 201);
    EXPECT_EQ(server.send("DELETE", "/documents/docs/served.md").status, 422);
    EXPECT_EQ(server.send("PUT", "/documents/docs/new.md", "heron\n").status, 422);
    server.process().signal(SIGTERM);
    EXPECT_TRUE(exited(server.process().wait(), 0));
  }
  shelf.remove("served.md");
  shelf.write("more.md", "more herons\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("attachments/a.md", "docs/more.md", "team/b.md"));
  EXPECT_TRUE(exited(shelf.run({"remove", "attachments/"}), 0));
  EXPECT_THAT(files_in(shelf.index()), ElementsAre("team/b.md"));
  HttpServer server(shelf.index());
  EXPECT_EQ(server.send("GET", "/documents/attachments/a.md").status, 404);
  EXPECT_EQ(server.send("GET", "/documents/team/b.md").body, "the other heron\n");
  EXPECT_EQ(server.send("PUT", "/documents/a.md", "a third heron\n").status, 201);
  EXPECT_THAT(shelf.found("heron"), ElementsAre("attachments/a.md", "docs/more.md", "team/b.md"));
}

TEST(HandedDocumentsFault, AFullDiskIsSaidAndLeavesNothingHalf) {
  const Shelf shelf;
  const SmallDisk disk(shelf / "disk", "12m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  const std::string index = shelf / "disk/index";
  shelf.write("first.md", "the first heron\n");
  ASSERT_TRUE(exited(run_callslip({"index", shelf.root(), "--index", index}), 0));
  HttpServer server(index);
  ASSERT_EQ(server.send("PUT", "/documents/a.md", "the old kestrel\n").status, 201);

  unsigned state = 7;
  std::string large = "kestrel\n";
  while (large.size() < 400'000) {
    state = state * 1664525U + 1013904223U;
    large += "w" + std::to_string(state >> 12) + " ";
  }
  int failed = 0;
  for (const std::uint64_t free : {0ULL, 4096ULL, 30'000ULL, 120'000ULL, 410'000ULL, 600'000ULL,
                                   900'000ULL, 1'200'000ULL, 1'600'000ULL}) {
    disk.fill(free);
    const auto replaced = server.send("PUT", "/documents/a.md", large);
    const bool added = server.send("PUT", "/documents/b.md", large).status == 201;
    disk.make_room();
    if (replaced.status != 200) {
      ++failed;
      EXPECT_EQ(replaced.status, 500) << replaced.body;
      EXPECT_THAT(replaced.body, HasSubstr("disk is full"));
    }
    const bool new_text = replaced.status == 200;
    EXPECT_EQ(server.send("GET", "/documents/a.md").body, new_text ? large : "the old kestrel\n");
    EXPECT_EQ(contents(index + "/documents/attachments/a.md"),
              new_text ? large : "the old kestrel\n");
    EXPECT_EQ(server.send("GET", "/documents/b.md").status, added ? 200 : 404) << free;
    const std::vector<std::string> both{"attachments/a.md", "attachments/b.md"};
    const std::vector<std::string> one{"attachments/a.md"};
    EXPECT_EQ(files_in(index), added ? both : one) << free;
    if (added) {
      EXPECT_EQ(server.send("DELETE", "/documents/b.md").status, 200);
    }
    ASSERT_EQ(server.send("PUT", "/documents/a.md", "the old kestrel\n").status, 200);
  }
  EXPECT_GE(failed, 3);
  EXPECT_EQ(server.send("GET", "/documents/docs/first.md").status, 200);
}

TEST(HandedDocumentsFault, AKilledServerHasWhatItAcknowledgedAndNothingHalf) {
  const Shelf shelf;
  shelf.write("first.md", "the first heron\n");
  shelf.refresh();
  std::map<std::string, std::string> acknowledged;  // by name
  std::mt19937 random(42);
  int number = 0;
  for (int round = 0; round < 6; ++round) {
    HttpServer server(shelf.index());
    std::atomic<bool> killed = false;
    // Some new, some replaced.
    std::vector<std::pair<std::string, std::string>> sent;
    WireClient connection = server.dial();
    std::jthread client([&] {
      for (bool there = true; there && !killed;) {
        const std::string name = "attachments/" + std::to_string(number % 5) + ".md";
        const std::string body = "kestrel " + std::to_string(number) + "\n";
        ++number;
        sent.emplace_back(name, body);
        const auto answer = server.send_over(connection, "PUT", "/documents/" + name, body);
        there = answer.status != 0;
        if (answer.status == 200 || answer.status == 201) acknowledged[name] = body;
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200 + random() % 400));
    server.process().signal(SIGKILL);
    server.process().wait();
    killed = true;
    client.join();

    HttpServer after(shelf.index());
    // Whoever changes something waits until what the crash left was settled.
    ASSERT_EQ(after.send("PUT", "/documents/last.md", "owl\n").status / 100, 2);
    for (const auto& [name, body] : acknowledged) {
      const std::string now = after.send("GET", "/documents/" + name).body;
      const bool last = !sent.empty() && sent.back().first == name && sent.back().second == now;
      EXPECT_TRUE(now == body || last) << name << ": " << now;
    }
    for (const std::string& file : files_in(shelf.index())) {
      if (file.starts_with(".new/")) continue;  // not committed: swept when it is old
      EXPECT_FALSE(file.starts_with('.')) << file;
      EXPECT_EQ(after.send("GET", "/documents/" + file).body,
                contents(shelf.index() + "/documents/" + file));
    }
    if (!sent.empty()) {
      const auto& [name, body] = sent.back();
      const auto answer = after.send("GET", "/documents/" + name);
      if (answer.status == 200) acknowledged[name] = answer.body;
    }
  }
  EXPECT_GE(acknowledged.size(), 3U);
  EXPECT_THAT(shelf.found("heron"), ElementsAre("docs/first.md"));
}

TEST(HandedDocumentsFault, AnIndexMadeAnewHasThemAgain) {
  const Shelf shelf;
  shelf.write("first.md", "the first heron\n");
  shelf.refresh();
  {
    HttpServer server(shelf.index());
    ASSERT_EQ(server.send("PUT", "/documents/a.md?title=Birds", "a kestrel\n").status, 201);
  }
  std::ofstream(shelf.index() + "/manifest", std::ios::trunc) << "nonsense";
  const Outcome damaged = shelf.run({"search", "kestrel"});
  EXPECT_THAT(damaged.err, HasSubstr("documents/"));
  for (const char* part : {"manifest", "segments", "states", "scratch", "reads"}) {
    std::filesystem::remove_all(shelf.index() + "/" + part);
  }
  shelf.refresh();
  HttpServer server(shelf.index());
  ASSERT_TRUE(server.process().wait_for_err("1 handed-over document indexed again"));
  EXPECT_EQ(server.send("GET", "/documents/a.md").body, "a kestrel\n");
  EXPECT_THAT(shelf.names(), ElementsAre("attachments/a.md", "docs/first.md"));
}

TEST(HandedDocumentsFault, LargeBodiesFollowOneAnotherOnAConnection) {
  const Shelf shelf;
  shelf.write("first.md", "the first heron\n");
  shelf.refresh();
  const HttpServer server(shelf.index());
  WireClient connection = server.dial();
  for (int i = 0; i < 12; ++i) {
    std::string text;
    while (text.size() < 300'000) text += "The gallery was painted " + std::to_string(i) + ".\n";
    const auto put = server.send_over(connection, "PUT", "/documents/a.txt", text);
    ASSERT_EQ(put.status, i == 0 ? 201 : 200) << put.body;
    ASSERT_EQ(server.send_over(connection, "GET", "/documents/a.txt").body, text);
  }
}

TEST(HandedDocumentsFault, AServerThatFetchesReachesNothingOfThisMachine) {
  const Shelf shelf;
  shelf.write("first.md", "the first heron\n");
  shelf.refresh();
  const HttpServer server(shelf.index(), {"--allow-fetch"});
  for (const char* url : {"http://127.0.0.1/", "http://localhost/", "http://[::1]/",
                          "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://0/",
                          "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"}) {
    const json answer = server.call("add_document", {{"url", url}, {"name", "x.md"}});
    const std::string why = answer.value("error", answer.dump());
    EXPECT_TRUE(why.starts_with("url: ")) << url << ": " << why;
  }
  const HttpServer strict(shelf.index());
  EXPECT_THAT(std::string(strict.call("add_document", {{"url", "http://example.com/"}})["error"]),
              HasSubstr("--allow-fetch"));
  EXPECT_THAT(files_in(shelf.index()), IsEmpty());
}

}  // namespace
}  // namespace callslip::testing_support
