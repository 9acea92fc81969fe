#include "index/files/file_states.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "index/formats/format_list.h"
#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::uint64_t kMagic = 0x3454534C46534C43;  // "CLSFLST4"
constexpr std::size_t kMaxBytes = 4ULL << 30;
constexpr std::uint64_t kSmall = 64U << 10;         // changes that are never too many
constexpr std::uint64_t kGone = ~std::uint64_t{0};  // as a size: the file is not there any more

struct FrameHead {
  std::uint64_t magic = kMagic;
  std::uint64_t readers = kReadersRevision;
  std::uint64_t packed_bytes = 0;
  std::uint64_t plain_bytes = 0;
  std::uint64_t checksum = 0;  // of the packed bytes

  bool current() const { return magic == kMagic && readers == kReadersRevision; }
};

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

void put_state(std::string& out, const std::string& relative, const FileState& state) {
  const std::array<std::uint64_t, 5> numbers{state.size, static_cast<std::uint64_t>(state.mtime_ns),
                                             static_cast<std::uint64_t>(state.ctime_ns),
                                             state.inode, state.content_hash};
  out.append(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  put_string(out, relative);
  put_string(out, state.skipped);
  put_string(out, state.warning);
  put_string(out, state.tried);
  const auto members = static_cast<std::uint32_t>(state.skipped_members.size());
  out.append(reinterpret_cast<const char*>(&members), sizeof members);
  for (const FileState::Member& member : state.skipped_members) {
    put_string(out, member.path);
    put_string(out, member.reason);
  }
}

Result<std::string> frame_of(const std::string& path, const std::string& plain) {
  FrameHead head;
  std::string out(sizeof head + ZSTD_compressBound(plain.size()), '\0');
  const std::size_t n = ZSTD_compress(out.data() + sizeof head, out.size() - sizeof head,
                                      plain.data(), plain.size(), 1);
  if (ZSTD_isError(n) != 0) return Error{ErrorKind::io, path + ": " + ZSTD_getErrorName(n)};
  out.resize(sizeof head + n);
  head.packed_bytes = n;
  head.plain_bytes = plain.size();
  head.checksum = hash64(std::string_view(out).substr(sizeof head));
  std::memcpy(out.data(), &head, sizeof head);
  return out;
}

/// Takes a frame off the front of the bytes; nothing where there is none that is whole.
std::optional<std::string> take_frame(std::string_view& bytes) {
  FrameHead head;
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  bytes.remove_prefix(sizeof head);
  if (!head.current() || head.packed_bytes > bytes.size() || head.plain_bytes > kMaxBytes) {
    return std::nullopt;
  }
  const std::string_view packed = bytes.substr(0, head.packed_bytes);
  bytes.remove_prefix(head.packed_bytes);
  if (hash64(packed) != head.checksum) return std::nullopt;
  std::string plain(head.plain_bytes, '\0');
  const std::size_t n = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
  if (ZSTD_isError(n) != 0 || n != plain.size()) return std::nullopt;
  return plain;
}

/// Applies what a frame says.
bool read_states(std::string_view plain, FileStates& states) {
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
    if (!cursor.ok()) return false;
    if (state.size == kGone) {
      states.erase(relative);
    } else {
      states.insert_or_assign(std::move(relative), std::move(state));
    }
  }
  return true;
}

/// By path, as folders are walked: who loads them finds in memory, one behind the other, what is
/// asked for in turn.
void put_states(std::string& plain, const FileStates& states) {
  std::vector<const FileStates::value_type*> sorted;
  sorted.reserve(states.size());
  for (const auto& state : states) sorted.push_back(&state);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* state : sorted) put_state(plain, state->first, state->second);
}

}  // namespace

void FileStateChanges::apply_to(FileStates& states) const {
  for (const std::string& relative : gone) states.erase(relative);
  for (const auto& [relative, state] : seen) states.insert_or_assign(relative, state);
}

Result<std::uint64_t> save_file_states(const std::string& path, const FileStates& states) {
  std::string plain;
  put_states(plain, states);
  const auto frame = frame_of(path, plain);
  if (!frame) return frame.error();
  if (Status s = write_file_atomically(path, *frame); !s) return s.error();
  return std::uint64_t{frame->size()};
}

Result<std::optional<std::uint64_t>> append_file_states(const std::string& path,
                                                        std::uint64_t bytes,
                                                        const FileStateChanges& changes) {
  const std::optional<std::uint64_t> anew;
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return errno == ENOENT ? Result(anew) : system_error(path, errno);
  const auto size = file.size();
  if (!size) return size.error().within(path);
  FrameHead head;
  if (bytes < sizeof head || *size < bytes ||
      !file.read_at(0, reinterpret_cast<char*>(&head), sizeof head) || !head.current() ||
      bytes > kSmall + 2 * (sizeof head + head.packed_bytes)) {
    return anew;
  }
  std::string plain;
  put_states(plain, changes.seen);
  FileState gone;
  gone.size = kGone;
  for (const std::string& relative : changes.gone) put_state(plain, relative, gone);
  const auto frame = frame_of(path, plain);
  if (!frame) return frame.error();
  if (::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 ||
      ::lseek(file.get(), 0, SEEK_END) < 0) {
    return system_error(path, errno);
  }
  if (Status s = file.append(*frame); !s) return s.error().within(path);
  if (::fdatasync(file.get()) != 0) return system_error(path, errno);
  return std::optional<std::uint64_t>(bytes + frame->size());
}

Result<FileStates> load_file_states(const std::string& path, std::uint64_t bytes) {
  const auto whole = read_file(path, kMaxBytes);
  if (!whole) return whole.error();
  const Error damaged{ErrorKind::damaged, path + ": damaged"};
  if (whole->size() < bytes) return damaged;
  std::string_view rest = *whole;
  if (bytes != 0) rest = rest.substr(0, bytes);
  FileStates states;
  do {
    const auto plain = take_frame(rest);
    if (!plain) return damaged;
    // The first frame is most of it.
    if (states.empty()) states.reserve(plain->size() / 72);
    if (!read_states(*plain, states)) return damaged;
  } while (!rest.empty());
  return states;
}

}  // namespace callslip
