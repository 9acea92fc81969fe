// The port of a real server under clients that send too much, too slowly, too fast, or nothing.
//
// Other addresses than 127.0.0.1 stand for other machines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/callslip_binary.h"
#include "tests/support/test_certificate.h"
#include "tests/support/tls_client.h"
#include "tests/support/wire_client.h"

namespace callslip::testing_support {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kHealth = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
constexpr const char* kSearch = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
                                R"({"name":"doc_search","arguments":{"query":"heron"}}})";

class Port : public ::testing::Test {
 protected:
  Port() {
    for (int i = 0; i < 20; ++i) {
      shelf_.write(std::to_string(i) + ".md", "A heron stands in the reeds. " + std::to_string(i));
    }
    shelf_.refresh();
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    descriptors_ = limit.rlim_cur;
  }

  void serve(std::vector<std::string> more = {}, const std::string& scheme = "http") {
    std::vector<std::string> line{"serve", "--listen", "127.0.0.1:0", "--index", shelf_.index()};
    line.insert(line.end(), more.begin(), more.end());
    server_.emplace(callslip_command(line));
    const auto port = server_->wait_for_err("listening on " + scheme + "://127.0.0.1:");
    ASSERT_TRUE(port.has_value()) << server_->wait().describe();
    port_ = static_cast<std::uint16_t>(std::stoul(*port));
  }

  WireClient dial(const char* from = nullptr) const { return WireClient(port_, AF_INET, 0, from); }

  std::string answer_to(const std::string& request, const char* from = nullptr) const {
    WireClient client = dial(from);
    client.write(request);
    return client.read_response();
  }

  /// Both protocols, and a tool behind one of them.
  void expect_it_serves(const char* from = nullptr) const {
    EXPECT_THAT(answer_to(kHealth, from), StartsWith("HTTP/1.1 200 "));
    WireClient client = dial(from);
    client.write(upgrade() + frame(text, kSearch));
    EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(client.read_frame().payload, HasSubstr("stands in the reeds"));
  }

  void expect_it_ends() {
    server_->signal(SIGTERM);
    const Outcome& outcome = server_->wait(30s);
    EXPECT_TRUE(exited(outcome, 0));
    EXPECT_EQ(outcome.out, "") << "nothing but protocol goes to stdout";
  }

  long rss_mb() const {
    std::ifstream file("/proc/" + std::to_string(server_->pid()) + "/status");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("VmRSS:")) return std::stol(line.substr(6)) / 1024;
    }
    return -1;
  }

  const Shelf shelf_;
  std::optional<Process> server_;
  std::uint16_t port_ = 0;
  rlim_t descriptors_ = 0;
};

