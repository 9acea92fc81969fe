// UrlFetch: one document from the public internet, for add_document with --allow-fetch.
//
// Whoever may call it makes this machine send requests, so: http and https only, no credentials,
// no proxies, and every socket's address is judged before it connects, on each hop of a redirect.
// Bounded in size, time and hops; what cannot be a document (images, video) is refused by its type.
// Any number of threads may fetch at once.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "index/result.h"
#include "tools/call_context.h"

namespace callslip {

struct FetchedUrl {
  std::string bytes;
  std::string media_type;
  std::string file_name;  // that fits it; never empty
  std::string url;        // where it was in the end
};

class UrlFetch {
 public:
  struct Options {
    std::uint64_t max_bytes = 128ULL << 20;
    std::chrono::milliseconds timeout{25'000};  // clients give up after 60 s
    std::chrono::milliseconds connect_timeout{5'000};
    long slowest = 1024;  // bytes a second, over `slowest_for`
    std::chrono::seconds slowest_for{8};
    int max_redirects = 5;
    /// Whether a socket may connect there; empty: public addresses, and the ports of the web.
    std::function<bool(const sockaddr& address)> allows;
  };

  explicit UrlFetch(Options options);

  /// Errors: invalid_argument (the URL, or where it leads), unsupported (the type, the size),
  /// unavailable (the other side), cancelled.
  Result<FetchedUrl> fetch(const std::string& url, const CallContext& context) const;

 private:
  const Options options_;
};

/// The name that a download should have: by Content-Disposition, else the URL's path, else its
/// host; with the extension of the media type.
std::string file_name_of(const std::string& url, const std::string& disposition,
                         const std::string& media_type);

}  // namespace callslip
