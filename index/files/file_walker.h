// walk(): finds the files below a root that are to be indexed, and accounts for all the others.
//
// What is skipped, judged in this order; nothing is skipped without a report:
//   hidden      a name that begins with a dot
//   excluded    the index's own directory; a file or directory matched by `exclude`; a file not
//   matched by `include` ignored     by .callslipignore (at or below the root), else by .gitignore
//   and .git/info/exclude
//               when in a git checkout. Repositories inside others follow their own rules. A root
//               that lies in a part of a checkout that it ignores counts as being outside of it
//   symlink     never followed: a target inside the root is met under its own name, so that there
//               are no duplicates and no loops; one outside was not asked for
//   special     sockets, pipes, devices; never opened
//   too_large   files beyond max_file_size
//   unreadable  a directory, or its entry, that the system does not let us read. Not a statement
//               about what is below: keep what was known of it
// A skipped directory is reported once, not what is below it.
//
// Depth first, each directory in byte order of its names, so equal trees give equal calls. What
// vanishes on the way is just gone. Holds a bounded number of descriptors whatever the depth.
// A walk runs in the calling thread and keeps no state: any number at a time. The sink is called
// in that thread. Errors: not_found and io for the root, cancelled, and what the sink returned.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "index/files/glob.h"
#include "index/files/path_tree.h"
#include "index/result.h"

namespace callslip {

struct FoundFile {
  std::string path;        // absolute, as the system knows it
  std::string relative;    // below the root, '/'-separated; the root's base name when it is a file.
                           // Always UTF-8: other bytes are percent-encoded
  std::uint64_t size = 0;  // bytes
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
};

enum class SkipKind { hidden, ignored, excluded, symlink, special, too_large, unreadable };

struct SkippedPath {
  std::string relative;  // as in FoundFile; empty for the root itself. The absolute path of an
                         // ignore file above the root that cannot be read
  SkipKind kind = SkipKind::hidden;
  bool directory = false;
  std::string reason;  // for people: "ignored by src/.gitignore:3: *.o"
};

struct WalkOptions {
  /// Matched against the path below the root; with a leading `/` also against the absolute path.
  /// With any `include`, only files that one of them matches are taken.
  std::vector<Glob> include;
  std::vector<Glob> exclude;
  std::uint64_t max_file_size = std::uint64_t{128} << 20;  // bytes
  std::function<bool(std::string_view name)> size_exempt;  // base names that may be of any size
  /// The index's own, absolute and without links; empty: none. Never entered, wherever it lies.
  std::string own_directory;
  /// Look only at these paths and what is below them, by the same rules; null: at everything. What
  /// of them does not exist is not reported.
  const PathTree* only = nullptr;
  std::stop_token stop;
};

class WalkSink {
 public:
  virtual ~WalkSink() = default;

  /// An error ends the walk and is its result.
  virtual Status on_file(FoundFile file) = 0;
  virtual void on_skip(SkippedPath path) = 0;

  /// All entries of this directory (absolute, raw bytes) are about to be read: who watches it from
  /// now on misses nothing.
  virtual void on_directory(const std::string& /*path*/) {}
};

/// The text with each byte that is not UTF-8 percent-encoded.
std::string as_utf8(std::string_view text);

/// `root` is a directory, or a file: that is taken even when hidden, ignored or not included, and
/// skipped only when too large. A root that is a symlink is followed.
Status walk(const std::string& root, const WalkOptions& options, WalkSink& sink);

}  // namespace callslip
