// ArchiveStream: reading an archive or a compressed file in memory, by libarchive.
//
// One thread; the bytes outlive it.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/extract/helper/unpacking.h"
#include "index/result.h"

namespace callslip {

struct ArchiveMember {
  enum class Kind { file, folder, link, special };
  std::string path;  // as it stands in the archive, in UTF-8
  Kind kind = Kind::file;
};

class ArchiveStream {
 public:
  enum class Format { archive, compressed_file };

  /// Errors say what is wrong with the file.
  static Result<std::unique_ptr<ArchiveStream>> open(std::string_view bytes, Format format,
                                                     const std::vector<std::string>& passwords);
  ~ArchiveStream();
  ArchiveStream(const ArchiveStream&) = delete;
  ArchiveStream& operator=(const ArchiveStream&) = delete;

  /// The next member; nothing at the end. After an Error there are no more.
  Result<std::optional<ArchiveMember>> next();

  /// Whether a compression was recognised; known after next().
  bool is_compressed() const { return archive_filter_code(archive_, 0) != ARCHIVE_FILTER_NONE; }

  /// The contents of the member.
  Result<std::string> read(Unpacking& unpacking);

 private:
  explicit ArchiveStream(bool has_passwords);
  Error problem() const;

  archive* archive_ = nullptr;
  archive_entry* entry_ = nullptr;
  const bool has_passwords_;
};

}  // namespace callslip
