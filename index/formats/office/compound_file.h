// CompoundFile: the streams of an OLE2 file (Microsoft, MS-CFB), the container of XLS, DOC, PPT,
// MSG and encrypted OOXML.
//
// Immutable; refers to bytes that must outlive it. Any thread. Chains that loop or lead nowhere end
// where they do; a stream is never longer than the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"

namespace callslip {

class CompoundFile {
 public:
  /// Error: ErrorKind::unsupported, "damaged: ...".
  static Result<CompoundFile> open(std::string_view bytes);

  /// The stream of that path ("WordDocument",
  /// "__attach_version1.0_#00000000/__substg1.0_37010102"), letter case aside. Nothing if there is
  /// none.
  std::optional<std::string> read(std::string_view path) const;

  bool has(std::string_view path) const;

  /// The paths of all streams, in lower case.
  std::vector<std::string> paths() const;

 private:
  struct Stream {
    std::uint32_t start = 0;
    std::uint64_t size = 0;
  };

  std::vector<std::uint32_t> chain(std::uint32_t start, const std::vector<std::uint32_t>& table,
                                   std::size_t most) const;
  std::string_view sector(std::uint32_t number) const;
  std::string read_sectors(std::uint32_t start, std::uint64_t size) const;
  bool load_tables();
  void load_directory(std::uint32_t start);

  std::string_view bytes_;
  std::size_t sector_size_ = 512;
  std::size_t mini_size_ = 64;
  std::uint32_t mini_cutoff_ = 4096;
  std::vector<std::uint32_t> table_;       // the FAT
  std::vector<std::uint32_t> mini_table_;  // of the sectors in mini_stream_
  std::string mini_stream_;
  std::map<std::string, Stream, std::less<>> streams_;
};

/// Little-endian numbers at a place; 0 beyond the end.
std::uint16_t u16_at(std::string_view bytes, std::size_t at);
std::uint32_t u32_at(std::string_view bytes, std::size_t at);

/// UTF-16LE bytes as UTF-8; what is no character becomes U+FFFD.
std::string utf16_text(std::string_view bytes);

}  // namespace callslip
