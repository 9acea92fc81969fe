// SmallDisk: a file system of a test's own that can be filled up.
//
// Needs root; mounted() is false where it cannot be had. Unmounted with it.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace callslip::testing_support {

/// A small file system of our own, seen by this thread and its children only.
class SmallDisk {
 public:
  SmallDisk(const std::string& path, const std::string& size) : path_(path) {
    std::filesystem::create_directories(path);
    mounted_ = ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
               ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("none", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() { unmount(); }

  bool mounted() const { return mounted_; }

  void unmount() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    mounted_ = false;
  }

  /// Leaves so many bytes free.
  void fill(std::uint64_t free) const {
    make_room();
    struct statvfs status {};
    ::statvfs(path_.c_str(), &status);
    const std::uint64_t there = status.f_bavail * status.f_frsize;
    if (there > free) std::ofstream(path_ + "/filler") << std::string(there - free, 'x');
  }
  void make_room() const { std::filesystem::remove(path_ + "/filler"); }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace callslip::testing_support
