#include "plugin/http/body_receiver.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <utility>

namespace callslip::port {
namespace {

/// Handed out for the file when so much has come.
constexpr std::size_t kFilePiece = std::size_t{256} << 10U;
/// Room made at once where a length is announced; announcing costs a peer nothing.
constexpr std::uint64_t kEarlyRoom = std::uint64_t{1} << 20U;

}  // namespace

BodyReceiver::BodyReceiver(HttpParser& parser, std::uint64_t limit, std::shared_ptr<BodyFile> file)
    : parser_(parser), limit_(limit), file_(std::move(file)) {
  if (const auto length = parser.content_length(); length && !file_) {
    text_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>({*length, limit, kEarlyRoom})));
  }
}

BodyReceiver::State BodyReceiver::feed(boost::beast::flat_buffer& buffer) {
  namespace http = boost::beast::http;
  std::array<char, 16384> scratch;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  while (!parser_.is_done()) {
    if (file_ && text_.size() >= kFilePiece) return State::needs_writing;
    if (buffer.size() == 0) return State::needs_more;
    auto& body = parser_.get().body();
    body.data = scratch.data();
    body.size = scratch.size();
    boost::system::error_code error;
    const std::size_t used = parser_.put(buffer.data(), error);
    buffer.consume(used);
    const std::size_t decoded = scratch.size() - body.size;
    received_ += decoded;
    if (received_ > limit_) return State::too_large;
    text_.append(scratch.data(), decoded);
    if (error == http::error::need_more) return State::needs_more;
    if (error && error != http::error::need_buffer) return State::malformed;
    if (!error && used == 0 && decoded == 0 && !parser_.is_done()) return State::needs_more;
  }
  return State::complete;
}

}  // namespace callslip::port
