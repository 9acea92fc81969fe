#include "plugin/transports/local_socket_transport.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <list>
#include <system_error>
#include <thread>
#include <utility>

#include "index/files/file_descriptor.h"
#include "plugin/transports/local_endpoint.h"
#include "plugin/transports/own_streams.h"

namespace callslip {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{256} << 10U;
constexpr std::chrono::milliseconds kPause{100};

/// A connection and the thread that serves it.
class Peer {
 public:
  Peer(FileDescriptor socket, std::unique_ptr<StdioTransport> transport, ConnectionHandler& handler)
      : socket_(std::move(socket)), transport_(std::move(transport)) {
    thread_ = std::jthread([this, &handler] {
      // A peer that does not read, or vanishes, is no concern of others.
      [[maybe_unused]] const Status ended = transport_->run(handler);
      ::shutdown(socket_.get(), SHUT_RDWR);
      done_ = true;
    });
  }
  bool done() const { return done_; }
  void stop() { transport_->stop(); }

 private:
  const FileDescriptor socket_;
  const std::unique_ptr<StdioTransport> transport_;
  std::atomic<bool> done_{false};
  std::jthread thread_;  // last: joined first
};

}  // namespace

class LocalSocketTransport::Acceptor {
 public:
  Acceptor(LocalSocketOptions options, FileDescriptor wake)
      : options_(std::move(options)), wake_(std::move(wake)) {
    options_.greeting += '\n';
  }

  /// Unless another server has the socket.
  Status claim() {
    auto claimed = LocalEndpoint::claim(options_.folders);
    if (claimed) {
      endpoint_ = std::move(claimed).value();
    } else if (claimed.error().kind != ErrorKind::locked) {
      return claimed.error();
    }
    return {};
  }

  Status run(ConnectionHandler& handler) {
    std::list<Peer> peers;
    while (!stopping_) {
      if (endpoint_ && !endpoint_->reachable()) endpoint_.reset();
      if (!endpoint_) {
        if (Status status = claim(); !status) return status;
      }
      const int listener = endpoint_ ? endpoint_->listener() : -1;
      if (wait(listener, options_.retry)) accept(listener, handler, peers);
      peers.remove_if([](const Peer& peer) { return peer.done(); });
    }
    endpoint_.reset();  // so that the next server gets it while the last answers go out
    for (Peer& peer : peers) peer.stop();
    return {};
  }

  void stop() {
    stopping_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  }

 private:
  /// Whether somebody knocks.
  bool wait(int listener, std::chrono::milliseconds time) const {
    std::array<pollfd, 2> fds{{{listener, POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    return ::poll(fds.data(), fds.size(), static_cast<int>(time.count())) > 0 &&
           (fds[0].revents & POLLIN) != 0;
  }

  void accept(int listener, ConnectionHandler& handler, std::list<Peer>& peers) const {
    FileDescriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket && !would_block(errno) && errno != ECONNABORTED) wait_a_while();
    if (!socket || !peer_is_own_user(socket.get())) return;
    peers.remove_if([](const Peer& peer) { return peer.done(); });
    if (peers.size() >= options_.max_connections) return;
    // The first bytes of a new socket: there is room.
    const auto size = static_cast<ssize_t>(options_.greeting.size());
    if (::send(socket.get(), options_.greeting.data(), options_.greeting.size(), MSG_NOSIGNAL) !=
        size) {
      return;
    }
    StdioOptions options;
    options.input = socket.get();
    options.output = socket.get();
    options.max_write_bytes = kWriteBytes;
    options.max_message_bytes = options_.max_message_bytes;
    auto transport = StdioTransport::open(options);
    if (!transport) return;
    try {
      peers.emplace_back(std::move(socket), std::move(*transport), handler);
    } catch (const std::system_error&) {  // no more threads
      wait_a_while();
    }
  }

  /// Out of descriptors or threads: whoever knocks goes on knocking.
  void wait_a_while() const { wait(-1, kPause); }

  LocalSocketOptions options_;  // constant
  const FileDescriptor wake_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<LocalEndpoint> endpoint_;  // the I/O thread's, once it runs
};

Result<std::unique_ptr<LocalSocketTransport>> LocalSocketTransport::open(
    LocalSocketOptions options) {
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return stream_error("creating an eventfd", errno);
  auto acceptor = std::make_unique<Acceptor>(std::move(options), std::move(wake));
  if (Status claimed = acceptor->claim(); !claimed) return claimed.error();
  return std::unique_ptr<LocalSocketTransport>(new LocalSocketTransport(std::move(acceptor)));
}

LocalSocketTransport::LocalSocketTransport(std::unique_ptr<Acceptor> acceptor)
    : acceptor_(std::move(acceptor)) {}

LocalSocketTransport::~LocalSocketTransport() = default;

Status LocalSocketTransport::run(ConnectionHandler& handler) { return acceptor_->run(handler); }

void LocalSocketTransport::stop() { acceptor_->stop(); }

}  // namespace callslip
