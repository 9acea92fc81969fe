#include "index/formats/office/zip_package.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>
#include <utility>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

using Archive = std::unique_ptr<struct archive, int (*)(struct archive*)>;

Archive open_archive(std::string_view bytes) {
  Archive archive(::archive_read_new(), &::archive_read_free);
  ::archive_read_support_format_zip(archive.get());
  if (::archive_read_open_memory(archive.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    archive.reset();
  }
  return archive;
}

std::string name_of(struct archive_entry* entry) {
  const char* name = ::archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = ::archive_entry_pathname(entry);
  return name == nullptr ? std::string() : part_key(name);
}

Error too_large(const ZipPackage::Limits& limits) {
  return {ErrorKind::unsupported, "unpacks to more than " + std::to_string(limits.part >> 20) +
                                      " MiB a part or " + std::to_string(limits.total >> 20) +
                                      " MiB in all"};
}

/// Reads the entry's data into `part`. False: damaged; what could be read is in `part`.
Result<bool> read_part(struct archive* archive, const ZipPackage::Limits& limits, std::string& part,
                       std::size_t& total) {
  std::array<char, 65536> block;
  while (true) {
    const la_ssize_t got = ::archive_read_data(archive, block.data(), block.size());
    if (got == 0) return true;
    if (got == ARCHIVE_RETRY) continue;
    if (got == ARCHIVE_WARN) return true;  // a checksum that does not fit; the data is all there
    if (got < 0) return false;
    const auto size = static_cast<std::size_t>(got);
    total += size;
    if (part.size() + size > limits.part || total > limits.total) return too_large(limits);
    part.append(block.data(), size);
  }
}

}  // namespace

std::string part_key(std::string_view name) {
  std::string key = ascii_lower(name);
  for (char& c : key) {
    if (c == '\\') c = '/';
  }
  key.erase(0, leading(key, '/'));
  return key;
}

std::string resolve_part(std::string_view base, std::string_view target) {
  std::string path;
  if (!target.starts_with('/') && base.rfind('/') != base.npos) {
    path = base.substr(0, base.rfind('/'));
  }
  while (!target.empty()) {
    const std::size_t slash = std::min(target.find_first_of("/\\"), target.size());
    const std::string_view step = target.substr(0, slash);
    target.remove_prefix(std::min(slash + 1, target.size()));
    if (step == "..") {
      const std::size_t parent = path.rfind('/');
      path.resize(parent == path.npos ? 0 : parent);
    } else if (!step.empty() && step != ".") {
      if (!path.empty()) path += '/';
      path += step;
    }
  }
  return part_key(path);
}

Result<ZipPackage> ZipPackage::open(std::string_view bytes, const Wanted& wanted,
                                    const Limits& limits) {
  const Archive archive = open_archive(bytes);
  if (!archive) return Error{ErrorKind::unsupported, "damaged ZIP file"};
  ZipPackage package;
  std::size_t total = 0;
  while (true) {
    struct archive_entry* entry = nullptr;
    const int status = ::archive_read_next_header(archive.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status == ARCHIVE_RETRY) continue;
    if (status == ARCHIVE_FATAL || status == ARCHIVE_FAILED || entry == nullptr) {
      package.damaged_ = true;
      break;
    }
    if (package.names_.size() >= limits.entries) {
      return Error{ErrorKind::unsupported,
                   "ZIP file of more than " + std::to_string(limits.entries) + " entries"};
    }
    std::string name = name_of(entry);
    package.names_.push_back(name);
    if (name.empty() || name.ends_with('/') || !wanted(name)) continue;
    if (::archive_entry_is_data_encrypted(entry) != 0) {
      return Error{ErrorKind::unsupported, "encrypted; save it without a password to have it read"};
    }
    std::string part;
    const Result<bool> whole = read_part(archive.get(), limits, part, total);
    if (!whole) return whole.error();
    package.damaged_ = package.damaged_ || !*whole;
    package.parts_.try_emplace(std::move(name), std::move(part));  // of two, the first
  }
  if (package.names_.empty()) return Error{ErrorKind::unsupported, "damaged ZIP file"};
  return package;
}

const std::string* ZipPackage::find(std::string_view name) const {
  const auto found = parts_.find(part_key(name));
  return found == parts_.end() ? nullptr : &found->second;
}

std::string ZipPackage::take(std::string_view name) {
  const auto found = parts_.find(part_key(name));
  if (found == parts_.end()) return {};
  std::string part = std::move(found->second);
  parts_.erase(found);
  return part;
}

}  // namespace callslip
