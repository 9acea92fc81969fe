// Reading whole files, and writing them so that a crash leaves the old content or the new one.
//
// Stateless: any thread may call these; two writers of one path are ordered by the last rename.
// Errors name the path, what was tried and why it failed: io, not_found, unsupported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

/// What an errno of a file operation means to a user: "disk is full; …", else strerror's text.
std::string describe_errno(int number);

/// Replaces the file, keeping its mode and, where we may, its owner; a symlink stays one and its
/// target is replaced. The bytes
/// are on the disk when this returns. After an error the old content is still there, and no
/// temporary file; only when the last step (syncing the directory) failed may it be the new one.
Status write_file_atomically(const std::string& path, std::string_view bytes);

/// The file's bytes as they are now, even when it grows or shrinks meanwhile. Errors: not_found;
/// unsupported when it is larger than `max_bytes` or not a regular file; io.
Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes);

/// Makes a finished rename, creation or removal in the directory durable.
Status sync_directory(const std::string& path);

/// Makes the file's content durable.
Status sync_file(const std::string& path);

}  // namespace callslip