TEST_F(Port, WhatIsTooLargeIsRefusedWithItsReason) {
  serve({"--max-message-bytes", "100000"});
  const std::string host = " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  EXPECT_THAT(answer_to("GET /healthz" + host + "X: " + std::string(100'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer_to("GET /" + std::string(50'000'000, 'x')), StartsWith("HTTP/1.1 431 "));
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += "X: y\r\n";
  EXPECT_THAT(answer_to("GET /healthz" + host + lines + "\r\n"), StartsWith("HTTP/1.1 431 "));
  // No route takes a body here: the path is refused, and what was announced is not waited for.
  EXPECT_THAT(answer_to("POST /healthz" + host + "Content-Length: 9999999999\r\n\r\nx"),
              StartsWith("HTTP/1.1 405 "));
  WireClient client = dial();
  client.write(upgrade() + frame(text, std::string(100'001, 'x')));
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(client.read_frame().close_code(), 1009);
  expect_it_serves();
  expect_it_ends();
}

TEST_F(Port, SaysWhatIsNotHere) {
  serve();
  WireClient client = dial();  // all on one connection
  const auto ask = [&](const std::string& method, const std::string& path) {
    client.write(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    return client.read_response(method == "HEAD");
  };
  EXPECT_THAT(ask("GET", "/nothing"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("DELETE", "/healthz"), HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(ask("HEAD", "/healthz"), HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(ask("GET", "/../../etc/passwd"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(Port, TellsItsMetrics) {
  serve();
  expect_it_serves();
  const std::string metrics = answer_to("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_THAT(metrics, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(metrics,
              HasSubstr("callslip_http_requests_total{route=\"/healthz\",status=\"200\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("callslip_connections_opened_total{kind=\"websocket\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("callslip_websocket_messages_total 1\n"));
}

TEST_F(Port, HeadsInPiecesOfFortyBytes) {
  serve();
  const auto write_slowly = [](WireClient& client, const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 40) {
      client.write(bytes.substr(at, 40));
      std::this_thread::sleep_for(1ms);
    }
  };
  WireClient http = dial();
  write_slowly(http, kHealth);
  EXPECT_THAT(http.read_response(), StartsWith("HTTP/1.1 200 "));
  WireClient websocket = dial();
  write_slowly(websocket, upgrade() + frame(text, kSearch));
  EXPECT_THAT(websocket.read_head(), StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(websocket.read_frame().payload, HasSubstr("stands in the reeds"));
}

TEST_F(Port, TwoHundredClientsOfBothKindsAtOnce) {
  serve();
  std::atomic<int> right = 0;
  std::mutex mutex;
  std::string wrong;  // guarded by mutex: one of them
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 200; ++i) {
      threads.emplace_back([&, websocket = i % 2 == 0] {
        WireClient client = dial();
        if (websocket) {
          client.write(upgrade());
          client.read_head();
        }
        for (int j = 0; j < 10; ++j) {
          client.write(websocket ? frame(text, kSearch) : std::string(kHealth));
          const std::string answer =
              websocket ? client.read_frame().payload : client.read_response();
          if (answer.find(websocket ? "stands in the reeds" : "200 OK") != std::string::npos) {
            ++right;
          } else {
            const std::lock_guard lock(mutex);
            wrong = answer;
          }
        }
      });
    }
  }
  EXPECT_EQ(right, 2000) << "for instance: " << wrong;
  expect_it_ends();
}

TEST_F(Port, WhoSendsByteByByteIsSentAwayAndHoldsUpNobody) {
  serve();
  std::vector<WireClient> slow;
  const std::vector<std::string> beginnings{
      "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", "G",
      "GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"};
  for (int i = 0; i < 300; ++i) {
    slow.push_back(dial());
    slow.back().write(beginnings[static_cast<std::size_t>(i) % beginnings.size()]);
  }
  std::jthread dripping([&slow](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (WireClient& client : slow) client.write("x");
      std::this_thread::sleep_for(100ms);
    }
  });
  std::size_t sent_away = 0;
  for (WireClient& client : slow) {
    expect_it_serves();
    if (HasFailure()) break;
    const std::string answer = client.read_to_end(60'000);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 "));
    ++sent_away;
  }
  EXPECT_EQ(sent_away, 300U);
}

TEST_F(Port, TenThousandIdleConnectionsMakeRoomAsNeeded) {
  serve();  // with room for 1024
  const std::size_t many = std::min<std::size_t>(10'000, descriptors_ - 200);
  std::vector<WireClient> idle;
  for (std::size_t i = 0; i < many; ++i) {
    idle.push_back(dial());
    if (i % 1000 == 999) expect_it_serves();
  }
  expect_it_serves();
  EXPECT_LT(rss_mb(), 300);
  idle.clear();
  expect_it_serves();
  expect_it_ends();
}

TEST_F(Port, TenThousandConnectionsStayWhereTheyMay) {
  const std::size_t many = std::min<std::size_t>(10'000, descriptors_ - 600);
  serve({"--max-connections", std::to_string(many + 10)});
  std::vector<WireClient> idle;
  for (std::size_t i = 0; i < many; ++i) {
    idle.push_back(dial());
    if (i % 10 == 0) idle.back().write(upgrade());
    if (i % 10 == 1) idle.back().write(kHealth);
  }
  for (std::size_t i = 0; i < many; i += 10) {
    ASSERT_THAT(idle[i].read_head(), StartsWith("HTTP/1.1 101 ")) << i;
    ASSERT_THAT(idle[i + 1].read_response(), StartsWith("HTTP/1.1 200 ")) << i;
  }
  expect_it_serves();
#ifndef CALLSLIP_SANITIZED
  EXPECT_LT(rss_mb(), 400);
#endif
  idle.clear();
  expect_it_serves();
  expect_it_ends();
}

TEST_F(Port, AFloodFromOneAddressLeavesOthersServed) {
  serve();
  std::atomic<int> served = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> flood;
  for (int i = 0; i < 4; ++i) {
    flood.emplace_back([this, &served, &refused](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        WireClient client = dial("127.0.0.2");
        for (int j = 0; j < 20 && !stop.stop_requested(); ++j) {
          if (!client.write(kHealth)) break;
          const std::string answer = client.read_response();
          if (answer.starts_with("HTTP/1.1 200 ")) ++served;
          if (answer.starts_with("HTTP/1.1 429 ")) ++refused;
        }
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    flood.emplace_back([this](const std::stop_token& stop) {
      const std::string messages = [] {
        std::string all;
        for (int j = 0; j < 2000; ++j) all += frame(text, kSearch);
        return all;
      }();
      while (!stop.stop_requested()) {
        WireClient client = dial("127.0.0.2");
        client.write(upgrade() + messages);
      }
    });
  }
  while (refused == 0) std::this_thread::sleep_for(1ms);
  for (int i = 0; i < 20; ++i) {
    expect_it_serves("127.0.0.3");
    std::this_thread::sleep_for(10ms);  // below its own limit
  }
  for (std::jthread& one : flood) one.request_stop();
  flood.clear();
  EXPECT_GT(refused, 0);
  expect_it_ends();
}

TEST_F(Port, ServesBothProtocolsThroughTls) {
  const TestCertificate certificate;
  const ScratchDirectory folder;
  certificate.write(folder.path());
  serve({"--tls-cert", folder / "cert.pem", "--tls-key", folder / "key.pem"}, "https");
  TlsClient http(port_, certificate.certificate());
  ASSERT_TRUE(http.write(kHealth));
  EXPECT_THAT(http.read_head(), StartsWith("HTTP/1.1 200 "));
  TlsClient websocket(port_, certificate.certificate());
  ASSERT_TRUE(websocket.write(upgrade() + frame(text, kSearch)));
  EXPECT_THAT(websocket.read_head(), StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(websocket.read(400), HasSubstr("stands in the reeds"));
  EXPECT_THAT(answer_to(kHealth), HasSubstr("https://"));
  expect_it_ends();
}

TEST_F(Port, ACertificateOrKeyThatIsNoneIsSaidInOneSentence) {
  const TestCertificate certificate;
  const ScratchDirectory folder;
  certificate.write(folder.path());
  folder.write("nonsense.pem", "nonsense\n");
  const auto serve_with = [&](const std::string& cert, const std::string& key) {
    return shelf_.run({"serve", "--listen", "127.0.0.1:0", "--tls-cert", folder / cert, "--tls-key",
                       folder / key});
  };
  EXPECT_TRUE(refused(serve_with("none.pem", "key.pem"), {"--tls-cert", "cannot be read"}));
  EXPECT_TRUE(refused(serve_with("nonsense.pem", "key.pem"), {"--tls-cert", "PEM"}));
  EXPECT_TRUE(refused(serve_with("cert.pem", "nonsense.pem"), {"--tls-key", "PEM"}));
  std::ofstream(folder / "other.pem") << TestCertificate().key();
  EXPECT_TRUE(refused(serve_with("cert.pem", "other.pem"), {"--tls-key", "is not the key"}));
  EXPECT_TRUE(
      refused(shelf_.run({"serve", "--listen", "127.0.0.1:0", "--tls-key", folder / "key.pem"}),
              {"--tls-cert"}, 2));
}

}  // namespace
}  // namespace callslip::testing_support
