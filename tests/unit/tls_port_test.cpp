// The port through TLS: HTTP and WebSocket alike.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "port_fixture.h"
#include "scratch_directory.h"
#include "tests/support/test_certificate.h"
#include "tests/support/tls_client.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ExchangePtr = std::shared_ptr<HttpExchange>;
using testing_support::TlsClient;

constexpr const char* kHello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

class TlsPortTest : public PortFixture {
 protected:
  TlsPortTest() {
    add_route("GET", "/hello", [](const ExchangePtr& exchange) {
      exchange->respond({200, "text/plain", exchange->request().secure ? "secure" : "plain", {}});
    });
    add_route("GET", "/big", [](const ExchangePtr& exchange) {
      exchange->respond({200, "text/plain", std::string(5'000'000, 'x'), {}});
    });
    certificate_.write(folder_.path());
  }

  PortOptions options() const {
    PortOptions result;
    result.tls_cert = folder_.path() + "/cert.pem";
    result.tls_key = folder_.path() + "/key.pem";
    return result;
  }

  TlsClient dial_tls(int newest = 0) {
    return {transport_->port(), certificate_.certificate(), newest};
  }

  std::string refusal(const PortOptions& wrong) {
    const OriginGate gate("127.0.0.1", {}, {});
    const auto listening = PortTransport::listen(wrong, gate, {}, metrics_);
    return listening.ok() ? "" : listening.error().message;
  }

  ScratchDirectory folder_;
  const testing_support::TestCertificate certificate_;
};

TEST_F(TlsPortTest, ServesHttpOneRequestAfterAnother) {
  serve(options());
  TlsClient client = dial_tls();
  ASSERT_TRUE(client.shaken()) << client.error().message();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.write(kHello));
    EXPECT_THAT(client.read_head(), HasSubstr("Content-Length: 6\r\n"));
    EXPECT_EQ(client.read(6), "secure");
  }
  client.write("GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_head(), HasSubstr("Content-Length: 5000000\r\n"));
  EXPECT_EQ(client.read(5'000'000), std::string(5'000'000, 'x'));
  EXPECT_EQ(client.read(1), "");
  EXPECT_EQ(client.error(), boost::asio::error::eof) << "said goodbye, as TLS asks for";
}

TEST_F(TlsPortTest, ARenewedCertificateIsServedAndABrokenOneIsNot) {
  PortOptions brief = options();
  brief.renewal_checks = 10ms;
  struct Log {
    std::mutex mutex;
    std::string text;
  };
  const auto log = std::make_shared<Log>();  // the port goes on logging after this function
  brief.log = [log](const std::string& message) {
    const std::lock_guard lock(log->mutex);
    log->text += message + "\n";
  };
  serve(brief);
  TlsClient before = dial_tls();
  ASSERT_TRUE(before.shaken()) << before.error().message();
  const testing_support::TestCertificate renewed;
  renewed.write(folder_.path());
  // The client trusts nothing but the new one.
  const auto dial_renewed = [&] {
    return TlsClient(transport_->port(), renewed.certificate()).shaken();
  };
  while (!dial_renewed()) std::this_thread::sleep_for(5ms);
  ASSERT_TRUE(before.write(kHello));
  EXPECT_THAT(before.read_head(), HasSubstr("Content-Length: 6\r\n"));

  std::ofstream(folder_.path() + "/cert.pem") << "broken";
  for (bool told = false; !told; std::this_thread::sleep_for(5ms)) {
    const std::lock_guard lock(log->mutex);
    told =
        log->text.find("is not a certificate in PEM form; the certificate that was read before") !=
        std::string::npos;
  }
  EXPECT_TRUE(dial_renewed());
}

TEST_F(TlsPortTest, ServesWebSockets) {
  serve(options());
  TlsClient client = dial_tls();
  // A message right behind the handshake is not lost.
  ASSERT_TRUE(client.write(upgrade() + frame(text, "early")));
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(client.read(12),
            "\x81\x0a"
            "echo early");
  const std::string big(3'000'000, 'b');
  ASSERT_TRUE(client.write(frame(text, big)));
  client.read(10);
  EXPECT_EQ(client.read(big.size() + 5), "echo " + big);
  client.write(frame(closing, "\x03\xe8"));
  EXPECT_EQ(client.read(4), "\x88\x02\x03\xe8");
  EXPECT_EQ(client.read(1), "");
  EXPECT_TRUE(handler_.wait_until_closed(1));
}

TEST_F(TlsPortTest, SpeaksTls12And13AndNothingOlder) {
  serve(options());
  EXPECT_EQ(dial_tls().version(), "TLSv1.3");
  EXPECT_EQ(dial_tls(TLS1_2_VERSION).version(), "TLSv1.2");
  EXPECT_FALSE(dial_tls(TLS1_1_VERSION).shaken());
  EXPECT_TRUE(wait_for_metric("callslip_refusals_total{reason=\"tls\"}", 1));
}

TEST_F(TlsPortTest, TellsWhoSpeaksPlainHttp) {
  serve(options());
  const std::string answer = answer_to(kHello);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("https://"));
}

TEST_F(TlsPortTest, BoundsTheTimeOfAHandshake) {
  PortOptions slow = options();
  slow.handshake_timeout = 200ms;
  serve(slow);
  WireClient silent = dial();
  WireClient half = dial();
  half.write("\x16\x03\x01\x02");
  TlsClient client = dial_tls();
  ASSERT_TRUE(client.write(kHello));
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 200 ")) << "others are served meanwhile";
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(half.ended());
}

TEST_F(TlsPortTest, ManyClientsAtOnce) {
  serve(options());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < 5; ++j) {
        TlsClient client = dial_tls();
        ASSERT_TRUE(client.shaken());
        if (i % 2 == 0) {
          client.write(kHello);
          EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 200 "));
        } else {
          client.write(upgrade() + frame(text, "x"));
          EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
          EXPECT_THAT(client.read(8), EndsWith("echo x"));
        }
      }
    });
  }
}

TEST_F(TlsPortTest, StopsWhileHandshakesAreUnderWay) {
  serve(options());
  const WireClient silent = dial();
  TlsClient client = dial_tls();
  client.write(upgrade());
  client.read_head();
  stop();
  transport_.reset();
}

TEST_F(TlsPortTest, SaysWhatIsWrongWithACertificateOrAKey) {
  PortOptions wrong = options();
  wrong.tls_key.clear();
  EXPECT_EQ(refusal(wrong), "TLS needs both --tls-cert and --tls-key; only one of them was given");
  wrong = options();
  wrong.tls_cert = folder_.path() + "/none.pem";
  EXPECT_EQ(refusal(wrong),
            "--tls-cert " + wrong.tls_cert + ": cannot be read: No such file or directory");
  wrong = options();
  std::swap(wrong.tls_cert, wrong.tls_key);
  EXPECT_EQ(refusal(wrong), "--tls-cert " + wrong.tls_cert + ": is not a certificate in PEM form");
  wrong = options();
  wrong.tls_key = wrong.tls_cert;
  EXPECT_EQ(refusal(wrong),
            "--tls-key " + wrong.tls_key + ": is not a key in PEM form without a passphrase");
  const std::string other = folder_.path() + "/other.pem";
  std::ofstream(other) << testing_support::TestCertificate().key();
  wrong = options();
  wrong.tls_key = other;
  EXPECT_EQ(refusal(wrong),
            "--tls-key " + other + ": is not the key of the certificate in " + wrong.tls_cert);
}

}  // namespace
}  // namespace callslip
