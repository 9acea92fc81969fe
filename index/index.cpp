#include "index/index.h"

#include <sys/stat.h>

#include <cerrno>

#include "index/files/file_descriptor.h"
#include "index/store/index_location.h"

namespace callslip {

Index::Index(std::string directory, std::size_t cache_bytes)
    : directory_(std::move(directory)), cache_(std::make_shared<PostingCache>(cache_bytes)) {}

Result<Index::Stamp> Index::stamp() const {
  struct stat status {};
  if (::stat(manifest_path(directory_).c_str(), &status) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return system_error(directory_, errno);
    return Error{ErrorKind::not_found,
                 "no index at " + directory_ + "; make one with: " + command_to_index(directory_)};
  }
  return Stamp{status.st_ino, status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec,
               static_cast<std::uint64_t>(status.st_size)};
}

Result<std::shared_ptr<const Snapshot>> Index::snapshot() {
  const std::lock_guard lock(mutex_);
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    const auto now = stamp();
    if (!now) return now.error();
    if (snapshot_ && *now == stamp_) return snapshot_;
    const auto manifest = Manifest::load(directory_);
    if (!manifest) return manifest.error();
    auto opened = Snapshot::open(directory_, *manifest, snapshot_.get(), cache_);
    if (opened) {
      // A commit between stat and load makes the stamp too old: then we load once more.
      stamp_ = *now;
      snapshot_ = std::move(opened).value();
      return snapshot_;
    }
    // A segment that a newer commit has replaced is gone: look again. Else it is damage.
    if (opened.error().kind != ErrorKind::not_found || attempt == kAttempts) {
      if (opened.error().kind == ErrorKind::not_found) {
        return Error{ErrorKind::damaged, "the index at " + directory_ + " is damaged (" +
                                             opened.error().message + "); " +
                                             how_to_make_anew(directory_)};
      }
      return opened.error();
    }
  }
}

}  // namespace callslip
