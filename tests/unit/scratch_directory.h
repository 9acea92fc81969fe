// ScratchDirectory: a directory of a test's own, removed with all that is in it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace callslip {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name =
        std::filesystem::canonical(std::filesystem::temp_directory_path()) / "callslip-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  // Not by remove_all, which recurses: some tests make trees deeper than its stack and paths.
  ~ScratchDirectory() { run("chmod -R u+rwx '" + path_ + "' && rm -rf -- '" + path_ + "'"); }

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view relative) const {
    return path_ + "/" + std::string(relative);
  }

  /// Makes the file and the directories above it.
  std::string write(std::string_view relative, std::string_view bytes = "text\n") const {
    const std::string file = *this / relative;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }
  void make_directory(std::string_view relative) const {
    std::filesystem::create_directories(*this / relative);
  }

  /// What a shell command prints; fails the test when the command does.
  static std::string run(const std::string& command) {
    std::string out;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) std::abort();
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      out.append(buffer, got);
    }
    EXPECT_EQ(::pclose(pipe), 0) << command;
    return out;
  }

  static bool has_git() { return std::system("git --version >/dev/null 2>&1") == 0; }

  /// git with the user's own settings out of the way.
  std::string git(const std::string& arguments) const {
    return run(
        "env -u GIT_DIR -u GIT_WORK_TREE GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 "
        "XDG_CONFIG_HOME=/nonexistent git -C '" +
        path_ + "' -c user.name=t -c user.email=t@example.org -c core.quotePath=false " +
        arguments);
  }

 private:
  std::string path_;
};

}  // namespace callslip
