// BodyFile: the body of a request, in a file that nobody else sees and that goes with this.
//
// One thread at a time. It has no name where the system allows that: even a crash leaves nothing
// behind, and path() leads to it through /proc.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "index/files/file_descriptor.h"
#include "index/result.h"

namespace callslip::port {

class BodyFile {
 public:
  /// In this folder; empty: the system's for such files.
  static Result<std::shared_ptr<BodyFile>> create(std::string directory);

  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;
  ~BodyFile();

  Status append(std::string_view bytes);

  /// To open, as long as this lives.
  const std::string& path() const { return path_; }

 private:
  BodyFile(FileDescriptor file, std::string path, bool named)
      : file_(std::move(file)), path_(std::move(path)), named_(named) {}

  const FileDescriptor file_;
  const std::string path_;
  const bool named_;
};

}  // namespace callslip::port
