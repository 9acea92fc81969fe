// Names of documents that clients hand over: what is allowed in them, and names made from what a
// URL or a header says.
//
// Stateless; any thread. A name becomes a path below INDEX/documents/, and is shown to people and
// models: it must neither lead elsewhere nor look like something else.
#pragma once

#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

/// "COLLECTION/folder/file.md", or "file.md" alone: then the collection is empty and the store
/// chooses it.
struct HandedName {
  std::string collection;
  std::string relative;
};

/// ErrorKind::invalid_argument says what is wrong with it.
Result<HandedName> parse_handed_name(std::string_view name);

/// The nearest allowed file name: without folders, control characters, leading dots; at most so
/// long. Empty where nothing is left.
std::string clean_file_name(std::string_view text);

/// The extension that stands for a media type ("text/html; charset=utf-8": "html"); empty where
/// none does.
std::string_view extension_of_type(std::string_view media_type);

/// The name, with the extension of the media type where it has none of its own.
std::string with_extension(std::string name, std::string_view media_type);

}  // namespace callslip
