// HTTP on the port, byte by byte: requests, responses, bounds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "port_fixture.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ExchangePtr = std::shared_ptr<HttpExchange>;

std::string request(const std::string& method, const std::string& path,
                    const std::string& headers = "", const std::string& body = "") {
  return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body;
}

std::string post(const std::string& path, const std::string& body) {
  return request("POST", path, "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

class HttpPortTest : public PortFixture {
 protected:
  HttpPortTest() {
    add_route("GET", "/hello", [](const ExchangePtr& exchange) {
      exchange->respond({200, "text/plain", "hello " + exchange->request().query, {}});
    });
    add_route("POST", "/echo", [](const ExchangePtr& exchange) {
      exchange->respond({200, "text/plain", exchange->request().body, {}});
    });
    add_route("GET", "/files/", [](const ExchangePtr& exchange) {
      exchange->respond({200, "text/plain", exchange->request().path, {}});
    });
    add_route("GET", "/kept", [this](const ExchangePtr& exchange) { keep(exchange); });
  }

  void TearDown() override {
    {
      const std::lock_guard lock(mutex_);
      kept_.reset();
    }
    PortFixture::TearDown();
  }

  void keep(const ExchangePtr& exchange) {
    exchange->on_gone([this] {
      const std::lock_guard lock(mutex_);
      ++gone_;
      changed_.notify_all();
    });
    const std::lock_guard lock(mutex_);
    kept_ = exchange;
    changed_.notify_all();
  }

  /// The exchange of /kept, to be answered by the test.
  ExchangePtr take_kept() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 10s, [&] { return kept_ != nullptr; }));
    return std::exchange(kept_, nullptr);
  }

  /// A stream of whose pieces 1 MiB may wait, to a peer that reads nothing.
  ExchangePtr start_unread_stream() {
    PortOptions options;
    options.max_send_buffer_bytes = 1 << 20;
    serve(options);
    silent_.emplace(transport_->port(), AF_INET, 4096);
    silent_->write(request("GET", "/kept"));
    ExchangePtr exchange = take_kept();
    exchange->start({200, "text/event-stream", "", {}});
    return exchange;
  }

  bool wait_until_gone(int times) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return gone_ >= times; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  ExchangePtr kept_;
  int gone_ = 0;
  std::optional<WireClient> silent_;
};

TEST_F(HttpPortTest, AnswersOneRequestAfterAnotherOnOneConnection) {
  serve();
  WireClient client = dial();
  for (int i = 0; i < 100; ++i) {
    client.write(request("GET", "/hello?" + std::to_string(i)));
    const std::string answer = client.read_response();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello " + std::to_string(i)));
    EXPECT_THAT(answer, Not(HasSubstr("Connection: close")));
  }
  EXPECT_EQ(metric("callslip_connections_opened_total{kind=\"http\"}"), 1);
  EXPECT_TRUE(
      wait_for_metric("callslip_http_requests_total{route=\"/hello\",status=\"200\"}", 100));
}

TEST_F(HttpPortTest, AnswersPipelinedRequestsInTheirOrder) {
  serve();
  WireClient client = dial();
  std::string all;
  for (int i = 0; i < 300; ++i) {
    all += i % 3 == 0 ? post("/echo", "body " + std::to_string(i))
                      : request("GET", "/hello?" + std::to_string(i));
  }
  std::jthread writing([&] { client.write(all); });
  for (int i = 0; i < 300; ++i) {
    EXPECT_THAT(client.read_response(),
                EndsWith((i % 3 == 0 ? "body " : "hello ") + std::to_string(i)));
  }
}

TEST_F(HttpPortTest, TakesWhatFollowsAnAnswerFromWhereItWasRead) {
  serve();
  WireClient client = dial();
  // The second request waits while the first is answered, and the port reads on behind it.
  const std::string second = request("GET", "/hello?second");
  client.write(request("GET", "/kept"));
  const ExchangePtr first = take_kept();
  const double before = metric("callslip_bytes_total{kind=\"http\",direction=\"in\"}");
  client.write(second);
  EXPECT_TRUE(wait_for_metric("callslip_bytes_total{kind=\"http\",direction=\"in\"}",
                              before + static_cast<double>(second.size())));
  first->respond({200, "text/plain", "first", {}});
  EXPECT_THAT(client.read_response(), EndsWith("first"));
  EXPECT_THAT(client.read_response(), EndsWith("hello second"));
  client.write(request("GET", "/hello?third"));
  EXPECT_THAT(client.read_response(), EndsWith("hello third"));
}

