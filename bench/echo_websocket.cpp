#include <cstdint>
#include <iostream>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>

#include "bench/echo_server.h"

namespace callslip::bench {
namespace {

struct Config : websocketpp::config::asio {
  using alog_type = websocketpp::log::stub;
  using elog_type = websocketpp::log::stub;
  using concurrency_type = websocketpp::concurrency::none;
  static const bool enable_multithreading = false;
  // The library's name for it. NOLINTNEXTLINE(readability-identifier-naming)
  struct transport_config : websocketpp::config::asio::transport_config {
    using alog_type = websocketpp::log::stub;
    using elog_type = websocketpp::log::stub;
    using concurrency_type = websocketpp::concurrency::none;
    static const bool enable_multithreading = false;
  };
  using transport_type = websocketpp::transport::asio::endpoint<transport_config>;
};

using Server = websocketpp::server<Config>;

}  // namespace

void echo_over_websocket(const std::string& reply) {
  Server server;
  server.init_asio();
  server.set_reuse_addr(true);
  server.set_validate_handler([&](websocketpp::connection_hdl handle) {
    const auto connection = server.get_con_from_hdl(handle);
    if (!connection->get_requested_subprotocols().empty()) {
      connection->select_subprotocol(connection->get_requested_subprotocols().front());
    }
    return true;
  });
  server.set_message_handler([&](websocketpp::connection_hdl handle, const Server::message_ptr&) {
    server.send(handle, reply, websocketpp::frame::opcode::text);
  });
  server.listen(boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  websocketpp::lib::asio::error_code error;
  std::cout << server.get_local_endpoint(error).port() << std::endl;
  server.start_accept();
  server.run();
}

}  // namespace callslip::bench
