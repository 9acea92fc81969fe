// oracle_model: an OpenAI-compatible server whose model knows which sentences are wanted; for tests
// and measurements of readers. Its own process, HTTP/1.1 with keep-alive, one thread.
//
//   oracle_model [--port N] [--wanted FILE] [--with-parent] [--KNOB VALUE]...
//
// Prints "listening on http://127.0.0.1:PORT/v1" to stdout; port 0 (the default) picks one. Ends on
// SIGTERM and SIGINT, and with --with-parent soon after whoever started it.
//
// FILE: a wanted sentence per line, or {"question": ..., "sentences": [...]} per line: wanted where
// the prompt holds the question. Of a prompt's passages (<passage id="1"> ... </passage>) the model
// says the wanted sentences that stand in them, white space aside. Knobs: oracle_knobs.h.
//
// POST /v1/chat/completions, GET /v1/models, GET /props (with --props), GET /stats, and POST
// /control, which takes knobs in JSON, "wanted" and "reset_stats": true, and replies with all
// knobs.

// First: awaitable.hpp of Boost 1.74 forgets it.
// clang-format off
#include <utility>
// clang-format on

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/servers/oracle.h"

namespace callslip::oracle {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using nlohmann::json;

constexpr std::size_t max_body_bytes = 64U << 20U;
constexpr std::size_t read_bytes = 64U << 10U;

std::string head(int status, std::size_t length, std::string_view headers, bool keep_alive) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " ";
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  text.append(reason.data(), reason.size());
  text +=
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(length) + "\r\n";
  if (!keep_alive) text += "Connection: close\r\n";
  return text.append(headers).append("\r\n");
}

/// One connection.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Oracle& oracle)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), oracle_(oracle) {
    buffer_.reserve(read_bytes);  // else Beast reads 512 bytes at a time
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { leave(); }

  void read() {
    request_.emplace();
    request_->body_limit(max_body_bytes);
    http::async_read_header(socket_, buffer_, *request_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (!error) self->read_body();
                            });
  }

 private:
  void read_body() {
    if (boost::beast::iequals(request_->get()[http::field::expect], "100-continue")) {
      error_code ignored;
      asio::write(socket_, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")),
                  ignored);
    }
    http::async_read(socket_, buffer_, *request_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

  void answer() {
    const auto& request = request_->get();
    const auto target = std::string_view(request.target().data(), request.target().size());
    const std::string_view path = target.substr(0, target.find('?'));
    const bool is_post = request.method() == http::verb::post;
    const bool is_get = request.method() == http::verb::get;
    if (is_post && path == "/v1/chat/completions") {
      complete();
    } else if (is_post && path == "/control") {
      control(request.body());
    } else if (is_get && path == "/stats") {
      send_now(200, oracle_.stats().dump());
    } else if (is_get && path == "/v1/models") {
      send_now(200, models());
    } else if (is_get && path == "/props" && oracle_.knobs().props) {
      send_now(200, props());
    } else {
      send_now(404, R"({"error":{"message":"no such path","type":"not_found_error","code":404}})");
    }
  }

  void control(const std::string& body) {
    try {
      oracle_.control(json::parse(body));
      send_now(200, oracle_.knobs().to_json().dump());
    } catch (const std::exception& error) {
      send_now(400, json{{"error", {{"message", error.what()}}}}.dump());
    }
  }

  std::string models() const {
    json model = {{"id", oracle_.knobs().model}, {"object", "model"}, {"owned_by", "oracle"}};
    if (oracle_.knobs().context > 0) {
      model["max_model_len"] = static_cast<std::int64_t>(oracle_.knobs().context);
    }
    return json{{"object", "list"}, {"data", {model}}}.dump();
  }

  std::string props() const {
    const OracleKnobs& knobs = oracle_.knobs();
    const double context = knobs.context > 0 ? knobs.context : knobs.window;
    return json{{"default_generation_settings", {{"n_ctx", static_cast<std::int64_t>(context)}}},
                {"total_slots", 1},
                {"model_path", knobs.model}}
        .dump();
  }

  void complete() {
    oracle_.arrived();
    in_flight_ = true;
    const auto& request = request_->get();
    const auto authorization = request[http::field::authorization];
    plan_ = oracle_.plan(request.body(), {authorization.data(), authorization.size()});
    oracle_.planned(plan_);
    if (plan_.delivery != Delivery::never && plan_.delay_ms <= 0) return deliver();
    watch();
    if (plan_.delivery != Delivery::never) after(plan_.delay_ms, [this] { deliver(); });
  }

  /// Sees it when the client goes while it waits.
  void watch() {
    waiting_ = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
      if (error || !self->waiting_) return;
      char byte = 0;
      error_code gone;
      self->socket_.non_blocking(true, gone);
      self->socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, gone);
      if (!gone || gone == asio::error::would_block) return;  // it has sent more: that waits
      self->waiting_ = false;
      self->oracle_.aborted();
      self->leave();
      self->timer_.cancel();
      self->close();
    });
  }

  template <class Then>
  void after(double ms, Then then) {
    timer_.expires_after(std::chrono::microseconds(std::llround(ms * 1000)));
    timer_.async_wait([self = shared_from_this(), then](error_code error) {
      if (!error && self->socket_.is_open()) then();
    });
  }

  void deliver() {
    out_ = head(plan_.status, plan_.body.size(), plan_.headers, request_->get().keep_alive());
    out_ += plan_.body;
    const std::size_t half = out_.size() - plan_.body.size() / 2 - 1;
    switch (plan_.delivery) {
      case Delivery::trickled:
        if (!waiting_) watch();
        return trickle(0);
      case Delivery::truncated:
      case Delivery::reset:
        return write(half, [this](bool) {
          if (plan_.delivery == Delivery::reset) {
            error_code ignored;
            socket_.set_option(asio::socket_base::linger(true, 0), ignored);
          }
          close();
        });
      default:
        write(out_.size(), [this](bool sent) { sent ? go_on() : close(); });
    }
  }

  void trickle(std::size_t pos) {
    const std::string_view byte = std::string_view(out_).substr(pos, 1);
    const bool last = pos + 1 == out_.size();
    if (last) {
      stop_waiting();
      oracle_.delivered(plan_);
      leave();
    }
    error_code error;
    asio::write(socket_, asio::buffer(byte), error);
    if (error) return;  // watch() sees it, too
    if (last) {
      go_on();
    } else {
      after(oracle_.knobs().trickle_ms, [this, pos] { trickle(pos + 1); });
    }
  }

  /// Writes the first bytes of out_, the call's last ones.
  template <class Then>
  void write(std::size_t size, Then then) {
    stop_waiting();
    // Before its first byte goes: after the last one the client may call again at once, or look at
    // the counts.
    if (in_flight_) oracle_.delivered(plan_);
    leave();
    asio::async_write(
        socket_, asio::buffer(out_.data(), size),
        [self = shared_from_this(), then](error_code error, std::size_t) { then(!error); });
  }

  void send_now(int status, std::string body) {
    plan_ = Plan{};
    plan_.status = status;
    plan_.body = std::move(body);
    deliver();
  }

  void stop_waiting() {
    if (!std::exchange(waiting_, false)) return;
    error_code ignored;
    socket_.cancel(ignored);
  }

  void go_on() {
    if (request_->get().keep_alive()) {
      read();
    } else {
      close();
    }
  }

  void close() {
    error_code ignored;
    if (plan_.delivery != Delivery::reset) socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  void leave() {
    if (std::exchange(in_flight_, false)) oracle_.left();
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  Oracle& oracle_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> request_;
  Plan plan_;
  std::string out_;
  bool waiting_ = false;    // watch() looks
  bool in_flight_ = false;  // the oracle counts this call
};

class Server {
 public:
  Server(asio::io_context& io, unsigned short port, Oracle& oracle)
      : io_(io), acceptor_(io), oracle_(oracle) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(4096);
    accept();
  }

  unsigned short port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (!error) {
        oracle_.accepted();
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::make_shared<Session>(std::move(socket), oracle_)->read();
      }
      accept();
    });
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  Oracle& oracle_;
};