TEST_F(HttpPortTest, TakesARequestAfterALargeBody) {
  serve();
  WireClient client = dial();
  for (int i = 0; i < 20; ++i) {
    const std::string body(200'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i));
    client.write(post("/echo", body));
    EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\n" + body));
    client.write(request("GET", "/hello?" + std::to_string(i)));
    EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\nhello " + std::to_string(i)));
  }
}

TEST_F(HttpPortTest, TakesRequestsInPiecesOfAnySize) {
  serve();
  const std::string all = post("/echo", "one") + request("GET", "/hello?two") + upgrade();
  for (const std::size_t size : {1U, 7U, 40U}) {
    WireClient client = dial();
    for (std::size_t at = 0; at < all.size(); at += size) client.write(all.substr(at, size));
    EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\none"));
    EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\nhello two"));
    EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
    client.write(frame(text, "three"));
    EXPECT_EQ(client.read_frame().payload, "echo three");
  }
}

TEST_F(HttpPortTest, AnswersHeadWithoutABody) {
  serve();
  WireClient client = dial();
  client.write(request("HEAD", "/hello?x") + request("GET", "/hello?y"));
  const std::string head = client.read_response(true);
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\nhello y"));
}

TEST_F(HttpPortTest, SaysWhatIsNotHereAndWhatMethodsAre) {
  serve();
  const std::string missing = answer_to(request("GET", "/nothing"));
  EXPECT_THAT(missing, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(missing, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(missing, HasSubstr("{\"error\":\"nothing is here"));
  const std::string wrong = answer_to(request("DELETE", "/hello"));
  EXPECT_THAT(wrong, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(wrong, HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(answer_to(request("GET", "/echo")), HasSubstr("Allow: POST\r\n"));
  EXPECT_THAT(answer_to(request("BREW", "/hello")), StartsWith("HTTP/1.1 405 "));
}

TEST_F(HttpPortTest, DecodesPathsAndRefusesThoseThatClimb) {
  serve();
  EXPECT_THAT(answer_to(request("GET", "/files/a%20b%2Fc%C3%A9?q=%20")),
              EndsWith("\r\n\r\n/files/a b/c\xc3\xa9"));
  for (const char* path : {"/files/../hello", "/files/%2e%2e/hello", "/files/.", "/files/a/..",
                           "/%2e%2e%2fetc", "/files/%", "/files/%4", "/files/%zz", "/files/%00",
                           "hello", "*", "http://localhost/hello"}) {
    EXPECT_THAT(answer_to(request("GET", path)), StartsWith("HTTP/1.1 400 ")) << path;
  }
}

TEST_F(HttpPortTest, TakesChunkedBodiesAndSaysContinue) {
  serve();
  WireClient client = dial();
  client.write(request("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                       "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n"));
  EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\nhello world"));
  client.write(request("POST", "/echo", "Content-Length: 4\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.write("late");
  EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\nlate"));
  client.write(request("POST", "/echo", "Content-Length: 4\r\nExpect: 100-continue\r\n", "hast"));
  EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\nhast"));
}

TEST_F(HttpPortTest, RefusesBodiesThatAreTooLarge) {
  PortOptions options;
  options.max_message_bytes = 1000;
  serve(options);
  EXPECT_THAT(answer_to(post("/echo", std::string(1000, 'x'))), StartsWith("HTTP/1.1 200 "));
  // The reason reaches a peer that is still sending.
  EXPECT_THAT(answer_to(post("/echo", std::string(10'000'000, 'x'))), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer_to(request("POST", "/echo", "Content-Length: 18446744073709551615\r\n")),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer_to(request("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                                "3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n")),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      answer_to(request("POST", "/echo", "Content-Length: 1001\r\nExpect: 100-continue\r\n")),
      StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(metric("callslip_refusals_total{reason=\"body_size\"}"), 4);
}

TEST_F(HttpPortTest, AnswersAndGoesOnWhereARefusedBodyIsSmall) {
  serve();
  WireClient client = dial();
  client.write(post("/nothing", std::string(5000, 'x')) + request("GET", "/hello?next"));
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(client.read_response(), EndsWith("hello next"));
}

TEST_F(HttpPortTest, RefusesWhatCouldBeReadInTwoWays) {
  serve();
  const std::string smuggled = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const std::string& headers :
       {std::string("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        std::string("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        std::string("Content-Length: 5\r\nContent-Length: 6\r\n"),
        std::string("Content-Length: -5\r\n"), std::string("Content-Length: 5x\r\n"),
        std::string("Transfer-Encoding: gzip, chunked\r\n"),
        std::string("Transfer-Encoding: gzip\r\n"), std::string("Transfer-Encoding: xchunked\r\n"),
        std::string("Host: localhost\r\n"), std::string("Bad Header: x\r\n"),
        std::string("Expect: miracles\r\n")}) {
    WireClient client = dial();
    client.write(request("POST", "/echo", headers) + smuggled);
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 ")) << headers;
    EXPECT_TRUE(client.ended()) << headers;
  }
  EXPECT_EQ(metric("callslip_http_requests_total{route=\"/hello\",status=\"200\"}"), -1);
  EXPECT_THAT(answer_to("GET /hello HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to(std::string("\x16\x03\x01\x02\0\x01\0\0\xfc\x03\x03\r\n\r\n", 15)),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpPortTest, BoundsHeadsInSizeAndTime) {
  PortOptions options;
  options.head_timeout = 300ms;
  options.body_timeout = 300ms;
  serve(options);
  const std::string filler(20'000, 'x');
  EXPECT_THAT(answer_to(request("GET", "/hello", "X: " + filler + "\r\n")),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer_to("GET /" + filler), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer_to(request("GET", "/hello", "X: " + filler.substr(0, 15'000) + "\r\n")),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer_to("GET /hello HTTP/1.1\r\n"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(answer_to(request("POST", "/echo", "Content-Length: 9\r\n", "four")),
              StartsWith("HTTP/1.1 408 "));
  WireClient drip = dial();  // a byte now and then does not help
  std::jthread dripping([&drip](const std::stop_token& stop) {
    while (!stop.stop_requested() && drip.write("x")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_THAT(drip.read_response(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpPortTest, SpeaksHttp10) {
  serve();
  WireClient client = dial();
  client.write("GET /hello?old HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 403 ")) << "no Host, no service";
  WireClient with_host = dial();
  with_host.write("GET /hello?old HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(with_host.read_to_end(), EndsWith("hello old"));
}

TEST_F(HttpPortTest, StreamsPieceByPieceFromAnyThread) {
  serve();
  WireClient client = dial();
  client.write(request("GET", "/kept"));
  ExchangePtr exchange = take_kept();
  exchange->start({200, "text/event-stream", "", {{"X-Accel-Buffering", "no"}}});
  const std::string head = client.read_head();
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\nTransfer"));
  for (int i = 0; i < 5; ++i) {
    exchange->write("data: " + std::to_string(i) + "\n\n");  // sent at once: read before the next
    EXPECT_EQ(client.read_chunk(), "data: " + std::to_string(i) + "\n\n");
  }
  exchange->end();
  EXPECT_EQ(client.read_chunk(), "");
  exchange->write("too late");
  exchange.reset();
  client.write(request("GET", "/hello?again"));
  EXPECT_THAT(client.read_response(), EndsWith("hello again"));
}

TEST_F(HttpPortTest, TellsARouteThatItsPeerHasGone) {
  serve();
  for (int i = 0; i < 4; ++i) {
    WireClient client = dial();
    client.write(request("GET", "/kept"));
    const ExchangePtr exchange = take_kept();
    if (i % 2 == 1) {
      exchange->start({200, "text/event-stream", "", {}});
      client.read_head();
    }
    i < 2 ? client.vanish() : client.reset();
    EXPECT_TRUE(wait_until_gone(i + 1)) << i;
    exchange->write("nobody reads this");
    exchange->end();
    bool told = false;
    exchange->on_gone([&told] { told = true; });
    EXPECT_TRUE(told) << "at once, where it has happened";
  }
}

TEST_F(HttpPortTest, AnswersAPeerThatHasEndedItsOwnDirectionOnly) {
  serve();
  WireClient client = dial();
  client.write(request("GET", "/kept"));
  const ExchangePtr exchange = take_kept();
  client.finish_sending();
  EXPECT_TRUE(wait_until_gone(1));
  exchange->respond({200, "text/plain", "still here?", {}});
  EXPECT_THAT(client.read_to_end(), EndsWith("still here?"));
}

TEST_F(HttpPortTest, DropsAPeerThatDoesNotReadItsStream) {
  const ExchangePtr exchange = start_unread_stream();
  for (int i = 0; i < 400; ++i) exchange->write(std::string(100'000, 'x'));
  EXPECT_TRUE(wait_until_gone(1));
  EXPECT_EQ(metric("callslip_refusals_total{reason=\"unread\"}"), 1);
}

// The bound is met while a write is under way that will never end.
TEST_F(HttpPortTest, DropsAPeerThatIsSlowlySentMoreThanItReads) {
  const ExchangePtr exchange = start_unread_stream();
  exchange->write(std::string(30'000'000, 'x'));
  std::this_thread::sleep_for(50ms);  // until the kernel takes no more of it
  for (int i = 0; i < 20; ++i) exchange->write(std::string(100'000, 'x'));
  EXPECT_TRUE(wait_until_gone(1));
  EXPECT_EQ(metric("callslip_refusals_total{reason=\"unread\"}"), 1);
}

TEST_F(HttpPortTest, DropsAPeerThatReadsNothingForALongTime) {
  PortOptions options;
  options.send_timeout = 200ms;
  serve(options);
  WireClient client(transport_->port(), AF_INET, 4096);
  client.write(request("GET", "/kept"));
  const ExchangePtr exchange = take_kept();
  exchange->respond({200, "text/plain", std::string(30'000'000, 'x'), {}});
  EXPECT_TRUE(wait_until_gone(1));
}

TEST_F(HttpPortTest, AnswersLargeBodiesWhole) {
  serve();
  WireClient client = dial();
  client.write(request("GET", "/kept"));
  take_kept()->respond({200, "text/plain", std::string(30'000'000, 'x'), {}});
  EXPECT_TRUE(client.read_response().ends_with(std::string(30'000'000, 'x')));
}

TEST_F(HttpPortTest, AnswersForARouteThatForgets) {
  add_route("GET", "/forgets", [](const ExchangePtr&) {});
  add_route("GET", "/throws", [](const ExchangePtr&) { throw std::runtime_error("a bug"); });
  add_route("GET", "/breaks", [](const ExchangePtr& exchange) {
    exchange->start({200, "text/plain", "half", {}});
  });
  serve();
  EXPECT_THAT(answer_to(request("GET", "/forgets")), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer_to(request("GET", "/throws")), HasSubstr("internal error: a bug"));
  EXPECT_THAT(answer_to(request("GET", "/breaks")), EndsWith("(broken off)"));
}

TEST_F(HttpPortTest, KeepsNoLineEndsInHeaders) {
  add_route("GET", "/split", [](const ExchangePtr& exchange) {
    exchange->respond({200, "text/plain", "", {{"X-Name", "a\r\nSet-Cookie: evil=1"}}});
  });
  serve();
  EXPECT_THAT(answer_to(request("GET", "/split")), HasSubstr("X-Name: a  Set-Cookie: evil=1\r\n"));
}

TEST_F(HttpPortTest, PutsBodiesIntoFilesWhereARouteAsksForIt) {
  std::mutex mutex;
  std::set<std::string> paths;
  add_route("PUT", "/documents/", [&](const ExchangePtr& exchange) {
    const HttpRequest& asked = exchange->request();
    std::ifstream file(asked.body_file, std::ios::binary);
    const std::string body(std::istreambuf_iterator<char>(file), {});
    const std::lock_guard lock(mutex);
    paths.insert(asked.body_file);
    const bool right = body == std::string(body.size(), 'x') && asked.body.empty();
    exchange->respond({201, "text/plain", std::to_string(right ? body.size() : 0), {}});
  });
  routes_.back().body_to_file = true;
  PortOptions options;
  options.max_message_bytes = 1000;  // does not bound files
  options.max_bodies_bytes = 2 << 20;
  serve(options);
  WireClient client = dial();
  for (const std::size_t size : {1U, 262'144U, 5'000'001U}) {
    client.write(request("PUT", "/documents/a", "Content-Length: " + std::to_string(size) + "\r\n",
                         std::string(size, 'x')));
    EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\n" + std::to_string(size)));
  }
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  client.write(
      request("PUT", "/documents/a", "Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n"));
  EXPECT_THAT(client.read_response(), EndsWith("\r\n\r\n1638400"));
  stop();
  for (const std::string& path : paths) {
    EXPECT_FALSE(path.empty());
    // The number of its descriptor may be another's by now.
    const auto holds_body = [&path] {
      std::ifstream file(path, std::ios::binary);
      return std::string(std::istreambuf_iterator<char>(file), {}).substr(0, 1) == "x";
    };
    for (int i = 0; i < 500 && holds_body(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_FALSE(holds_body()) << "went with its exchange";
  }
}

TEST_F(HttpPortTest, BoundsWhatBodiesTakeInAll) {
  PortOptions options;
  options.max_bodies_bytes = 100'000;
  serve(options);
  WireClient first = dial();
  first.write(request("POST", "/echo", "Content-Length: 90001\r\n", std::string(90'000, 'x')));
  EXPECT_TRUE(wait_for_metric("callslip_bytes_total{kind=\"http\",direction=\"in\"}", 90'000));
  EXPECT_THAT(answer_to(post("/echo", std::string(90'000, 'x'))), StartsWith("HTTP/1.1 503 "));
  first.write("x");
  EXPECT_THAT(first.read_response(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer_to(post("/echo", std::string(90'000, 'x'))), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpPortTest, RefusesForeignHostsAndOriginsBeforeAnything) {
  serve();
  EXPECT_THAT(answer_to("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to(request("GET", "/nothing", "Origin: https://evil.example\r\n")),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to(request("GET", "/hello", "Origin: http://localhost:3000\r\n")),
              StartsWith("HTTP/1.1 200 "));
  // A page that was let in may read why it is refused; others may not.
  EXPECT_THAT(answer_to(request("GET", "/nothing", "Origin: http://localhost:3000\r\n")),
              HasSubstr("Access-Control-Allow-Origin: http://localhost:3000\r\n"));
  EXPECT_THAT(answer_to(request("GET", "/nothing", "Origin: https://evil.example\r\n")),
              Not(HasSubstr("Access-Control")));
}

TEST_F(HttpPortTest, PagesOfAllowedOriginsMayAskAndRead) {
  serve();
  const std::string page = "Origin: http://localhost:3000\r\n";
  const std::string asks =
      page + "Access-Control-Request-Method: POST\r\n" +
      "Access-Control-Request-Headers: authorization, mcp-protocol-version\r\n";
  const std::string preflight = answer_to(request("OPTIONS", "/echo", asks));
  EXPECT_THAT(preflight, StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Origin: http://localhost:3000\r\n"));
  EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Methods: POST\r\n"));
  EXPECT_THAT(preflight,
              HasSubstr("Access-Control-Allow-Headers: authorization, mcp-protocol-version\r\n"));
  EXPECT_THAT(answer_to(request("OPTIONS", "/nowhere", asks)), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(answer_to(request("OPTIONS", "/echo",
                                "Origin: https://evil.example\r\n"
                                "Access-Control-Request-Method: POST\r\n")),
              StartsWith("HTTP/1.1 403 "));
  const std::string answer = answer_to(request("GET", "/hello", page));
  EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: http://localhost:3000\r\n"));
  EXPECT_THAT(answer, HasSubstr("Mcp-Session-Id"));
  EXPECT_THAT(answer_to(request("GET", "/hello")), Not(HasSubstr("Access-Control")));
}

TEST_F(HttpPortTest, StopLetsRunningAnswersOutAndEndsIdleConnections) {
  serve();
  WireClient idle = dial();
  idle.write(request("GET", "/hello"));
  idle.read_response();
  WireClient silent = dial();
  WireClient busy = dial();
  busy.write(request("GET", "/kept"));
  const ExchangePtr exchange = take_kept();
  transport_->stop();
  EXPECT_TRUE(idle.ended());
  exchange->respond({200, "text/plain", "done", {}});
  const std::string answer = busy.read_to_end();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\ndone"));
  server_.join();
}

TEST_F(HttpPortTest, ExchangesMayOutliveThePort) {
  PortOptions options;
  options.drain_timeout = 50ms;
  serve(options);
  WireClient client = dial();
  client.write(request("GET", "/kept"));
  const ExchangePtr exchange = take_kept();
  exchange->start({200, "text/event-stream", "", {}});
  stop();
  EXPECT_TRUE(wait_until_gone(1));
  transport_.reset();
  exchange->write("late");
  exchange->end();
}

}  // namespace
}  // namespace callslip
