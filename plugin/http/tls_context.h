// What a TLS server needs: its certificate and key, and nothing older than TLS 1.2.
//
// TlsCertificate: one thread at a time. Contexts may be shared by threads.
#pragma once

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "index/result.h"

namespace callslip::port {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

class TlsCertificate {
 public:
  /// From PEM files: the chain with the server's own certificate first, and its key. Errors name
  /// the option that is to be put right.
  static Result<TlsCertificate> open(std::string certificate, std::string key);

  TlsContext context() const { return context_; }

  /// Looks whether the files are others by now, as those of a certificate that was renewed. Null:
  /// no. An error, told once a change: they are, and cannot be served; what was read before can.
  Result<TlsContext> renewed();

 private:
  struct Stamp {
    std::array<std::int64_t, 8> values{};
    bool operator==(const Stamp&) const = default;
  };
  TlsCertificate(std::string certificate, std::string key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  Stamp stamp() const;
  Result<TlsContext> read() const;

  std::string certificate_;  // paths
  std::string key_;
  TlsContext context_;
  Stamp seen_;
};

}  // namespace callslip::port
