// TlsClient: bytes over TLS, blocking; trusts the certificate that it is given and nothing else.
//
// Belongs to one thread. A failure is an error() to look at, or fewer bytes.
#pragma once

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace callslip::testing_support {

class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::string& certificate, int newest = 0)
      : context_(boost::asio::ssl::context::tls_client) {
    context_.add_certificate_authority(boost::asio::buffer(certificate));
    context_.set_verify_mode(boost::asio::ssl::verify_peer);
    if (newest != 0) SSL_CTX_set_max_proto_version(context_.native_handle(), newest);
    SSL_CTX_set_min_proto_version(context_.native_handle(), 0);
    SSL_CTX_set_security_level(context_.native_handle(), 0);
    stream_ =
        std::make_unique<boost::asio::ssl::stream<boost::asio::ip::tcp::socket>>(io_, context_);
    stream_->set_verify_callback(boost::asio::ssl::host_name_verification("localhost"));
    stream_->next_layer().connect({boost::asio::ip::address_v4::loopback(), port});
    stream_->handshake(boost::asio::ssl::stream_base::client, error_);
  }

  bool shaken() const { return !error_; }
  std::string version() const { return SSL_get_version(stream_->native_handle()); }

  bool write(const std::string& bytes) {
    boost::asio::write(*stream_, boost::asio::buffer(bytes), error_);
    return !error_;
  }
  /// So many bytes; fewer at the end.
  std::string read(std::size_t bytes) {
    std::string result(bytes, '\0');
    result.resize(boost::asio::read(*stream_, boost::asio::buffer(result), error_));
    return result;
  }
  std::string read_head() {
    std::string result;
    while (!result.ends_with("\r\n\r\n")) {
      const std::string byte = read(1);
      if (byte.empty()) break;
      result += byte;
    }
    return result;
  }
  const boost::system::error_code& error() const { return error_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ssl::context context_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket>> stream_;
  boost::system::error_code error_;
};

}  // namespace callslip::testing_support
