// ByteWriter, ByteReader: numbers and strings as bytes, for the messages between the server and
// callslip-extract.
//
// Both ends run on one machine and come from one build: numbers are in host byte order. A reader
// trusts nothing: what is not there reads as zero or empty, and ok() is false from then on.
// One thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace callslip {

class ByteWriter {
 public:
  template <class T>
  void number(T value) {
    static_assert(std::is_integral_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  /// With its length; at most 4 GiB.
  void string(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    static_assert(std::is_integral_v<T>);
    T value{};
    if (!ok_ || bytes_.size() < sizeof value) {
      ok_ = false;
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }

  /// A view into the bytes; longer than `most` is an error.
  std::string_view string(std::size_t most) {
    const auto length = number<std::uint32_t>();
    if (!ok_ || length > most || length > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view text = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return text;
  }

  /// Whether `count` things of at least `each` bytes can still be there: before room is made.
  bool holds(std::uint64_t count, std::size_t each) {
    if (!ok_ || count > bytes_.size() / each) ok_ = false;
    return ok_;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace callslip
