// Manifest: what an index consists of at one revision. One small file, replaced atomically: a
// commit is its rename. Everything that it names is immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/result.h"
#include "index/store/segment_writer.h"

namespace callslip {

struct SegmentRecord {
  SegmentInfo info;
  /// Documents that are gone or were replaced: ranges [first, last) of rows, ascending, disjoint.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> dead;
};

/// A PATH that was given to `index` or `serve`. Its name is never given to another path.
struct RootRecord {
  std::string name;  // the first part of its documents' names
  std::string path;  // absolute, real; as UTF-8, other bytes percent-encoded
  bool removed = false;
  std::string files;  // the file below states/ that remembers what was seen; empty: nothing yet
  std::uint64_t device = 0;       // that it was on when it was first indexed
  std::uint64_t files_bytes = 0;  // how much of `files` counts
};

struct Manifest {
  static constexpr int kFormat = 2;

  std::string index_id;  // random, so that a revision of another index is not taken for ours
  std::uint64_t revision = 0;
  std::string tokenizer;  // TokenCounter::id()
  std::uint32_t chunk_tokens = 512;
  std::vector<RootRecord> roots;
  std::vector<SegmentRecord> segments;

  /// ErrorKind::not_found without an index; version or damaged with the remedy in the message.
  static Result<Manifest> load(const std::string& directory);

  /// Syncs and renames. The caller holds the writer's lock.
  Status save(const std::string& directory) const;
};

/// The root whose name a file's begins with; a --name may hold a slash, so the longest.
std::optional<std::size_t> root_of(const Manifest& manifest, std::string_view file_name);

/// Paths inside an index.
std::string manifest_path(const std::string& directory);
std::string segment_path(const std::string& directory, const std::string& segment);

}  // namespace callslip
