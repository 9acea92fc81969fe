#include "bench/peer.h"

#include <curl/curl.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

namespace callslip::bench {
namespace {

using nlohmann::json;

constexpr const char* kInitialize =
    R"({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion":
        "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}})";
constexpr const char* kInitialized = R"({"jsonrpc": "2.0", "method": "notifications/initialized"})";

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) { return size * count; }

std::size_t find_session(char* data, std::size_t size, std::size_t count, void* session) {
  std::string line(data, size * count);
  const std::string name = "mcp-session-id:";
  std::string lower = line.substr(0, name.size());
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  if (lower == name) {
    const std::size_t start = line.find_first_not_of(' ', name.size());
    *static_cast<std::string*>(session) =
        line.substr(start, line.find_last_not_of("\r\n") + 1 - start);
  }
  return size * count;
}

void post(const std::string& url, const char* body, std::string& session) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 curl_easy_cleanup);
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Accept: application/json, text/event-stream");
  if (!session.empty())
    headers = curl_slist_append(headers, ("Mcp-Session-Id: " + session).c_str());
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, find_session);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &session);
  const CURLcode code = curl_easy_perform(curl.get());
  curl_slist_free_all(headers);
  if (code != CURLE_OK) {
    std::cerr << url << ": " << curl_easy_strerror(code) << "\n";
    std::exit(1);
  }
}

}  // namespace

LoadOptions peer_load(const std::string& url, const std::string& message,
                      const std::vector<std::string>& queries) {
  std::string session;
  post(url, kInitialize, session);
  post(url, kInitialized, session);
  LoadOptions load;
  load.path = url.substr(url.find('/', url.find("//") + 2));
  if (!session.empty()) load.headers = {{"Mcp-Session-Id", session}};
  for (const std::string& query : queries) {
    const std::string quoted = json(query).dump();
    std::string filled = message;
    filled.replace(filled.find("%QUERY%"), 7, quoted.substr(1, quoted.size() - 2));
    load.messages.push_back(std::move(filled));
  }
  return load;
}

std::uint16_t peer_port(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

}  // namespace callslip::bench
