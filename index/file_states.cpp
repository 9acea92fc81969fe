#include "index/file_states.h"

#include <zstd.h>

#include <array>
#include <cstring>
#include <string_view>

#include "index/atomic_file.h"

namespace callslip {
namespace {

constexpr std::string_view kMagic = "CLSLFST2";
constexpr std::size_t kMaxBytes = 4ULL << 30;

void put_string(std::string& out, const std::string& text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&length), sizeof length);
  out.append(text);
}

/// Reads what put_string and the numbers wrote; `ok` turns false at the end of the bytes.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    T value{};
    if (bytes_.size() < sizeof value) {
      ok_ = false;
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }

  std::string string() {
    const auto length = number<std::uint32_t>();
    if (bytes_.size() < length) ok_ = false;
    if (!ok_) return {};
    std::string text(bytes_.substr(0, length));
    bytes_.remove_prefix(length);
    return text;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace

Status save_file_states(const std::string& path, const FileStates& states) {
  std::string plain;
  for (const auto& [relative, state] : states) {
    const std::array<std::uint64_t, 5> numbers{
        state.size, static_cast<std::uint64_t>(state.mtime_ns),
        static_cast<std::uint64_t>(state.ctime_ns), state.inode, state.content_hash};
    plain.append(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
    put_string(plain, relative);
    put_string(plain, state.skipped);
    put_string(plain, state.warning);
    put_string(plain, state.tried);
    const auto members = static_cast<std::uint32_t>(state.skipped_members.size());
    plain.append(reinterpret_cast<const char*>(&members), sizeof members);
    for (const FileState::Member& member : state.skipped_members) {
      put_string(plain, member.path);
      put_string(plain, member.reason);
    }
  }
  std::string out(kMagic);
  const std::uint64_t size = plain.size();
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  const std::size_t head = out.size();
  out.resize(head + ZSTD_compressBound(plain.size()));
  const std::size_t n =
      ZSTD_compress(out.data() + head, out.size() - head, plain.data(), plain.size(), 1);
  if (ZSTD_isError(n) != 0) return Error{ErrorKind::io, path + ": " + ZSTD_getErrorName(n)};
  out.resize(head + n);
  return write_file_atomically(path, out);
}

Result<FileStates> load_file_states(const std::string& path) {
  const auto bytes = read_file(path, kMaxBytes);
  if (!bytes) return bytes.error();
  const Error damaged{ErrorKind::damaged, path + ": damaged"};
  Cursor head(*bytes);
  std::uint64_t size = 0;
  if (!bytes->starts_with(kMagic)) return damaged;
  if (bytes->size() < kMagic.size() + sizeof size) return damaged;
  std::memcpy(&size, bytes->data() + kMagic.size(), sizeof size);
  const std::string_view packed = std::string_view(*bytes).substr(kMagic.size() + sizeof size);
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != size || size > kMaxBytes) {
    return damaged;
  }
  std::string plain(size, '\0');
  const std::size_t n = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
  if (ZSTD_isError(n) != 0 || n != size) return damaged;
  FileStates states;
  Cursor cursor(plain);
  while (!cursor.at_end()) {
    FileState state;
    state.size = cursor.number<std::uint64_t>();
    state.mtime_ns = cursor.number<std::int64_t>();
    state.ctime_ns = cursor.number<std::int64_t>();
    state.inode = cursor.number<std::uint64_t>();
    state.content_hash = cursor.number<std::uint64_t>();
    std::string relative = cursor.string();
    state.skipped = cursor.string();
    state.warning = cursor.string();
    state.tried = cursor.string();
    const auto members = cursor.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < members && cursor.ok(); ++i) {
      std::string member = cursor.string();
      state.skipped_members.push_back({std::move(member), cursor.string()});
    }
    if (!cursor.ok()) return damaged;
    states.emplace(std::move(relative), std::move(state));
  }
  return states;
}

}  // namespace callslip
