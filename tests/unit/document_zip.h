// Builds documents that are ZIP files. For tests of parsers.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callslip {

using ZipParts = std::vector<std::pair<std::string, std::string>>;

/// A ZIP file of the parts; "mimetype" is stored, as ODF and EPUB demand, the others compressed.
inline std::string zip_of(const ZipParts& parts) {
  std::string zip;
  std::vector<char> buffer(1 << 16);
  for (const auto& [name, text] : parts) buffer.resize(buffer.size() + text.size() + 1024);
  std::size_t used = 0;
  struct archive* archive = ::archive_write_new();
  ::archive_write_set_format_zip(archive);
  ::archive_write_open_memory(archive, buffer.data(), buffer.size(), &used);
  for (const auto& [name, text] : parts) {
    if (name == "mimetype") {
      ::archive_write_zip_set_compression_store(archive);
    } else {
      ::archive_write_zip_set_compression_deflate(archive);
    }
    struct archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    ::archive_write_header(archive, entry);
    ::archive_write_data(archive, text.data(), text.size());
    ::archive_entry_free(entry);
  }
  ::archive_write_close(archive);
  ::archive_write_free(archive);
  return zip.assign(buffer.data(), used);
}

inline constexpr std::string_view xml_head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Relationships: {id, type's last segment, target}.
struct Relation {
  std::string id, type, target;
};

inline std::string relations_xml(const std::vector<Relation>& relations) {
  std::string xml(xml_head);
  xml += "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">";
  for (const Relation& relation : relations) {
    xml += "<Relationship Id=\"" + relation.id +
           "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" +
           relation.type + "\" Target=\"" + relation.target + "\"/>";
  }
  return xml + "</Relationships>";
}

}  // namespace callslip
