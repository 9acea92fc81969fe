#include "plugin/http/tls_context.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace callslip::port {
namespace {

Error refuse(const std::string& option, const std::string& file, const std::string& reason) {
  return {ErrorKind::io, "--" + option + " " + file + ": " + reason};
}

Status check_readable(const std::string& option, const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return refuse(option, file, std::string("cannot be read: ") + std::strerror(errno));
  ::close(fd);
  return {};
}

/// Clients that also speak HTTP/2 are told what is spoken here.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned int in_size, void* /*unused*/) {
  static constexpr std::array<unsigned char, 9> kOurs{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs.data(), kOurs.size(), in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<TlsCertificate> TlsCertificate::open(std::string certificate, std::string key) {
  if (certificate.empty() || key.empty()) {
    return Error{ErrorKind::invalid_argument,
                 "TLS needs both --tls-cert and --tls-key; only one of them was given"};
  }
  TlsCertificate opened(std::move(certificate), std::move(key));
  opened.seen_ = opened.stamp();
  auto context = opened.read();
  if (!context) return context.error();
  opened.context_ = std::move(context).value();
  return opened;
}

Result<TlsContext> TlsCertificate::renewed() {
  const Stamp now = stamp();
  if (now == seen_) return TlsContext();
  seen_ = now;
  auto context = read();
  if (context) context_ = *context;
  return context;
}

/// Of both files: which ones they are, and how old.
TlsCertificate::Stamp TlsCertificate::stamp() const {
  Stamp stamp;
  std::size_t at = 0;
  for (const std::string* file : {&certificate_, &key_}) {
    struct stat status {};
    if (::stat(file->c_str(), &status) != 0) status.st_ino = 0;
    stamp.values[at++] = static_cast<std::int64_t>(status.st_ino);
    stamp.values[at++] = status.st_mtim.tv_sec;
    stamp.values[at++] = status.st_mtim.tv_nsec;
    stamp.values[at++] = status.st_size;
  }
  return stamp;
}

Result<TlsContext> TlsCertificate::read() const {
  namespace ssl = boost::asio::ssl;
  const std::string& certificate = certificate_;
  const std::string& key = key_;
  if (Status s = check_readable("tls-cert", certificate); !s) return s.error();
  if (Status s = check_readable("tls-key", key); !s) return s.error();
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  // No passphrase is asked for: nobody may be at the terminal.
  SSL_CTX_set_default_passwd_cb(native, [](char*, int, int, void*) { return 0; });
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(native, certificate.c_str()) != 1) {
    return refuse("tls-cert", certificate, "is not a certificate in PEM form");
  }
  if (SSL_CTX_use_PrivateKey_file(native, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long why = ERR_peek_last_error();
    if (ERR_GET_REASON(why) == X509_R_KEY_VALUES_MISMATCH && ERR_GET_LIB(why) == ERR_LIB_X509) {
      return refuse("tls-key", key, "is not the key of the certificate in " + certificate);
    }
    return refuse("tls-key", key, "is not a key in PEM form without a passphrase");
  }
  if (SSL_CTX_check_private_key(native) != 1) {
    return refuse("tls-key", key, "is not the key of the certificate in " + certificate);
  }
  ERR_clear_error();
  return context;
}

}  // namespace callslip::port
