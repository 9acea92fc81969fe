#include "bench/bare_curl_loop.h"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace callslip {
namespace {

std::size_t count_bytes(char*, std::size_t size, std::size_t count, void* total) {
  *static_cast<std::size_t*>(total) += size * count;
  return size * count;
}

struct CleanUp {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct CleanUpMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

void run_bare_curl_loop(const std::string& url, const std::string& body, std::size_t calls,
                        std::size_t concurrency) {
  const std::unique_ptr<curl_slist, CleanUp> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"));
  std::size_t bytes = 0;
  std::vector<std::unique_ptr<CURL, CleanUp>> handles;
  const std::unique_ptr<CURLM, CleanUpMulti> multi(curl_multi_init());
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(concurrency));
  std::size_t started = 0;
  for (; started < calls && started < concurrency; ++started) {
    CURL* const easy = curl_easy_init();
    handles.emplace_back(easy);
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &count_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&bytes));
    curl_multi_add_handle(multi.get(), easy);
  }
  for (std::size_t ended = 0; ended < calls;) {
    int running = 0;
    curl_multi_perform(multi.get(), &running);
    int left = 0;
    bool any = false;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;
      long status = 0;
      long os_error = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
      curl_multi_remove_handle(multi.get(), easy);
      if (code != CURLE_OK || status != 200) {
        throw std::runtime_error("the bare loop: " + std::string(curl_easy_strerror(code)) +
                                 ", HTTP " + std::to_string(status) + ", errno " +
                                 std::to_string(os_error));
      }
      any = true;
      ++ended;
      if (started < calls) {
        ++started;
        curl_multi_add_handle(multi.get(), easy);
      }
    }
    if (!any) curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
  }
  for (const auto& easy : handles) curl_multi_remove_handle(multi.get(), easy.get());
}

}  // namespace callslip
