#include "plugin/http/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/v6_only.hpp>
#include <string>
#include <utility>

namespace callslip::port {
namespace {

Error listen_error(const PortOptions& options, const ErrorCode& error) {
  const std::string port = std::to_string(options.port);
  if (error == asio::error::address_in_use) {
    return {ErrorKind::io,
            "port " + port + " is in use; stop the other server or pass --listen 127.0.0.1:0"};
  }
  if (error == asio::error::access_denied) {
    return {ErrorKind::io, "port " + port + " may not be bound by this user; pass one above 1023"};
  }
  if (error == boost::system::errc::address_not_available) {
    return {ErrorKind::invalid_argument, "'" + options.address +
                                             "' is not an address of this machine; pass --listen "
                                             "127.0.0.1:" +
                                             port};
  }
  return {ErrorKind::io,
          "listening on " + options.address + ", port " + port + ": " + error.message()};
}

Result<tcp::endpoint> resolve(asio::io_context& io, const PortOptions& options) {
  std::string name = options.address;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(name, error);
  if (!error) return tcp::endpoint(address, options.port);
  // Without a name service too, and not ::1, where half of the clients would not look.
  if (name == "localhost") return tcp::endpoint(asio::ip::address_v4::loopback(), options.port);
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(name, std::to_string(options.port), error);
  if (error || found.empty()) {
    return Error{ErrorKind::invalid_argument,
                 "cannot listen on '" + options.address + "': no such name or address"};
  }
  return found.begin()->endpoint();
}

/// Answers stay small and quick; and a peer that vanishes without a word (a suspended laptop, a
/// pulled plug) is noticed by the kernel within about two minutes, at no cost to us.
void tune(Socket& socket) {
  ErrorCode ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  using asio::detail::socket_option::integer;
  socket.set_option(integer<IPPROTO_TCP, TCP_KEEPIDLE>(60), ignored);
  socket.set_option(integer<IPPROTO_TCP, TCP_KEEPINTVL>(15), ignored);
  socket.set_option(integer<IPPROTO_TCP, TCP_KEEPCNT>(4), ignored);
}

}  // namespace

Status Listener::listen(const PortOptions& options) {
  const Result<tcp::endpoint> endpoint = resolve(io_, options);
  if (!endpoint) return endpoint.error();
  const asio::ip::address address = endpoint->address();
  ErrorCode error;
  acceptor_.open(endpoint->protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && address.is_v6() && address.is_unspecified()) {
    acceptor_.set_option(asio::ip::v6_only(false), error);  // every address means IPv4 too
  }
  if (!error) acceptor_.bind(*endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return listen_error(options, error);
  port_ = acceptor_.local_endpoint(error).port();
  return {};
}

void Listener::start(Taker taker) {
  taker_ = std::move(taker);
  accept();
}

void Listener::close() {
  ErrorCode ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept() {
  acceptor_.async_accept([this](const ErrorCode& error, Socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      ErrorCode gone;
      const tcp::endpoint peer = socket.remote_endpoint(gone);
      if (!gone) {
        tune(socket);
        taker_(std::move(socket), peer.address());
      }
      return accept();
    }
    // Out of descriptors, most likely. The listener stays readable: without a pause this spins.
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled && acceptor_.is_open()) accept();
    });
  });
}

}  // namespace callslip::port
