#include "plugin/http/port_stream.h"

#include <openssl/ssl.h>

namespace callslip::port {
namespace {

/// How long a connection that has ended may linger.
constexpr std::chrono::seconds kLinger{2};

}  // namespace

void PortStream::secure(asio::ssl::context& context) {
  tls_ = std::make_unique<TlsStream>(socket_, context);
  SSL_set_mode(tls_->native_handle(), SSL_MODE_RELEASE_BUFFERS);  // thousands may be idle
}

bool PortStream::move_to(asio::io_context& io) {
  ErrorCode error;
  const tcp::endpoint local = socket_.local_endpoint(error);
  if (error) return false;
  const Socket::native_handle_type descriptor = socket_.release(error);
  if (error) return false;
  socket_ = Socket(io, local.protocol(), descriptor);
  return true;
}

void PortStream::cancel() {
  ErrorCode ignored;
  socket_.cancel(ignored);
  hold_.cancel();
}

void PortStream::close() {
  ErrorCode ignored;
  socket_.close(ignored);
  hold_.cancel();
}

void PortStream::finish(std::shared_ptr<void> owner) {
  place.reset();
  cancel();
  // Behind the handlers of what was cancelled: TLS does not take two reads at a time.
  asio::post(socket_.get_executor(), [this, owner = std::move(owner)] { say_goodbye(owner); });
}

void PortStream::say_goodbye(const std::shared_ptr<void>& owner) {
  if (linger_ || !socket_.is_open()) return;
  linger_ = std::make_unique<Linger>(socket_.get_executor());
  linger_->timer.expires_after(kLinger);
  linger_->timer.async_wait([this, owner](const ErrorCode& cancelled) {
    if (!cancelled) close();
  });
  if (!tls_) return end_sending(owner);
  // Fails where the peer goes on sending; our close_notify has gone out then.
  tls_->async_shutdown([this, owner](const ErrorCode&) { end_sending(owner); });
}

void PortStream::end_sending(const std::shared_ptr<void>& owner) {
  ErrorCode error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (!error) return discard(owner);
  linger_->timer.cancel();
  close();
}

void PortStream::discard(const std::shared_ptr<void>& owner) {
  socket_.async_read_some(asio::buffer(linger_->scratch),
                          [this, owner](const ErrorCode& error, std::size_t) {
                            if (!error) return discard(owner);
                            linger_->timer.cancel();
                            close();
                          });
}

}  // namespace callslip::port
