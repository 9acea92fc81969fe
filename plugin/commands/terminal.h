// Terminal: what a person sees: colour and a progress bar where there is a terminal, plain lines
// elsewhere.
//
// ProgressBar: any thread may call update(); it draws a few times a second at most.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace callslip {

/// Whether a stream (1 or 2) takes colour: a terminal, and neither NO_COLOR nor TERM=dumb.
bool takes_colour(int descriptor);

enum class Style { plain, bold, dim, red, green, yellow, cyan };

/// The text in a style, or as it is where the stream takes no colour.
std::string styled(std::string_view text, Style style, int descriptor = 1);

/// "0.2 MB", of 1,000,000 bytes.
std::string megabytes(std::uint64_t bytes);

class ProgressBar {
 public:
  /// Writes to stderr; draws nothing where that is no terminal.
  explicit ProgressBar(std::string label);
  ~ProgressBar();

  void update(std::uint64_t done, std::uint64_t total, const std::string& note);

  /// Removes the bar.
  void clear();

 private:
  const std::string label_;
  const bool visible_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_;  // guarded by mutex_
  bool drawn_ = false;                          // guarded by mutex_
};

}  // namespace callslip
