// FileStates: what was last seen of each file below a root, so that an unchanged file costs a
// stat. A file that was skipped is remembered with its reason.
//
// On the disk a first frame holds all files, and each later one what a commit changed: a saved file
// costs a hundred bytes. How many bytes count stands in the manifest: what follows them is of a
// commit that never was, and is written over. Writers hold the index's lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/result.h"

namespace callslip {

struct FileState {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
  std::uint64_t content_hash = 0;
  std::string skipped;  // why it is not indexed; empty: it is
  std::string warning;  // indexed, but not all of it
  /// Of an archive: the members that are not indexed, with the reason.
  struct Member {
    std::string path;
    std::string reason;
  };
  std::vector<Member> skipped_members;
  /// Of a binary format that was not read in full: what it was tried with (parse_attempt.h).
  std::string tried;

  /// Whether a stat shows the same file; contents that changed within the clock's grain are told
  /// by mtime_ns == 0, which matches no file.
  bool same_stat(const FileState& other) const {
    return size == other.size && mtime_ns == other.mtime_ns && ctime_ns == other.ctime_ns &&
           inode == other.inode;
  }
};

/// By path below the root.
using FileStates = std::unordered_map<std::string, FileState>;

/// What one commit changes of them.
struct FileStateChanges {
  FileStates seen;                // new or changed
  std::vector<std::string> gone;  // not in `seen`

  bool empty() const { return seen.empty() && gone.empty(); }
  void apply_to(FileStates& states) const;
};

/// The first `bytes` of the file; 0: all of it. ErrorKind::damaged when they are not as written, or
/// were written when files were read differently (kReadersRevision).
Result<FileStates> load_file_states(const std::string& path, std::uint64_t bytes);

/// Returns the file's size.
Result<std::uint64_t> save_file_states(const std::string& path, const FileStates& states);

/// Writes the changes behind the first `bytes`; returns how many count from now on. Nothing when
/// the file should rather be written anew: its changes have outgrown its first frame, or it is not
/// as it should be.
Result<std::optional<std::uint64_t>> append_file_states(const std::string& path,
                                                        std::uint64_t bytes,
                                                        const FileStateChanges& changes);

}  // namespace callslip
