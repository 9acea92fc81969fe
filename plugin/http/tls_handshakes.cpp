#include "plugin/http/tls_handshakes.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/error.hpp>
#include <utility>

namespace callslip::port {

/// Kept by what is outstanding on the handshakes' thread, and by the post that brings it back.
struct TlsHandshakes::Handshake {
  Handshake(asio::io_context& own_io, std::unique_ptr<PortStream> carried, Done when_done)
      : stream(std::move(carried)), done(std::move(when_done)), timer(own_io) {}

  std::unique_ptr<PortStream> stream;
  Done done;
  Timer timer;
};

TlsHandshakes::TlsHandshakes(asio::io_context& io, TlsCertificate certificate, Options options)
    : io_(io),
      options_(std::move(options)),
      context_(certificate.context()),
      certificate_(std::move(certificate)) {
  look_for_renewal();
  thread_ = std::jthread([this] { own_io_.run(); });
}

void TlsHandshakes::look_for_renewal() {
  renewal_.expires_after(options_.renewal_checks);
  renewal_.async_wait([this](const ErrorCode& cancelled) {
    if (cancelled) return;
    auto renewed = certificate_.renewed();
    if (!renewed && options_.log) {
      options_.log(renewed.error().message + "; the certificate that was read before is served on");
    }
    // The post may outlive us: it is run by the port, which ends with us.
    if (renewed && *renewed) {
      asio::post(io_, [this, context = std::move(renewed).value()] { context_ = context; });
    }
    look_for_renewal();
  });
}

TlsHandshakes::~TlsHandshakes() { own_io_.stop(); }

void TlsHandshakes::start(std::unique_ptr<PortStream> stream, Done done) {
  stream->secure(*context_);
  auto handshake = std::make_shared<Handshake>(own_io_, std::move(stream), std::move(done));
  if (!handshake->stream->move_to(own_io_)) return;
  asio::post(own_io_, [this, handshake = std::move(handshake)] { shake(handshake); });
}

void TlsHandshakes::shake(const std::shared_ptr<Handshake>& handshake) {
  handshake->timer.expires_after(options_.timeout);
  handshake->timer.async_wait([handshake](const ErrorCode& cancelled) {
    if (!cancelled && handshake->stream) handshake->stream->cancel();
  });
  handshake->stream->tls().async_handshake(asio::ssl::stream_base::server,
                                           [this, handshake](const ErrorCode& error) {
                                             handshake->timer.cancel();
                                             give_back(handshake, error);
                                           });
}

void TlsHandshakes::give_back(const std::shared_ptr<Handshake>& handshake, ErrorCode error) {
  // What the stream counts in is the I/O thread's: it must not end here.
  if (!handshake->stream->move_to(io_)) error = asio::error::not_connected;
  asio::post(io_, [stream = std::move(handshake->stream), done = std::move(handshake->done),
                   error]() mutable { done(std::move(stream), error); });
}

bool TlsHandshakes::was_plain_http(const ErrorCode& error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
}

}  // namespace callslip::port
