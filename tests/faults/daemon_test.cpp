// One server, and the stdio processes that attach to it; servers that are killed, hang, or are
// somebody else's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

#include "tests/support/callslip_binary.h"
#include "tests/support/scripted_http_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kAttached = "callslip: attached to the server of this index (process ";

std::string request(int id, const std::string& method, const json& params = json::object()) {
  return json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}.dump();
}

std::string ping(int id) { return request(id, "ping"); }

std::string search(int id, const std::string& query) {
  return request(id, "tools/call", {{"name", "doc_search"}, {"arguments", {{"query", query}}}});
}

std::string read(int id, const std::string& question) {
  return request(id, "tools/call",
                 {{"name", "read_chunks"}, {"arguments", {{"question", question}}}});
}

class Daemon : public ::testing::Test {
 protected:
  Daemon() {
    for (int i = 0; i < 5; ++i) {
      shelf_.write(std::to_string(i) + ".md", "A heron stands in the reeds. " + std::to_string(i));
    }
    shelf_.refresh();
  }

  std::unique_ptr<Process> serve(std::vector<std::string> more = {}) {
    std::vector<std::string> line{"serve", "--listen", "127.0.0.1:0", "--index", shelf_.index()};
    line.insert(line.end(), more.begin(), more.end());
    auto server = std::make_unique<Process>(callslip_command(line));
    EXPECT_TRUE(server->wait_for_err("listening on http://").has_value());
    return server;
  }

  std::unique_ptr<Process> attach(std::vector<std::string> more = {}, ProcessOptions options = {}) {
    std::vector<std::string> line{"serve", "--stdio", "--index", shelf_.index()};
    line.insert(line.end(), more.begin(), more.end());
    options.keep_input = true;
    return std::make_unique<Process>(callslip_command(line), options);
  }

  static void expect_attached(Process& client, const Process& server) {
    const auto rest = client.wait_for_err(kAttached);
    ASSERT_TRUE(rest.has_value()) << client.wait(1s).describe();
    EXPECT_EQ(*rest, std::to_string(server.pid()) + ")");
  }

  static void expect_answer(Process& client, int id) {
    const auto line = client.read_line();
    ASSERT_TRUE(line.has_value()) << client.wait(1s).describe();
    EXPECT_EQ(json::parse(*line).at("id"), id) << *line;
  }

  /// Serves by itself: answers, and says it was not attached.
  void expect_it_serves_alone(const std::vector<std::string>& more, const std::string& reason,
                              ProcessOptions options = {}) {
    const auto client = attach(more, options);
    client->send_line(ping(1));
    client->close_input();
    const Outcome& outcome = client->wait();
    EXPECT_TRUE(exited(outcome, 0));
    EXPECT_THAT(outcome.out, HasSubstr("\"id\":1"));
    EXPECT_THAT(outcome.err, Not(HasSubstr("attached")));
    EXPECT_THAT(outcome.err, HasSubstr(reason));
  }

  std::string folder() const { return shelf_.index() + "/serving"; }

  Shelf shelf_;
};

TEST_F(Daemon, StdioProcessesShareTheServerThatRuns) {
  const auto server = serve();
  const auto first = attach();
  const auto second = attach();
  for (Process* client : {first.get(), second.get()}) {
    expect_attached(*client, *server);
    ASSERT_TRUE(client->send_line(search(7, "heron")));
    const auto line = client->read_line();
    ASSERT_TRUE(line.has_value());
    EXPECT_THAT(*line, HasSubstr("A heron stands"));
  }
  // Nothing of the index is opened here, and no pool of threads started.
  for (const auto* client : {first.get(), second.get()}) {
    const std::string proc = "/proc/" + std::to_string(client->pid());
    for (const auto& entry : std::filesystem::directory_iterator(proc + "/fd")) {
      std::error_code code;
      const auto target = std::filesystem::read_symlink(entry.path(), code).string();
      EXPECT_THAT(target, Not(HasSubstr(shelf_.index()))) << target;
    }
    std::size_t threads = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(proc + "/task")) {
      ++threads;
    }
    EXPECT_LE(threads, 3U);  // this one, that of signals, and one of a sanitizer
  }
  for (Process* client : {first.get(), second.get()}) {
    client->close_input();
    EXPECT_TRUE(exited(client->wait(), 0));
  }
  server->signal(SIGTERM);
  EXPECT_TRUE(exited(server->wait(), 0));
  EXPECT_FALSE(std::filesystem::exists(folder() + "/socket"));
}

TEST_F(Daemon, TheEndOfInputWaitsForAllAnswers) {
  const auto server = serve();
  const auto client = attach();
  expect_attached(*client, *server);
  constexpr int kCalls = 60;
  for (int i = 0; i < kCalls; ++i) client->send_line(search(i, "heron reeds"));
  client->close_input();
  const Outcome& outcome = client->wait();
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), kCalls);
  for (int i = 0; i < kCalls; ++i) {
    EXPECT_THAT(outcome.out, HasSubstr("\"id\":" + std::to_string(i) + ","));
  }
}

