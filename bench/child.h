// Child: a server under measurement, with its pipes. Killed when it goes out of scope.
#pragma once

#include <string>
#include <vector>

namespace callslip::bench {

class Child {
 public:
  /// Ends the program when it cannot be started. stderr goes to the pipe of `errors()` when wanted,
  /// else away.
  explicit Child(const std::vector<std::string>& command, bool keep_errors = false);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int input() const { return input_; }    // its stdin
  int output() const { return output_; }  // its stdout
  std::string output_line() const;
  std::string error_line() const;
  /// Waits for its end; whether it was exit code 0.
  bool succeeded();
  /// User and system time so far, in seconds.
  double cpu_seconds() const;

 private:
  int pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
};

}  // namespace callslip::bench
