#include "plugin/transports/stdio_transport.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace callslip {
namespace {

using namespace std::chrono_literals;

class Recorder final : public ConnectionHandler {
 public:
  using Hook = std::function<void(Connection&, std::string)>;

  void on_open(const std::shared_ptr<Connection>& opened) override {
    connection = opened;
    events.emplace_back("open");
  }
  void on_message(const std::shared_ptr<Connection>& from, std::string message) override {
    events.push_back(message);
    if (message_hook) message_hook(*from, std::move(message));
  }
  void on_close(const std::shared_ptr<Connection>& closed) override {
    events.emplace_back("close");
    if (close_hook) close_hook(*closed, {});
  }

  Hook message_hook = [](Connection& to, std::string message) { to.send("echo " + message); };
  Hook close_hook;
  std::vector<std::string> events;  // of the I/O thread; read after it is joined
  std::shared_ptr<Connection> connection;
};

/// A transport between two pipes, and the client's ends of them.
class StdioTransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::pipe2(to_server_.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(from_server_.data(), O_CLOEXEC), 0);
  }

  void TearDown() override {
    if (transport_) transport_->stop();
    if (server_.joinable()) server_.join();
    for (int* fd : {&to_server_[0], &to_server_[1], &from_server_[0], &from_server_[1]})
      close_fd(*fd);
  }

  void serve(StdioOptions options = {}) {
    options.input = to_server_[0];
    options.output = from_server_[1];
    auto opened = StdioTransport::open(options);
    ASSERT_TRUE(opened.ok());
    transport_ = std::move(opened).value();
    server_ = std::jthread([this] { status_ = transport_->run(recorder_); });
  }

  static void close_fd(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }

  void write(const std::string& bytes) {
    ASSERT_EQ(::write(to_server_[1], bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }

  void end_input() { close_fd(to_server_[1]); }

  std::string read_line() {
    while (pending_.find('\n') == std::string::npos) {
      pollfd ready{from_server_[0], POLLIN, 0};
      if (::poll(&ready, 1, 10000) != 1) return "(timeout)";
      std::array<char, 65536> buffer{};
      const ssize_t count = ::read(from_server_[0], buffer.data(), buffer.size());
      if (count <= 0) return "(end)";
      pending_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    const std::size_t end = pending_.find('\n');
    std::string line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    return line;
  }

  std::array<int, 2> to_server_{-1, -1};
  std::array<int, 2> from_server_{-1, -1};
  std::string pending_;
  Recorder recorder_;
  Status status_;
  std::unique_ptr<StdioTransport> transport_;
  std::jthread server_;
};

TEST_F(StdioTransportTest, EchoesLinesHoweverTheyArrive) {
  serve();
  write("one\ntwo\r\n\n \t\r\nth");
  EXPECT_EQ(read_line(), "echo one");
  EXPECT_EQ(read_line(), "echo two");
  write("ree\n");
  EXPECT_EQ(read_line(), "echo three");
}

TEST_F(StdioTransportTest, DeliversALastLineWithoutNewlineAndItsAnswer) {
  serve();
  write("first\nlast");
  end_input();
  server_.join();
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(recorder_.events, (std::vector<std::string>{"open", "first", "last", "close"}));
  EXPECT_EQ(read_line(), "echo first");
  EXPECT_EQ(read_line(), "echo last");
}

TEST_F(StdioTransportTest, WritesAnswersThatAWorkerFinishesDuringOnClose) {
  std::jthread worker;
  recorder_.message_hook = [&](Connection& to, std::string) {
    worker = std::jthread([&to] {
      for (int i = 0; i < 1000; ++i) to.send(std::string(1000, 'a'));
    });
  };
  recorder_.close_hook = [&](Connection&, const std::string&) { worker.join(); };
  serve();
  write("go\n");
  end_input();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(read_line().size(), 1000U) << i;
  server_.join();
  EXPECT_TRUE(status_.ok());
  recorder_.connection->send("after run() a no-op");
}

TEST_F(StdioTransportTest, AnswersAnOversizedLineWithAParseErrorAndGoesOn) {
  StdioOptions options;
  options.max_message_bytes = 100;
  serve(options);
  write(std::string(100, 'x') + "\r\n");
  EXPECT_EQ(read_line(), "echo " + std::string(100, 'x'));
  write(std::string(101, 'y') + "\n");
  EXPECT_EQ(
      read_line(),
      R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"message exceeds 100 bytes"}})");
  std::jthread writer([&] { write(std::string(300000, 'z') + "\nnext\n"); });
  EXPECT_NE(read_line().find("exceeds"), std::string::npos);
  EXPECT_EQ(read_line(), "echo next");
}

TEST_F(StdioTransportTest, KeepsAMessageOnOneLine) {
  recorder_.message_hook = [](Connection& to, const std::string&) {
    to.send("{\n  \"a\": 1,\r\n  \"b\": 2\n}");
  };
  serve();
  write("x\n");
  EXPECT_EQ(read_line(), R"({   "a": 1,    "b": 2 })");
}

