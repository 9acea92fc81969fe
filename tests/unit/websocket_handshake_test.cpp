#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "port_fixture.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using WebSocketHandshakeTest = PortFixture;

TEST_F(WebSocketHandshakeTest, SelectsTheSubprotocolMcpWhereItIsOffered) {
  serve();
  EXPECT_THAT(handshake(upgrade()), HasSubstr("Sec-WebSocket-Protocol: mcp\r\n"));
  EXPECT_THAT(handshake(upgrade("Sec-WebSocket-Protocol: callslip.bearer.YWJj_-, mcp\r\n")),
              HasSubstr("Sec-WebSocket-Protocol: mcp\r\n"));
  for (const char* headers : {"", "Sec-WebSocket-Protocol: chat, mcp2\r\n"}) {
    const std::string head = handshake(upgrade(headers));
    EXPECT_THAT(head, StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(head, Not(HasSubstr("Sec-WebSocket-Protocol")));
  }
}

TEST_F(WebSocketHandshakeTest, OffersNoCompression) {
  serve();
  EXPECT_THAT(handshake(upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n")),
              Not(HasSubstr("permessage-deflate")));
}

TEST_F(WebSocketHandshakeTest, RefusesForeignOriginsBeforeTheUpgrade) {
  allowed_origins_ = {"https://chat.example"};
  serve();
  for (const char* origin : {"https://evil.example", "null", "http://localhost.evil.example"}) {
    const std::string answer = answer_to(upgrade(std::string("Origin: ") + origin + "\r\n"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 ")) << origin;
    EXPECT_THAT(answer, EndsWith("a foreign Origin\"}\n"));
  }
  for (const char* origin : {"https://chat.example", "http://localhost:3000", "http://[::1]:9"}) {
    EXPECT_THAT(handshake(upgrade(std::string("Origin: ") + origin + "\r\n")),
                StartsWith("HTTP/1.1 101 "))
        << origin;
  }
}

TEST_F(WebSocketHandshakeTest, RefusesForeignHosts) {
  allowed_hosts_ = {"box.lan"};
  serve();
  EXPECT_THAT(answer_to(upgrade("", "/mcp", "Host: evil.example:8137\r\n")),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to(upgrade("", "/mcp", "Host: localhost\r\nHost: evil.example\r\n")),
              Not(HasSubstr(" 101 ")));
  EXPECT_THAT(answer_to(upgrade("", "/mcp", "")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(handshake(upgrade("", "/mcp", "Host: box.lan:8137\r\n")),
              StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(handshake(upgrade("", "/mcp", "Host: [::1]:8137\r\n")), StartsWith("HTTP/1.1 101 "));
}

TEST_F(WebSocketHandshakeTest, ServesOneEndpoint) {
  serve();
  EXPECT_THAT(answer_to(upgrade("", "/other")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(answer_to(upgrade("", "/mcp/x")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(handshake(upgrade("", "/mcp?from=test")), StartsWith("HTTP/1.1 101 "));
}

TEST_F(WebSocketHandshakeTest, TellsHttpClientsWhatThisIs) {
  serve();
  const std::string hint = answer_to("GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(hint, StartsWith("HTTP/1.1 426 "));
  EXPECT_THAT(hint, HasSubstr("Upgrade: websocket\r\n"));
  EXPECT_THAT(hint, HasSubstr("connect to ws://HOST:PORT/mcp"));
  EXPECT_THAT(answer_to("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 426 "));
}

TEST_F(WebSocketHandshakeTest, SpeaksOnlyTheVersionOfTheRfc) {
  serve();
  for (const char* version : {"", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: x\r\n"}) {
    const std::string answer = answer_to(
        std::string("GET /mcp HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
        version + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 426 ")) << version;
    EXPECT_THAT(answer, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  }
}

TEST_F(WebSocketHandshakeTest, AcceptsAHandshakeByteByByteAndAMessageRightBehindIt) {
  serve();
  WireClient client = dial();
  for (const char byte : upgrade()) client.write(std::string(1, byte));
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
  WireClient hasty = dial();
  hasty.write(upgrade() + frame(text, "early"));
  EXPECT_THAT(hasty.read_head(), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(hasty.read_frame().payload, "echo early");
}

TEST_F(WebSocketHandshakeTest, DropsAHandshakeThatIsNotCompleted) {
  PortOptions options;
  options.head_timeout = 1s;
  serve(options);
  EXPECT_THAT(answer_to("GET /mcp HTTP/1.1\r\nHost: loc"), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(dial().read_to_end(), "") << "who says nothing is told nothing";
}

}  // namespace
}  // namespace callslip
