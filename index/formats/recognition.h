// Telling the formats that callslip-extract parses, by the file's name and its first bytes.
//
// Pure functions: any thread may call them. `name` is a base name of any case, `head` the first
// bytes, up to 4 KiB; what is cut off there is not held against a file.
#pragma once

#include <string_view>

#include "index/formats/format_list.h"

namespace callslip {

#define CALLSLIP_DECLARE_TEST(format) \
  bool is_##format(std::string_view name, std::string_view head);
CALLSLIP_FORMATS(CALLSLIP_NO_FORMAT, CALLSLIP_DECLARE_TEST)
#undef CALLSLIP_DECLARE_TEST

/// "notes.txt" for "notes.txt.gz"; empty for what is not compressed, and for archives.
std::string_view name_inside_compressed(std::string_view name);

/// Whether the file is a mailbox: messages behind "From " lines.
bool is_mailbox(std::string_view name, std::string_view head);

/// "From somebody@example.org Sat Jan  3 01:05:34 1996": the line before each message.
bool is_from_line(std::string_view line);

}  // namespace callslip