TEST_F(StdioTransportTest, LinesOfManyThreadsDoNotMix) {
  serve();
  write("x\n");
  ASSERT_EQ(read_line(), "echo x");
  {
    std::vector<std::jthread> senders;
    for (char name = 'a'; name < 'e'; ++name) {
      senders.emplace_back([this, name] {
        for (int i = 0; i < 200; ++i) recorder_.connection->send(std::string(3000, name));
      });
    }
    std::array<int, 4> seen{};
    for (int i = 0; i < 800; ++i) {
      const std::string line = read_line();
      ASSERT_EQ(line, std::string(3000, line[0]));
      ++seen.at(static_cast<std::size_t>(line[0] - 'a'));
    }
    EXPECT_EQ(seen, (std::array<int, 4>{200, 200, 200, 200}));
  }
}

TEST_F(StdioTransportTest, APeerThatWritesBeforeItReadsDoesNotDeadlock) {
  serve();
  const std::string big(50000, 'q');
  for (int i = 0; i < 40; ++i) write(big + "\n");  // the answers exceed what a pipe holds
  for (int i = 0; i < 40; ++i) ASSERT_EQ(read_line().size(), big.size() + 5);
}

TEST_F(StdioTransportTest, EndsWithAnErrorWhenThePeerReadsNothing) {
  StdioOptions options;
  options.max_unread_bytes = 200000;
  recorder_.message_hook = [](Connection& to, const std::string&) {
    for (int i = 0; i < 100; ++i) to.send(std::string(10000, 'a'));
  };
  serve(options);
  write("go\n");
  server_.join();
  ASSERT_FALSE(status_.ok());
  EXPECT_EQ(status_.error().message,
            "the client does not read its answers: 200000 bytes are waiting");
  EXPECT_EQ(recorder_.events.back(), "close");
}

TEST_F(StdioTransportTest, APeerThatClosesItsReadingEndEndsItWithoutASignal) {
  serve();
  write("x\n");
  ASSERT_EQ(read_line(), "echo x");
  close_fd(from_server_[0]);
  server_.join();
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(recorder_.events, (std::vector<std::string>{"open", "x", "close"}));
}

TEST_F(StdioTransportTest, StopWakesABlockedReadAndLetsAnswersOut) {
  recorder_.message_hook = [this](Connection& to, const std::string&) {
    for (int i = 0; i < 50; ++i) to.send(std::string(10000, 'a'));
    transport_->stop();
  };
  serve();
  write("x\nnever delivered\n");
  for (int i = 0; i < 50; ++i) ASSERT_EQ(read_line().size(), 10000U);
  server_.join();
  EXPECT_TRUE(status_.ok());
  EXPECT_EQ(recorder_.events, (std::vector<std::string>{"open", "x", "close"}));
}

TEST_F(StdioTransportTest, StopDoesNotWaitForAPeerThatReadsNothing) {
  StdioOptions options;
  options.drain_timeout = 20ms;
  recorder_.message_hook = [this](Connection& to, const std::string&) {
    to.send(std::string(1000000, 'a'));
    transport_->stop();
  };
  serve(options);
  write("x\n");
  server_.join();
  ASSERT_FALSE(status_.ok());
  EXPECT_EQ(status_.error().message, "the client did not read its last answers");
}

TEST_F(StdioTransportTest, CloseDeliversWhatWasSentBefore) {
  recorder_.message_hook = [](Connection& to, const std::string&) {
    to.send("last words");
    to.close();
    to.send("too late");
  };
  serve();
  write("x\n");
  server_.join();
  EXPECT_EQ(read_line(), "last words");
  close_fd(from_server_[1]);
  EXPECT_EQ(read_line(), "(end)");
}

TEST_F(StdioTransportTest, TakeOverKeepsPrintedTextAwayFromTheProtocol) {
  std::fflush(nullptr);
  std::array<int, 2> errors{};
  ASSERT_EQ(::pipe2(errors.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // no assertions from here on
    ::dup2(to_server_[0], 0);
    ::dup2(from_server_[1], 1);
    ::dup2(errors[1], 2);
    close_fd(to_server_[1]);
    auto transport = StdioTransport::take_over();
    if (!transport) ::_exit(2);
    std::printf("a library chats\n");
    std::fflush(stdout);
    char byte = 0;
    if (::read(0, &byte, 1) != 0) ::_exit(3);  // stdin is empty for everyone else
    ::_exit(transport.value()->run(recorder_).ok() ? 0 : 1);
  }
  close_fd(errors[1]);
  write("x\n");
  EXPECT_EQ(read_line(), "echo x");
  end_input();
  int result = -1;
  ::waitpid(child, &result, 0);
  EXPECT_EQ(result, 0);
  close_fd(from_server_[1]);
  EXPECT_EQ(read_line(), "(end)");
  std::array<char, 64> printed{};
  EXPECT_EQ(::read(errors[0], printed.data(), printed.size()), 16);
  EXPECT_EQ(std::string(printed.data()), "a library chats\n");
  close_fd(errors[0]);
}

}  // namespace
}  // namespace callslip
