// BodyReceiver: the body of one request, decoded piece by piece, into memory or into a file.
//
// The I/O thread only. It does not write files itself: what is due for the file is handed out, and
// fed bytes are taken again once that is written.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "plugin/http/body_file.h"
#include "plugin/http/http_head.h"

namespace callslip::port {

class BodyReceiver {
 public:
  enum class State { needs_more, needs_writing, complete, too_large, malformed };

  static constexpr std::uint64_t kAnySize = ~std::uint64_t{0};

  /// The parser has the head and outlives this. Without a file the body stays in memory.
  BodyReceiver(HttpParser& parser, std::uint64_t limit, std::shared_ptr<BodyFile> file);

  /// Takes what belongs to the body from the front of `buffer`.
  State feed(boost::beast::flat_buffer& buffer);

  /// What the file is to be given before more is fed; at the end also in State::complete.
  std::string take_unwritten() { return std::move(text_); }
  std::string take_text() { return std::move(text_); }

  std::uint64_t received() const { return received_; }
  std::size_t in_memory() const { return text_.size(); }
  const std::shared_ptr<BodyFile>& file() const { return file_; }

 private:
  HttpParser& parser_;
  const std::uint64_t limit_;
  const std::shared_ptr<BodyFile> file_;
  std::string text_;  // the body; with a file: what of it is not written yet
  std::uint64_t received_ = 0;
};

}  // namespace callslip::port
