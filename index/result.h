// Result<T>: a value, or an Error that says what went wrong and what to do next.
//
// Expected failures are values; bugs throw. Each caller adds what it knows with Error::within.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace callslip {

enum class ErrorKind {
  invalid_argument,  // the caller can mend it
  not_found,
  unsupported,  // a file that we do not read: binary, too large, ...
  locked,       // another writer is at work
  version,      // written by another version
  damaged,
  io,           // the operating system said no
  unavailable,  // an endpoint is down, slow or limits us
  cancelled,
};

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::io;
  std::string message;

  /// The same error with context in front: "opening index 'papers': disk is full".
  Error within(std::string_view context) const {
    return {kind, std::string(context) + ": " + message};
  }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  /// The value; calling it on an error is a bug.
  T& value() & { return std::get<T>(state_); }
  const T& value() const& { return std::get<T>(state_); }
  T&& value() && { return std::get<T>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }

  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace callslip
