#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "port_fixture.h"

namespace callslip {
namespace {

using WebSocketFrameTest = PortFixture;

TEST_F(WebSocketFrameTest, EchoesMessagesOfAllSizes) {
  serve();
  WireClient client = open();
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 3000000U}) {
    const std::string message(size, 'm');
    client.write(frame(text, message));
    const Frame answer = client.read_frame();
    EXPECT_EQ(answer.opcode, text);
    EXPECT_EQ(answer.payload.size(), size + 5);
    EXPECT_TRUE(answer.payload == "echo " + message);
  }
}

TEST_F(WebSocketFrameTest, PutsFragmentsTogetherAndAnswersAPingBetweenThem) {
  serve();
  WireClient client = open();
  client.write(frame(text, "one ", false) + frame(ping, "are you there") +
               frame(0, "t\xc3", false) + frame(0, "\xa9 three"));
  const Frame first = client.read_frame();
  EXPECT_EQ(first.opcode, pong);
  EXPECT_EQ(first.payload, "are you there");
  EXPECT_EQ(client.read_frame().payload, "echo one t\xc3\xa9 three");
}

TEST_F(WebSocketFrameTest, ClosesOnABinaryFrame) {
  serve();
  WireClient client = open();
  client.write(frame(binary, "\x01\x02"));
  EXPECT_EQ(client.read_frame().close_code(), 1003);
  client.write(frame(closing, "\x03\xeb"));
  EXPECT_EQ(client.read_frame().opcode, -1);
  EXPECT_TRUE(handler_.wait_until_closed(1));
}

TEST_F(WebSocketFrameTest, ClosesOnTextThatIsNotUtf8) {
  serve();
  for (const char* bad : {"\xff", "\xc3", "\xed\xa0\x80"}) {
    WireClient client = open();
    client.write(frame(text, bad));
    EXPECT_EQ(client.read_frame().close_code(), 1007);
  }
}

TEST_F(WebSocketFrameTest, ClosesOnFramesThatBreakTheProtocol) {
  serve();
  for (const std::string& bad :
       {frame(0, "continues nothing"), frame(3, "reserved"), frame(ping, std::string(126, 'p')),
        frame(text, "a", false) + frame(text, "b"),
        std::string("\x81\x01"
                    "a"),
        std::string("\xc1") + frame(text, "rsv1").substr(1)}) {
    WireClient client = open();
    client.write(bad);
    EXPECT_EQ(client.read_frame().close_code(), 1002);
  }
}

TEST_F(WebSocketFrameTest, ClosesOnAMessageThatIsTooBig) {
  PortOptions options;
  options.max_message_bytes = 1000;
  serve(options);
  WireClient fits = open();
  fits.write(frame(text, std::string(1000, 'x')));
  EXPECT_EQ(fits.read_frame().payload.size(), 1005U);
  WireClient whole = open();
  whole.write(frame(text, std::string(1001, 'x')));
  EXPECT_EQ(whole.read_frame().close_code(), 1009);
  WireClient pieces = open();
  pieces.write(frame(text, std::string(600, 'x'), false) + frame(0, std::string(401, 'x')));
  EXPECT_EQ(pieces.read_frame().close_code(), 1009);
}

TEST_F(WebSocketFrameTest, RefusesAHugeFrameByItsHeader) {
  serve();
  WireClient client = open();
  client.write(frame_head(text, 100'000'000));
  EXPECT_EQ(client.read_frame().close_code(), 1009);
}

TEST_F(WebSocketFrameTest, TheReasonReachesAPeerThatIsStillSending) {
  serve();
  WireClient client = open();
  // Sent in full before anything is read, as many clients do. A reset would lose the close frame.
  EXPECT_TRUE(client.write(frame(text, std::string(20'000'000, 'x'))));
  EXPECT_EQ(client.read_frame().close_code(), 1009);
}

TEST_F(WebSocketFrameTest, ALengthThatWrapsAroundIsTooBig) {
  PortOptions options;
  options.max_message_bytes = 1000;
  serve(options);
  WireClient client = open();
  client.write(frame(text, std::string(100, 'x'), false) + frame_head(0, ~std::uint64_t{0} - 49));
  EXPECT_EQ(client.read_frame().close_code(), 1009);
}

}  // namespace
}  // namespace callslip