TEST_F(Daemon, LargeMessagesPassBothWays) {
  const auto server = serve({"--max-result-tokens", "200000"});
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (int line = 0; line < 100; ++line)
      text += "an osprey " + std::to_string(line) + " fishes\n";
    shelf_.write("osprey" + std::to_string(i) + ".md", text);
  }
  shelf_.refresh();
  const auto client = attach();
  expect_attached(*client, *server);
  // 8 MB of a query that is mostly white space, in one line.
  ASSERT_TRUE(client->send_line(search(1, "heron" + std::string(8 << 20, ' '))));
  expect_answer(*client, 1);
  ASSERT_TRUE(client->send_line(
      request(2, "tools/call",
              {{"name", "doc_search"},
               {"arguments", {{"query", "osprey"}, {"max_tokens", 200000}, {"limit", 200}}}})));
  const auto large = client->read_line();
  ASSERT_TRUE(large.has_value());
  EXPECT_GT(large->size(), 400'000U);
  EXPECT_TRUE(json::accept(*large));
  // One that is too large gets its error, and the connection lives on.
  ASSERT_TRUE(client->send_line(std::string(17 << 20, 'x')));
  const auto refusal = client->read_line();
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(json::parse(*refusal).at("error").at("code"), -32700);
  ASSERT_TRUE(client->send_line(ping(3)));
  expect_answer(*client, 3);
}

TEST_F(Daemon, AServerThatIsKilledEndsItsClientsAndIsReplaced) {
  auto server = serve();
  const auto client = attach();
  expect_attached(*client, *server);
  server->signal(SIGKILL);
  server->wait();
  const Outcome& outcome = client->wait();
  EXPECT_TRUE(exited(outcome, 1));
  EXPECT_THAT(outcome.err, HasSubstr("callslip: the server that we were attached to has ended\n"));
  EXPECT_EQ(outcome.out, "");

  ASSERT_TRUE(std::filesystem::exists(folder() + "/socket")) << "what a killed server leaves";
  expect_it_serves_alone({}, "");
  server = serve();
  expect_attached(*attach(), *server);
}

TEST_F(Daemon, AServerThatStopsLetsRunningCallsFinishHereToo) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.delay = 500ms;
    reply.body = R"({"choices":[{"message":{"role":"assistant","content":"None"}}]})";
    return reply;
  });
  const auto server = serve({"--reader-url", model.url(), "--reader-model", "m"});
  const auto client = attach();
  expect_attached(*client, *server);
  client->send_line(read(5, "where is the heron?"));
  ASSERT_TRUE(model.wait_for_active(1));
  server->signal(SIGTERM);
  expect_answer(*client, 5);
  EXPECT_TRUE(exited(client->wait(), 1));
  EXPECT_TRUE(exited(server->wait(), 0));
}

TEST_F(Daemon, ASignalToAnAttachedProcessLetsItsCallsFinish) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.delay = 500ms;
    reply.body = R"({"choices":[{"message":{"role":"assistant","content":"None"}}]})";
    return reply;
  });
  const auto server = serve({"--reader-url", model.url(), "--reader-model", "m"});
  const auto client = attach();
  expect_attached(*client, *server);
  client->send_line(read(5, "where is the heron?"));
  ASSERT_TRUE(model.wait_for_active(1));
  client->signal(SIGTERM);
  expect_answer(*client, 5);
  EXPECT_TRUE(exited(client->wait(), 0));
}

TEST_F(Daemon, CallsOfAnAttachedProcessThatVanishesAreCancelled) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.fault = HttpReply::Fault::hang;
    return reply;
  });
  const auto server =
      serve({"--reader-url", model.url(), "--reader-model", "m", "--reader-timeout", "600"});
  const auto client = attach();
  expect_attached(*client, *server);
  client->send_line(
      request(5, "tools/call",
              {{"name", "read_chunks"},
               {"arguments", {{"question", "where is the heron?"}, {"deadline_s", 600}}}}));
  ASSERT_TRUE(model.wait_for_active(1));
  client->signal(SIGKILL);
  EXPECT_TRUE(model.wait_for_aborted(1));
}

TEST_F(Daemon, AClientThatStopsReadingEndsTheProcess) {
  const auto server = serve();
  int in[2];
  int out[2];
  ASSERT_EQ(::pipe(in), 0);
  ASSERT_EQ(::pipe(out), 0);
  ASSERT_EQ(::fcntl(in[1], F_SETFD, FD_CLOEXEC), 0);  // our ends are ours alone
  ASSERT_EQ(::fcntl(out[0], F_SETFD, FD_CLOEXEC), 0);
  const std::string command = "exec " + callslip_binary() + " serve --stdio --index " +
                              shelf_.index() + " <&" + std::to_string(in[0]) + " >&" +
                              std::to_string(out[1]);
  Process client({"/bin/sh", "-c", command});
  ::close(out[1]);
  expect_attached(client, *server);
  ::close(out[0]);  // stdin stays open
  EXPECT_TRUE(exited(client.wait(30s), 0));
  ::close(in[0]);
  ::close(in[1]);
}

