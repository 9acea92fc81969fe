// echo_server websocket|http|stdio FILE: answers everything with the bytes of FILE.
#include "bench/echo_server.h"

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>

namespace callslip::bench {

void echo_over_stdio(const std::string& reply) {
  const std::string line = reply + "\n";
  std::string asked;
  while (std::getline(std::cin, asked)) {
    std::cout.write(line.data(), static_cast<std::streamsize>(line.size()));
    std::cout.flush();
  }
}

}  // namespace callslip::bench

int main(int argc, char** argv) {
  const std::string how = argc == 3 ? argv[1] : "";
  std::ifstream file(argc == 3 ? argv[2] : "");
  std::stringstream reply;
  reply << file.rdbuf();
  if (!file) {
    std::cerr << "usage: echo_server websocket|http|stdio FILE\n";
    return 2;
  }
  if (how == "websocket") callslip::bench::echo_over_websocket(reply.str());
  if (how == "http") callslip::bench::echo_over_http(reply.str());
  if (how == "stdio") callslip::bench::echo_over_stdio(reply.str());
  return 0;
}
