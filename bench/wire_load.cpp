#include "bench/wire_load.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>

namespace callslip::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWarmUp{500};

[[noreturn]] void die(const std::string& why) {
  std::cerr << "wire_load: " << why << "\n";
  std::exit(1);
}

/// What is asked next, and what the answers took.
class Tally {
 public:
  explicit Tally(const LoadOptions& options)
      : messages_(options.messages),
        counts_from_(Clock::now() + kWarmUp),
        until_(counts_from_ + std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(options.seconds))) {}

  const std::string& next() { return messages_[asked_++ % messages_.size()]; }
  bool over() const { return Clock::now() >= until_; }

  void answered(Clock::time_point asked_at, const std::string& reply) {
    const auto now = Clock::now();
    if (asked_at < counts_from_) return;
    micros_.push_back(std::chrono::duration<double, std::micro>(now - asked_at).count());
    bytes_ += reply.size();
    last_ = reply;
    ended_ = now;
  }

  LoadResult result() {
    LoadResult result;
    if (micros_.empty()) die("nothing was answered");
    std::sort(micros_.begin(), micros_.end());
    result.p50 = micros_[micros_.size() / 2];
    result.p99 = micros_[micros_.size() * 99 / 100];
    result.per_second = static_cast<double>(micros_.size()) /
                        std::chrono::duration<double>(ended_ - counts_from_).count();
    result.bytes = static_cast<double>(bytes_) / static_cast<double>(micros_.size());
    result.last = last_;
    return result;
  }

 private:
  const std::vector<std::string>& messages_;
  const Clock::time_point counts_from_;
  const Clock::time_point until_;
  Clock::time_point ended_;
  std::size_t asked_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<double> micros_;
  std::string last_;
};

tcp::socket connected(asio::io_context& io, std::uint16_t port) {
  tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), port});
  socket.set_option(tcp::no_delay(true));
  return socket;
}

class WebSocketClient {
 public:
  WebSocketClient(asio::io_context& io, std::uint16_t port, const std::string& path, Tally& tally)
      : stream_(connected(io, port)), tally_(tally) {
    stream_.set_option(
        beast::websocket::stream_base::decorator([](beast::websocket::request_type& request) {
          request.set(http::field::sec_websocket_protocol, "mcp");
        }));
    stream_.handshake("127.0.0.1", path);
    stream_.text(true);
    stream_.read_message_max(0);
  }

  void ask() {
    if (tally_.over()) return;
    asked_at_ = Clock::now();
    stream_.async_write(asio::buffer(tally_.next()), [this](beast::error_code error, std::size_t) {
      if (error) die("WebSocket: " + error.message());
      stream_.async_read(buffer_, [this](beast::error_code failed, std::size_t) {
        if (failed) die("WebSocket: " + failed.message());
        tally_.answered(asked_at_, beast::buffers_to_string(buffer_.data()));
        buffer_.clear();
        ask();
      });
    });
  }

 private:
  beast::websocket::stream<tcp::socket> stream_;
  beast::flat_buffer buffer_;
  Tally& tally_;
  Clock::time_point asked_at_;
};

class HttpClient {
 public:
  HttpClient(asio::io_context& io, std::uint16_t port, const LoadOptions& options, Tally& tally)
      : socket_(connected(io, port)), options_(options), tally_(tally) {}

  void ask() {
    if (tally_.over()) return;
    asked_at_ = Clock::now();
    request_ = {http::verb::post, options_.path, 11};
    request_.set(http::field::host, "127.0.0.1");
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::accept, "application/json, text/event-stream");
    for (const auto& [name, value] : options_.headers) request_.set(name, value);
    request_.body() = tally_.next();
    request_.prepare_payload();
    http::async_write(socket_, request_, [this](beast::error_code error, std::size_t) {
      if (error) die("HTTP: " + error.message());
      parser_.emplace();
      parser_->body_limit(boost::none);
      http::async_read(socket_, buffer_, *parser_, [this](beast::error_code failed, std::size_t) {
        if (failed) die("HTTP: " + failed.message());
        if (parser_->get().result() != http::status::ok) {
          die("HTTP: status " + std::to_string(parser_->get().result_int()) + ": " +
              parser_->get().body().substr(0, 300));
        }
        tally_.answered(asked_at_, parser_->get().body());
        ask();
      });
    });
  }

 private:
  tcp::socket socket_;
  const LoadOptions& options_;
  Tally& tally_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  boost::optional<http::response_parser<http::string_body>> parser_;
  Clock::time_point asked_at_;
};

template <class Client>
LoadResult run(asio::io_context& io, std::vector<std::unique_ptr<Client>>& clients, Tally& tally) {
  for (auto& client : clients) client->ask();
  io.run();
  return tally.result();
}

void write_line(int to, const std::string& message) {
  std::string line = message + "\n";
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t n = ::write(to, line.data() + at, line.size() - at);
    if (n < 0) die("stdio: the server has closed");
    at += static_cast<std::size_t>(n);
  }
}

}  // namespace

LoadResult load_websocket(std::uint16_t port, const LoadOptions& options) {
  asio::io_context io(1);
  Tally tally(options);
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  for (std::size_t i = 0; i < options.connections; ++i) {
    clients.push_back(std::make_unique<WebSocketClient>(io, port, options.path, tally));
  }
  return run(io, clients, tally);
}

LoadResult load_http(std::uint16_t port, const LoadOptions& options) {
  asio::io_context io(1);
  Tally tally(options);
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (std::size_t i = 0; i < options.connections; ++i) {
    clients.push_back(std::make_unique<HttpClient>(io, port, options, tally));
  }
  return run(io, clients, tally);
}

LoadResult load_stdio(int to, int from, const LoadOptions& options) {
  Tally tally(options);
  // Replies may come in another order: with more than one in flight a time is that of the oldest.
  std::deque<Clock::time_point> asked;
  const auto ask = [&] {
    asked.push_back(Clock::now());
    write_line(to, tally.next());
  };
  for (std::size_t i = 0; i < options.connections; ++i) ask();
  std::string pending;
  std::string chunk(std::size_t{1} << 16U, '\0');
  while (!asked.empty()) {
    const ssize_t n = ::read(from, chunk.data(), chunk.size());
    if (n <= 0) die("stdio: the server has closed");
    const std::size_t searched = pending.size();
    pending.append(chunk, 0, static_cast<std::size_t>(n));
    std::size_t start = 0;
    for (std::size_t end = pending.find('\n', searched); end != std::string::npos;
         end = pending.find('\n', start)) {
      tally.answered(asked.front(), pending.substr(start, end - start));
      asked.pop_front();
      start = end + 1;
      if (!tally.over()) ask();
    }
    pending.erase(0, start);
  }
  return tally.result();
}

}  // namespace callslip::bench
