// Document URIs: how documents, their chunks and their sections are called in resource lists, links
// and reads.
//
// A document's URI is that of its file; a record of a collection adds its id as the fragment. What
// a URI names is looked up in the snapshot and nowhere else: no file is touched, "..", links and
// other spellings of a path lead nowhere. Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "index/result.h"
#include "index/snapshot.h"
#include "tools/document_sections.h"

namespace callslip {

/// A file:// URI for a path; a record of a collection gets its id as the fragment.
std::string file_uri(std::string_view path, std::string_view document_name);

/// The one that results and lists have.
std::string document_uri(const Snapshot& snapshot, DocumentNumber document);

/// The part of a record's name after the '#'; empty for a file.
std::string_view record_of_file(std::string_view path, std::string_view name);

inline constexpr std::string_view chunk_uri_prefix = "callslip://chunk/";
inline constexpr std::string_view document_uri_prefix = "callslip://document/";
inline constexpr std::string_view section_uri_prefix = "callslip://section/";

/// What a URI names: a document, or a part of one.
struct UriTarget {
  enum class Kind { document, chunk, section };
  Kind kind = Kind::document;
  DocumentNumber document = 0;
  ChunkNumber chunk = 0;
  ByteSpan section;  // of the document's text
};

/// ErrorKind::not_found when nothing here is called so.
Result<UriTarget> resolve_uri(const Snapshot& snapshot, std::string_view uri);

/// The document with this name.
std::optional<DocumentNumber> find_document(const Snapshot& snapshot, std::string_view name);

}  // namespace callslip