TEST_F(Daemon, WhoAsksForSomethingElseServesByItself) {
  const auto server = serve({shelf_.root(), "--max-result-tokens", "8000"});
  const std::string something = "was started with something else for ";
  expect_it_serves_alone({"--max-result-tokens", "5000"}, something + "--max-result-tokens; serv");
  expect_it_serves_alone({"--reader-url", "http://127.0.0.1:9/v1", "--reader-model", "m"},
                         something + "--reader-model, --reader-url; serv");
  shelf_.scratch().make_directory("others");
  expect_it_serves_alone({shelf_ / "others"}, something + shelf_ / "others" + "; serv");
  // What is left out is the server's choice; what is the same is the same, however it is spelt.
  expect_attached(*attach(), *server);
  expect_attached(*attach({shelf_.root() + "/../docs/", "--max-result-tokens", "8000"}), *server);
}

TEST_F(Daemon, AServerThatHangsIsDoneWithout) {
  const auto server = serve();
  server->signal(SIGSTOP);
  expect_it_serves_alone({}, "the server of this index does not answer; serving without it");
  server->signal(SIGCONT);
  expect_attached(*attach(), *server);
}

TEST_F(Daemon, OfTwoServersOneIsAttachedToAndTheOtherTakesOver) {
  std::vector<std::string> line{"serve", "--listen", "127.0.0.1:0", "--index", shelf_.index()};
  auto first = std::make_unique<Process>(callslip_command(line));
  auto second = std::make_unique<Process>(callslip_command(line));
  ASSERT_TRUE(first->wait_for_err("listening on http://").has_value());
  ASSERT_TRUE(second->wait_for_err("listening on http://").has_value());
  const auto whom = [&] {
    const auto client = attach();
    client->close_input();
    const Outcome& outcome = client->wait();
    EXPECT_TRUE(exited(outcome, 0));
    const std::size_t at = outcome.err.find(kAttached);
    return at == std::string::npos ? 0 : std::stol(outcome.err.substr(at + std::strlen(kAttached)));
  };
  const long chosen = whom();
  ASSERT_THAT(chosen, ::testing::AnyOf(first->pid(), second->pid()));
  if (chosen == second->pid()) std::swap(first, second);
  first->signal(SIGTERM);
  EXPECT_TRUE(exited(first->wait(), 0));
  long next = 0;
  for (int tries = 0; tries < 200 && next == 0; ++tries) {
    next = whom();
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(next, second->pid());
}

TEST_F(Daemon, ThePathOfAnIndexMayBeLongerThanAnAddressCanBe) {
  const std::string deep = shelf_ / (std::string(90, 'a') + "/" + std::string(90, 'b') + "/index");
  std::filesystem::create_directories(deep);
  std::filesystem::copy(shelf_.index(), deep, std::filesystem::copy_options::recursive);
  Process server(callslip_command({"serve", "--listen", "127.0.0.1:0", "--index", deep}));
  ASSERT_TRUE(server.wait_for_err("listening on http://").has_value());
  ProcessOptions options;
  options.keep_input = true;
  Process client(callslip_command({"serve", "--stdio", "--index", deep}), options);
  expect_attached(client, server);
  client.send_line(ping(1));
  expect_answer(client, 1);
}

TEST_F(Daemon, AnIndexThatIsRemovedAndMadeAnewIsOfferedAgain) {
  const auto server = serve();
  std::filesystem::remove_all(shelf_.index());
  shelf_.refresh();
  std::optional<std::string> said;
  for (int tries = 0; tries < 200 && !said; ++tries) {
    const auto client = attach();
    client->close_input();
    if (client->wait().err.find(kAttached) != std::string::npos) said = client->wait().err;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(said.has_value());
}

class DaemonOfRoot : public Daemon {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
  }
};

TEST_F(DaemonOfRoot, AnotherUserIsNotServedAndServesByItself) {
  const auto server = serve();
  ProcessOptions nobody;
  nobody.as_nobody = true;
  expect_it_serves_alone({}, "is not private to this user); serving without it", nobody);
}

/// Connects as nobody, whatever the folder's permissions, and tells what is received.
TEST_F(DaemonOfRoot, AnotherUserWhoGetsToTheSocketIsTurnedAway) {
  const auto server = serve();
  ASSERT_EQ(::chmod(folder().c_str(), 0777), 0);
  ASSERT_EQ(::chmod((folder() + "/socket").c_str(), 0777), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "socket");
  const std::string here = folder();
  for (const bool as_nobody : {true, false}) {
    const pid_t child = ::fork();
    if (child == 0) {
      // Only what is safe after a fork of a threaded program. From within the folder, so that it
      // does not matter who may pass through those above.
      if (::chdir(here.c_str()) != 0) ::_exit(4);
      if (as_nobody && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(3);
      const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
      if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) ::_exit(2);
      char byte = 0;
      ::_exit(::read(socket, &byte, 1) == 1 ? 1 : 0);  // 1: greeted
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), as_nobody ? 0 : 1);
  }
  // Somebody else could have put a socket there.
  expect_it_serves_alone({}, "is not private to this user); serving without it");
}

}  // namespace
}  // namespace callslip::testing_support
