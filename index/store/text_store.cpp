#include "index/store/text_store.h"

#include <zstd.h>

#include <algorithm>
#include <atomic>

namespace callslip {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{8} * 1024;
constexpr int kCompressionLevel = 1;
constexpr std::uint64_t kMagic = 0x31545854'4C534C43;  // "CLSLTXT1"

/// The last bytes of the file; the block table stands before it.
struct Footer {
  std::uint64_t text_bytes;
  std::uint64_t blocks;
  std::uint64_t magic;
};

std::uint64_t next_store_number() {
  static std::atomic<std::uint64_t> next{1};
  return next++;
}

/// The block that a thread read last: its neighbours' chunks are asked for next.
struct LastBlock {
  std::uint64_t store = 0;
  std::size_t block = 0;
  std::string bytes;
};

}  // namespace

TextStoreWriter::TextStoreWriter(FileDescriptor file, std::string path)
    : file_(std::move(file)), path_(std::move(path)), context_(ZSTD_createCCtx()) {
  auto* context = static_cast<ZSTD_CCtx*>(context_);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kCompressionLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  compressed_.resize(ZSTD_compressBound(kBlockBytes));
}

TextStoreWriter::~TextStoreWriter() { ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context_)); }

Result<std::unique_ptr<TextStoreWriter>> TextStoreWriter::create(const std::string& path) {
  auto file = FileDescriptor::create(path);
  if (!file) return file.error();
  return std::unique_ptr<TextStoreWriter>(new TextStoreWriter(std::move(file).value(), path));
}

Status TextStoreWriter::append(std::string_view text) {
  size_ += text.size();
  while (!text.empty()) {
    if (pending_.empty() && text.size() >= kBlockBytes) {
      if (Status s = write_block(text.substr(0, kBlockBytes)); !s) return s;
      text.remove_prefix(kBlockBytes);
      continue;
    }
    const std::size_t taken = std::min(kBlockBytes - pending_.size(), text.size());
    pending_.append(text.substr(0, taken));
    text.remove_prefix(taken);
    if (pending_.size() < kBlockBytes) continue;
    if (Status s = write_block(pending_); !s) return s;
    pending_.clear();
  }
  return {};
}

Status TextStoreWriter::write_block(std::string_view block) {
  const std::size_t n = ZSTD_compress2(static_cast<ZSTD_CCtx*>(context_), compressed_.data(),
                                       compressed_.size(), block.data(), block.size());
  if (ZSTD_isError(n) != 0) return Error{ErrorKind::io, std::string(ZSTD_getErrorName(n))};
  if (Status s = file_.append({compressed_.data(), n}); !s) return s.error().within(path_);
  block_ends_.push_back((block_ends_.empty() ? 0 : block_ends_.back()) + n);
  return {};
}

Status TextStoreWriter::finish() {
  if (!pending_.empty()) {
    if (Status s = write_block(pending_); !s) return s;
    pending_.clear();
  }
  const Footer footer{size_, block_ends_.size(), kMagic};
  std::string tail(reinterpret_cast<const char*>(block_ends_.data()),
                   block_ends_.size() * sizeof(std::uint64_t));
  tail.append(reinterpret_cast<const char*>(&footer), sizeof footer);
  if (Status s = file_.append(tail); !s) return s.error().within(path_);
  return {};
}

TextStore::TextStore(FileDescriptor file, std::string path)
    : number_(next_store_number()), file_(std::move(file)), path_(std::move(path)) {}

Result<std::unique_ptr<TextStore>> TextStore::open(const std::string& path) {
  auto file = FileDescriptor::open_for_reading(path);
  if (!file) return file.error();
  std::unique_ptr<TextStore> store(new TextStore(std::move(file).value(), path));
  const auto bytes = store->file_.size();
  if (!bytes) return bytes.error().within(path);
  const Error damaged = damaged_file(path, "not a text store, or cut short");
  Footer footer{};
  if (*bytes < sizeof footer) return damaged;
  if (Status s = store->file_.read_at(*bytes - sizeof footer, reinterpret_cast<char*>(&footer),
                                      sizeof footer);
      !s) {
    return s.error().within(path);
  }
  const std::uint64_t expected_blocks = (footer.text_bytes + kBlockBytes - 1) / kBlockBytes;
  if (footer.magic != kMagic || footer.blocks != expected_blocks) return damaged;
  const std::uint64_t table = footer.blocks * sizeof(std::uint64_t);
  if (*bytes < table + sizeof footer) return damaged;
  store->block_ends_.resize(footer.blocks);
  store->size_ = footer.text_bytes;
  const std::uint64_t data = *bytes - table - sizeof footer;
  if (Status s =
          store->file_.read_at(data, reinterpret_cast<char*>(store->block_ends_.data()), table);
      !s) {
    return s.error().within(path);
  }
  if (!std::is_sorted(store->block_ends_.begin(), store->block_ends_.end()) ||
      (store->block_ends_.empty() ? data != 0 : store->block_ends_.back() != data)) {
    return damaged;
  }
  return store;
}

Result<std::string> TextStore::read(std::uint64_t start, std::uint64_t length) const {
  if (start > size_ || length > size_ - start) {
    return damaged_file(path_, "a text lies outside the store");
  }
  std::string out;
  out.reserve(length);
  thread_local LastBlock last;
  while (length > 0) {
    const std::size_t number = start / kBlockBytes;
    const std::size_t offset = start % kBlockBytes;
    if (last.store != number_ || last.block != number) {
      last.store = 0;
      if (Status s = read_block(number, last.bytes); !s) return s.error();
      last.store = number_;
      last.block = number;
    }
    const std::size_t taken = std::min<std::uint64_t>(length, last.bytes.size() - offset);
    out.append(last.bytes, offset, taken);
    start += taken;
    length -= taken;
  }
  return out;
}

Status TextStore::read_block(std::size_t block, std::string& out) const {
  thread_local std::string compressed;
  thread_local std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                            &ZSTD_freeDCtx);
  const std::uint64_t start = block == 0 ? 0 : block_ends_[block - 1];
  compressed.resize(block_ends_[block] - start);
  if (Status s = file_.read_at(start, compressed.data(), compressed.size()); !s) {
    return s.error().within(path_);
  }
  const std::uint64_t expected = std::min<std::uint64_t>(kBlockBytes, size_ - block * kBlockBytes);
  out.resize(expected);
  const std::size_t n = ZSTD_decompressDCtx(context.get(), out.data(), out.size(),
                                            compressed.data(), compressed.size());
  if (ZSTD_isError(n) != 0 || n != expected) {
    return damaged_file(path_, "a block of text is damaged");
  }
  return {};
}

}  // namespace callslip
