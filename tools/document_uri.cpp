#include "tools/document_uri.h"

#include "index/document_id.h"
#include "index/files/file_walker.h"
#include "index/formats/parser.h"
#include "tools/found_chunk.h"
#include "tools/percent_encoding.h"

namespace callslip {
namespace {

Error unknown(std::string_view why) { return {ErrorKind::not_found, std::string(why)}; }

/// The path that a file URI's path stands for; nothing where it is not spelt as ours are, encoded
/// characters that need no encoding aside.
std::optional<std::string> path_of(std::string_view encoded) {
  auto path = percent_decode_strictly(encoded);
  if (!path) return std::nullopt;
  // An encoded slash is no separator, and NUL ends names.
  std::size_t slashes = 0;
  for (const char c : encoded) slashes += c == '/' ? 1 : 0;
  for (const char c : *path) {
    if (c == '\0') return std::nullopt;
    slashes -= c == '/' ? 1 : 0;
  }
  return slashes == 0 ? path : std::nullopt;
}

/// What the file may be called: roots can lie in each other.
std::vector<std::string> names_of(const Snapshot& snapshot, const std::string& path) {
  std::vector<std::string> names;
  for (const RootRecord& root : snapshot.manifest().roots) {
    const std::string folder = root.path.ends_with('/') ? root.path : root.path + "/";
    const std::string as_name = as_utf8(path);
    if (as_name == root.path) names.push_back(root.name);
    if (as_name.starts_with(folder)) {
      names.push_back(root.name + "/" + as_name.substr(folder.size()));
    }
  }
  return names;
}

Result<UriTarget> resolve_file(const Snapshot& snapshot, std::string_view rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view host = rest.substr(0, slash);
  if (slash == std::string_view::npos || !(host.empty() || host == "localhost")) {
    return unknown("only files of this machine are here");
  }
  rest.remove_prefix(slash);
  const std::size_t hash = rest.find('#');
  const std::string_view fragment =
      hash == std::string_view::npos ? std::string_view() : rest.substr(hash + 1);
  const auto path = path_of(rest.substr(0, hash));
  const auto record = percent_decode_strictly(fragment);
  if (!path || !record || rest.substr(0, hash).find('?') != std::string_view::npos) {
    return unknown("it is not the URI of an indexed document");
  }
  const std::string part = record->empty() ? "" : "#" + *record;
  for (const std::string& name : names_of(snapshot, *path)) {
    const auto document = find_document(snapshot, name + part);
    if (!document) continue;
    const DocumentRow& row = snapshot.document(*document);
    const bool is_record = (row.flags & DocumentRow::kRecord) != 0;
    if (is_record == !part.empty() && snapshot.string(*document, row.path) == *path) {
      return UriTarget{UriTarget::Kind::document, *document, 0, {}};
    }
  }
  return unknown("it is not the URI of an indexed document");
}

Result<UriTarget> resolve_chunk(const Snapshot& snapshot, std::string_view rest) {
  const auto id = percent_decode_strictly(rest);
  if (!id) return unknown("it is not the URI of a chunk");
  const auto chunk = find_chunk(snapshot, *id);
  if (!chunk) return unknown(chunk.error().message);
  return UriTarget{UriTarget::Kind::chunk, snapshot.document_of(*chunk), *chunk, {}};
}

Result<UriTarget> resolve_section(const Snapshot& snapshot, std::string_view rest) {
  const std::size_t slash = rest.rfind('/');
  const auto name = percent_decode_strictly(rest.substr(0, slash));
  const auto heading = slash == std::string_view::npos
                           ? std::nullopt
                           : percent_decode_strictly(rest.substr(slash + 1));
  const auto document = name && heading ? find_document(snapshot, *name) : std::nullopt;
  if (!document) return unknown("no document has this name");
  const auto section = find_section(snapshot, *document, *heading);
  if (!section) return unknown("the document has no such heading");
  return UriTarget{UriTarget::Kind::section, *document, 0, *section};
}

}  // namespace

std::string_view record_of_file(std::string_view path, std::string_view name) {
  return is_collection(path) ? record_part(name, path) : std::string_view();
}

std::string file_uri(std::string_view path, std::string_view document_name) {
  std::string uri = "file://" + percent_encode_path(path);
  const std::string_view record = record_of_file(path, document_name);
  if (!record.empty()) uri += "#" + percent_encode_path(record);
  return uri;
}

std::string document_uri(const Snapshot& snapshot, DocumentNumber document) {
  return file_uri(snapshot.string(document, snapshot.document(document).path),
                  snapshot.name(document));
}

std::optional<DocumentNumber> find_document(const Snapshot& snapshot, std::string_view name) {
  const auto found = snapshot.find(document_id(name));
  return found && snapshot.name(*found) == name ? found : std::nullopt;
}

Result<UriTarget> resolve_uri(const Snapshot& snapshot, std::string_view uri) {
  constexpr std::string_view file = "file://";
  if (uri.starts_with(file)) return resolve_file(snapshot, uri.substr(file.size()));
  if (uri.starts_with(chunk_uri_prefix)) {
    return resolve_chunk(snapshot, uri.substr(chunk_uri_prefix.size()));
  }
  if (uri.starts_with(section_uri_prefix)) {
    return resolve_section(snapshot, uri.substr(section_uri_prefix.size()));
  }
  if (uri.starts_with(document_uri_prefix)) {
    const auto name = percent_decode_strictly(uri.substr(document_uri_prefix.size()));
    const auto document = name ? find_document(snapshot, *name) : std::nullopt;
    if (document) return UriTarget{UriTarget::Kind::document, *document, 0, {}};
    return unknown("no document has this name");
  }
  return unknown("it is not the URI of an indexed document");
}

}  // namespace callslip