void end_with_parent(asio::io_context& io, asio::steady_timer& timer, pid_t parent) {
  timer.expires_after(std::chrono::milliseconds(500));
  timer.async_wait([&io, &timer, parent](error_code) {
    if (::getppid() != parent) return io.stop();
    end_with_parent(io, timer, parent);
  });
}

struct CommandLine {
  unsigned short port = 0;
  bool with_parent = false;
  std::string wanted;
  OracleKnobs knobs;

  CommandLine(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view flag = argv[i];
      if (!flag.starts_with("--"))
        throw std::invalid_argument("what is '" + std::string(flag) + "'?");
      const std::string_view name = flag.substr(2);
      if (name == "with-parent") {
        with_parent = true;
        continue;
      }
      const bool own = name == "port" || name == "wanted";
      if (!own && OracleKnobs::is_switch(name)) {
        knobs.set(name, json(true));
        continue;
      }
      if (++i == argc) throw std::invalid_argument(std::string(flag) + " needs a value");
      const std::string value = argv[i];
      if (name == "wanted") {
        wanted = value;
      } else if (name != "port") {
        knobs.set(name, value);
      } else if (std::from_chars(value.data(), value.data() + value.size(), port).ptr !=
                 value.data() + value.size()) {
        throw std::invalid_argument("no port: '" + value + "'");
      }
    }
  }
};

}  // namespace
}  // namespace callslip::oracle

int main(int argc, char** argv) {
  using namespace callslip::oracle;
  const pid_t parent = ::getppid();
  try {
    const CommandLine line(argc, argv);
    Oracle oracle(line.knobs);
    if (!line.wanted.empty()) oracle.want_file(line.wanted);
    asio::io_context io(1);
    const Server server(io, line.port, oracle);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](error_code, int) { io.stop(); });
    asio::steady_timer timer(io);
    if (line.with_parent) end_with_parent(io, timer, parent);
    std::printf("listening on http://127.0.0.1:%u/v1\n", static_cast<unsigned>(server.port()));
    std::fflush(stdout);
    io.run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "oracle_model: %s\n", error.what());
    return 2;
  }
}
