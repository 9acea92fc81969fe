// What a TLS server needs: its certificate and key, and nothing older than TLS 1.2.
//
// A function: any thread. The context may be shared by threads.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "index/result.h"

namespace callslip::port {

/// From PEM files: the chain with the server's own certificate first, and its key. Errors name the
/// option that is to be put right.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const std::string& certificate,
                                                                    const std::string& key);

}  // namespace callslip::port
