// Archives made for a test, by libarchive, in memory.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <string>
#include <vector>

namespace callslip {

struct SmallMember {
  std::string path;
  std::string contents;
  std::string link;  // a symbolic link to it
};

enum class SmallArchive { zip, tar, tar_gz, gz, bz2, xz, zst };

/// `password`: ZIP only, its traditional encryption.
inline std::string make_archive(SmallArchive kind, const std::vector<SmallMember>& members,
                                const std::string& password = "") {
  archive* out = archive_write_new();
  const bool raw =
      kind != SmallArchive::zip && kind != SmallArchive::tar && kind != SmallArchive::tar_gz;
  if (kind == SmallArchive::zip) archive_write_set_format_zip(out);
  if (kind == SmallArchive::tar || kind == SmallArchive::tar_gz) archive_write_set_format_pax(out);
  if (raw) archive_write_set_format_raw(out);
  if (kind == SmallArchive::tar_gz || kind == SmallArchive::gz) archive_write_add_filter_gzip(out);
  if (kind == SmallArchive::bz2) archive_write_add_filter_bzip2(out);
  if (kind == SmallArchive::xz) archive_write_add_filter_xz(out);
  if (kind == SmallArchive::zst) archive_write_add_filter_zstd(out);
  if (!password.empty()) {
    archive_write_set_options(out, "zip:encryption=traditional");
    archive_write_set_passphrase(out, password.c_str());
  }
  archive_write_set_bytes_in_last_block(out, 1);
  std::size_t room = 1 << 20;
  for (const SmallMember& member : members) room += member.contents.size() + 4096;
  std::string bytes(room, '\0');
  std::size_t used = 0;
  archive_write_open_memory(out, bytes.data(), bytes.size(), &used);
  for (const SmallMember& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.path.c_str());
    archive_entry_set_filetype(entry, member.link.empty() ? AE_IFREG : AE_IFLNK);
    archive_entry_set_perm(entry, 0644);
    if (!member.link.empty()) archive_entry_set_symlink(entry, member.link.c_str());
    if (member.link.empty()) {
      archive_entry_set_size(entry, static_cast<la_int64_t>(member.contents.size()));
    }
    archive_write_header(out, entry);
    archive_write_data(out, member.contents.data(), member.contents.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
  bytes.resize(used);
  return bytes;
}

}  // namespace callslip
