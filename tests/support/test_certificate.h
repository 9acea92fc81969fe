// TestCertificate: a key and a self-signed certificate for 127.0.0.1 and localhost, as PEM.
//
// Made anew each time: nothing secret stands in the repository, and nothing expires there.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace callslip::testing_support {

class TestCertificate {
 public:
  TestCertificate() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    if (!key || !certificate) throw std::runtime_error("no key");
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
    X509_set_pubkey(x, key.get());
    X509_NAME* name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(x, name);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost"),
        X509_EXTENSION_free);
    X509_add_ext(x, names.get(), -1);
    X509_sign(x, key.get(), EVP_sha256());
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_X509(out.get(), x);
    certificate_ = taken(out.get());
    PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    key_ = taken(out.get());
  }

  const std::string& certificate() const { return certificate_; }
  const std::string& key() const { return key_; }

  /// FOLDER/cert.pem and FOLDER/key.pem.
  void write(const std::string& folder) const {
    std::ofstream(folder + "/cert.pem") << certificate_;
    std::ofstream(folder + "/key.pem") << key_;
  }

 private:
  static std::string taken(BIO* memory) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    BIO_reset(memory);
    return text;
  }

  std::string certificate_;
  std::string key_;
};

}  // namespace callslip::testing_support
