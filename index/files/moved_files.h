// MovedFiles: what is indexed of files that are gone or have changed, so that a file with the same
// contents under another name is not parsed again.
//
// Same contents are told by the whole stat, which a folder's move leaves as it is (the change time
// cannot be set, so nothing else has it), or by size and hash. Filled by one thread; then any may
// ask. Holds the snapshot that it was made from.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "index/files/file_states.h"
#include "index/files/file_walker.h"
#include "index/snapshot.h"
#include "index/store/segment_writer.h"

namespace callslip {

class MovedFiles {
 public:
  struct Origin {
    std::string file_name;  // as its documents' names begin
    std::uint64_t source = 0;
    FileState state;
    struct Document {
      const Segment* segment = nullptr;
      const DocumentRow* row = nullptr;
    };
    std::vector<Document> documents;
  };

  /// A file whose documents may be taken over.
  void add(std::string file_name, std::uint64_t source, const FileState& state);
  bool empty() const { return origins_.empty(); }

  /// Finds what is indexed of the files that were added.
  void look_up(std::shared_ptr<const Snapshot> snapshot);

  /// The file that this one was before it was moved; null: not known, or it would not be parsed
  /// the same under this name.
  const Origin* same_file(const FoundFile& file, const std::string& file_name) const;
  const Origin* same_contents(std::uint64_t size, std::uint64_t hash,
                              const std::string& file_name) const;

  /// Adds its documents to a segment, named after `identity`, which has no id yet.
  static Status copy(const Origin& origin, const DocumentIdentity& identity, SegmentWriter& to);

 private:
  using Stat = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;

  static bool same_parse(const Origin& origin, const std::string& file_name);

  std::vector<Origin> origins_;
  std::map<Stat, std::size_t> by_stat_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_hash_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace callslip
