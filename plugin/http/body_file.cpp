#include "plugin/http/body_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace callslip::port {

Result<std::shared_ptr<BodyFile>> BodyFile::create(std::string directory) {
  if (directory.empty()) {
    std::error_code error;
    directory = std::filesystem::temp_directory_path(error).string();
    if (error) directory = "/tmp";
  }
  int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) {
    std::string path = "/proc/self/fd/" + std::to_string(fd);
    FileDescriptor file(fd);
    if (::access(path.c_str(), R_OK) == 0) {
      return std::shared_ptr<BodyFile>(new BodyFile(std::move(file), std::move(path), false));
    }
  }
  std::string path = directory + "/callslip-body-XXXXXX";
  fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return system_error(directory, errno);
  return std::shared_ptr<BodyFile>(new BodyFile(FileDescriptor(fd), std::move(path), true));
}

BodyFile::~BodyFile() {
  if (named_) ::unlink(path_.c_str());
}

Status BodyFile::append(std::string_view bytes) { return file_.append(bytes); }

}  // namespace callslip::port
