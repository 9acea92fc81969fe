// HandedFiles: the originals of what clients handed over, below INDEX/documents/.
//
//   COLLECTION/folder/file.md   an original; the index holds its text
//   .new/SOURCE-RANDOM          received, and not yet in its place
//   .gone/SOURCE-RANDOM         taken out of its place, and not yet removed
//   .about/SOURCE.json          the title and the kind that came with it
//   .lock                       held while a change is made
//
// The index decides: a commit is the change, files follow it. So a crash leaves a file in .new or
// .gone, and settle() puts it where the index says. SOURCE is DocumentRow::source. Any thread may
// call; changes are made by who holds the lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "index/files/file_lock.h"
#include "index/result.h"
#include "index/store/manifest.h"

namespace callslip {

/// A file on the disk, removed with this unless it was released.
class TemporaryPath {
 public:
  explicit TemporaryPath(std::string path) : path_(std::move(path)) {}
  TemporaryPath(TemporaryPath&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryPath& operator=(TemporaryPath&&) = delete;
  ~TemporaryPath();

  const std::string& path() const { return path_; }
  std::string release() { return std::exchange(path_, {}); }

 private:
  std::string path_;
};

class HandedFiles {
 public:
  struct Seen {
    std::string path;
    std::uint64_t source = 0;  // of .new and .gone
    std::int64_t mtime_ns = 0;
  };
  struct About {
    std::string title;
    std::string type;  // a media type
  };

  /// `directory` is the index's.
  explicit HandedFiles(const std::string& directory);

  /// Whether anything was ever handed over.
  bool exist() const;

  /// Makes the folders and takes the lock.
  Result<FileLock> lock(std::chrono::milliseconds wait, const std::stop_token& stop) const;

  /// The roots of the manifest whose documents were handed over are named by their folder:
  /// "documents/COLLECTION", wherever the index lies.
  static std::string root_path(const std::string& collection) { return "documents/" + collection; }
  /// The collection's folder; nothing for the root of a PATH.
  static std::optional<std::string> collection_of(const RootRecord& root);

  /// Absolute, symbolic links resolved where it exists.
  std::string path(const std::string& collection, const std::string& relative) const;

  /// Writes and syncs. Its time differs from that of the file that it is to replace.
  Result<TemporaryPath> receive(std::uint64_t source, std::string_view bytes,
                                const std::string& replaces) const;
  /// Makes the folders above, and refuses a path that is a folder or lies below a file.
  Status prepare(const std::string& path) const;
  /// After the commit. What fails is mended by settle().
  void place(TemporaryPath received, const std::string& path) const;

  /// Out of its place; nothing where there was no file.
  Result<std::optional<TemporaryPath>> set_aside(std::uint64_t source,
                                                 const std::string& path) const;
  /// Back, when the commit failed.
  void put_back(TemporaryPath aside, const std::string& path) const;
  /// After files are gone from their place: the folders that are empty.
  void prune(const std::string& path) const;

  void save_about(std::uint64_t source, const About& about) const;
  About about(std::uint64_t source) const;

  std::vector<Seen> received() const;
  std::vector<Seen> aside() const;
  /// COLLECTION/folder/file of every original.
  std::vector<std::string> originals() const;

  static std::int64_t mtime_of(const std::string& path);  // 0: there is none

 private:
  std::string directory_;
};

}  // namespace callslip
