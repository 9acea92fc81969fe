// ServerAddress: where a running server is called, by HTTP and by WebSocket.
#pragma once

#include <string>

#include "index/result.h"

namespace callslip {

struct ServerAddress {
  bool secure = false;
  bool websocket = false;  // the URL given was one of a WebSocket
  std::string authority;   // "127.0.0.1:8137"
  std::string path;        // "/mcp"

  /// Of --url (http, https, ws, wss; without a path: /mcp), or, where it is empty, of --listen.
  static Result<ServerAddress> of(const std::string& url, const std::string& listen);

  std::string base_url() const { return (secure ? "https://" : "http://") + authority; }
  std::string url() const { return base_url() + path; }
  std::string websocket_url() const { return (secure ? "wss://" : "ws://") + authority + path; }
};

}  // namespace callslip
