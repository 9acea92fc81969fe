// TextStore: the canonical texts of a segment, end to end, compressed in blocks of 8 KiB so
// that a chunk costs one or two small decompressions. Each block carries zstd's checksum.
//
// TextStoreWriter: one thread. TextStore: immutable; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/files/file_descriptor.h"
#include "index/result.h"

namespace callslip {

class TextStoreWriter {
 public:
  static Result<std::unique_ptr<TextStoreWriter>> create(const std::string& path);
  ~TextStoreWriter();

  /// Where the text begins; TextStore::read takes offsets from here.
  std::uint64_t size() const { return size_; }

  Status append(std::string_view text);

  /// Writes what is left and the block table. Does not fsync.
  Status finish();

 private:
  explicit TextStoreWriter(FileDescriptor file, std::string path);
  Status write_block(std::string_view block);

  FileDescriptor file_;
  std::string path_;
  void* context_;  // ZSTD_CCtx
  std::string pending_;
  std::string compressed_;
  std::vector<std::uint64_t> block_ends_;
  std::uint64_t size_ = 0;
};

class TextStore {
 public:
  static Result<std::unique_ptr<TextStore>> open(const std::string& path);

  std::uint64_t size() const { return size_; }

  /// Bytes [start, start + length) of the texts.
  Result<std::string> read(std::uint64_t start, std::uint64_t length) const;

 private:
  TextStore(FileDescriptor file, std::string path);
  Status read_block(std::size_t block, std::string& out) const;

  const std::uint64_t number_;  // of this store in the process: for the block a thread keeps
  FileDescriptor file_;
  std::string path_;
  std::vector<std::uint64_t> block_ends_;  // of compressed blocks, in the file
  std::uint64_t size_ = 0;
};

}  // namespace callslip
