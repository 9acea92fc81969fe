#include "index/extract/helper/archive_stream.h"

#include <cerrno>
#include <new>
#include <utility>

#include "index/extract/parse_reasons.h"
#include "index/text/encoding.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t kBlock = 256U << 10;

void support(archive* a, ArchiveStream::Format format) {
  archive_read_support_filter_gzip(a);
  archive_read_support_filter_bzip2(a);
  archive_read_support_filter_xz(a);
  archive_read_support_filter_lzma(a);
  archive_read_support_filter_zstd(a);
  archive_read_support_filter_compress(a);
  if (format == ArchiveStream::Format::compressed_file) {
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    return;
  }
  archive_read_support_format_zip(a);
  archive_read_support_format_tar(a);
  archive_read_support_format_7zip(a);
  archive_read_support_format_rar(a);
  archive_read_support_format_rar5(a);
  archive_read_support_format_empty(a);
}

/// A name in UTF-8, whatever the archive's maker spoke.
std::string path_of(archive_entry* entry) {
  if (const char* path = archive_entry_pathname_utf8(entry)) return path;
  const char* raw = archive_entry_pathname(entry);
  if (raw == nullptr) return "";
  auto decoded = decode_text(raw);
  return decoded ? std::move(decoded->text) : make_valid_utf8(raw).text;
}

ArchiveMember::Kind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr) {
    return ArchiveMember::Kind::link;
  }
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case 0:
      return ArchiveMember::Kind::file;
    case AE_IFDIR:
      return ArchiveMember::Kind::folder;
    default:
      return ArchiveMember::Kind::special;
  }
}

}  // namespace

ArchiveStream::ArchiveStream(bool has_passwords) : has_passwords_(has_passwords) {}

ArchiveStream::~ArchiveStream() {
  if (archive_ != nullptr) archive_read_free(archive_);
}

Error ArchiveStream::problem() const {
  const char* text = archive_error_string(archive_);
  const std::string said = text == nullptr ? "it ends too early" : text;
  // libarchive has no number for this.
  if (said.find("assphrase") != std::string::npos || said.find("ncrypt") != std::string::npos) {
    return encrypted_error(has_passwords_);
  }
  if (archive_errno(archive_) == ENOMEM) throw std::bad_alloc();
  constexpr std::string_view kMethod = "Unsupported ZIP compression method";
  if (said.starts_with(kMethod)) {
    return {ErrorKind::unsupported,
            "packed in a way that is not read" + said.substr(kMethod.size())};
  }
  return {ErrorKind::unsupported, "damaged: " + said};
}

Result<std::unique_ptr<ArchiveStream>> ArchiveStream::open(
    std::string_view bytes, Format format, const std::vector<std::string>& passwords) {
  std::unique_ptr<ArchiveStream> stream(new ArchiveStream(!passwords.empty()));
  stream->archive_ = archive_read_new();
  if (stream->archive_ == nullptr) throw std::bad_alloc();
  support(stream->archive_, format);
  for (const std::string& password : passwords) {
    if (!password.empty()) archive_read_add_passphrase(stream->archive_, password.c_str());
  }
  if (archive_read_open_memory(stream->archive_, bytes.data(), bytes.size()) < ARCHIVE_WARN) {
    return stream->problem();
  }
  return stream;
}

Result<std::optional<ArchiveMember>> ArchiveStream::next() {
  int result = ARCHIVE_RETRY;
  for (int tries = 0; result == ARCHIVE_RETRY && tries < 3; ++tries) {
    result = archive_read_next_header(archive_, &entry_);
  }
  if (result == ARCHIVE_EOF) return std::optional<ArchiveMember>();
  if (result < ARCHIVE_WARN) return problem();
  return std::optional<ArchiveMember>({path_of(entry_), kind_of(entry_)});
}

Result<std::string> ArchiveStream::read(Unpacking& unpacking) {
  if (archive_entry_is_data_encrypted(entry_) != 0 && !has_passwords_) {
    return encrypted_error(false);
  }
  std::string contents;
  std::string block(kBlock, '\0');
  for (;;) {
    const la_ssize_t n = archive_read_data(archive_, block.data(), block.size());
    if (n == 0) return contents;
    if (n < 0) return problem();
    if (Status s = unpacking.take(static_cast<std::uint64_t>(n)); !s) return s.error();
    if (contents.size() + static_cast<std::size_t>(n) > Unpacking::kMostOfOneMember) {
      return Error{ErrorKind::unsupported,
                   "larger than " + std::to_string(Unpacking::kMostOfOneMember >> 20) + " MiB"};
    }
    contents.append(block, 0, static_cast<std::size_t>(n));
  }
}

}  // namespace callslip
