#include "plugin/access/http_get.h"

#include <curl/curl.h>

#include <memory>

namespace callslip {
namespace {

struct Transfer {
  std::string body;
  std::size_t max_bytes = 0;
  bool too_large = false;
  const std::stop_token* stop = nullptr;
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  transfer.too_large = transfer.body.size() + size * count > transfer.max_bytes;
  if (transfer.too_large) return 0;
  transfer.body.append(bytes, size * count);
  return size * count;
}

int watch(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->stop->stop_requested() ? 1 : 0;
}

}  // namespace

Result<std::string> http_get(const std::string& url, std::size_t max_bytes,
                             std::chrono::milliseconds timeout, const std::stop_token& stop) {
  // Once, by whoever comes first; others of this process do the same.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  const auto failed = [&url](const std::string& why) {
    return Error{ErrorKind::unavailable, url + ": " + why};
  };
  if (started != CURLE_OK || !easy) return failed("libcurl does not start");
  Transfer transfer;
  transfer.max_bytes = max_bytes;
  transfer.stop = &stop;
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFOFUNCTION, &watch);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail);
  const CURLcode code = curl_easy_perform(easy.get());
  if (transfer.too_large) {
    return failed("answers more than " + std::to_string(max_bytes) + " bytes");
  }
  if (code != CURLE_OK) return failed(detail[0] != '\0' ? detail : curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 404) return Error{ErrorKind::not_found, url + ": answers 404"};
  if (status != 200) return failed("answers " + std::to_string(status));
  return std::move(transfer.body);
}

}  // namespace callslip
