// clang-format off: Boost 1.74's awaitable.hpp needs <utility> before it.
#include <utility>
// clang-format on

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <iostream>
#include <memory>

#include "bench/echo_server.h"

namespace callslip::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const std::string& reply)
      : stream_(std::move(socket)), reply_(reply) {
    stream_.socket().set_option(tcp::no_delay(true));
  }

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](boost::beast::error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.body() = reply_;
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](boost::beast::error_code error, std::size_t) {
                        if (!error) self->read();
                      });
  }

  boost::beast::tcp_stream stream_;
  const std::string& reply_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(tcp::acceptor& acceptor, const std::string& reply) {
  acceptor.async_accept([&](boost::system::error_code error, tcp::socket socket) {
    if (!error) std::make_shared<Connection>(std::move(socket), reply)->read();
    accept(acceptor, reply);
  });
}

}  // namespace

void echo_over_http(const std::string& reply) {
  asio::io_context io(1);
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  std::cout << acceptor.local_endpoint().port() << std::endl;
  accept(acceptor, reply);
  io.run();
}

}  // namespace callslip::bench
