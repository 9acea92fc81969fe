#include "plugin/documents/document_name.h"

#include <array>
#include <utility>

#include "index/formats/parser.h"
#include "index/formats/text_document.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxName = 1024;  // bytes; leaves room in a path of 4095 for the index's own
constexpr std::size_t kMaxPart = 200;
constexpr std::size_t kMaxParts = 16;

/// Controls, line ends, and marks that turn the direction of what follows: a name must look like
/// what it is.
bool is_unprintable(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x200B || c == 0x200E || c == 0x200F ||
         c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

Error bad_name(const std::string& why) {
  return {ErrorKind::invalid_argument,
          "name: " + why + "; give one such as \"report.md\" or \"project/notes/report.md\""};
}

Status check_characters(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint c = decode_utf8(name, at);
    if (!c.valid) return bad_name("is not UTF-8");
    if (is_unprintable(c.value)) return bad_name("holds a control or an invisible character");
    if (c.value == '\\') return bad_name("holds a backslash");
    at += c.length;
  }
  return {};
}

Status check_part(std::string_view part) {
  if (part.empty()) return bad_name("has an empty part: a slash too many");
  if (part.front() == '.') return bad_name("has a part that begins with a dot");
  if (part.front() == ' ' || part.back() == ' ') {
    return bad_name("has a part that begins or ends with a space");
  }
  if (part.size() > kMaxPart) {
    return bad_name("has a part of more than " + std::to_string(kMaxPart) + " bytes");
  }
  // "a.jsonl#5" is what the fifth record of a collection is called.
  for (std::size_t hash = part.find('#'); hash != std::string_view::npos;
       hash = part.find('#', hash + 1)) {
    if (is_collection(part.substr(0, hash))) return bad_name("is that of a collection's record");
  }
  return {};
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 27> kTypes{{
    {"text/html", "html"},
    {"application/xhtml+xml", "html"},
    {"text/markdown", "md"},
    {"text/x-markdown", "md"},
    {"text/plain", "txt"},
    {"text/x-rst", "rst"},
    {"text/prs.fallenstein.rst", "rst"},
    {"text/asciidoc", "adoc"},
    {"text/csv", "csv"},
    {"text/xml", "xml"},
    {"application/xml", "xml"},
    {"application/json", "json"},
    {"application/jsonl", "jsonl"},
    {"application/x-ndjson", "jsonl"},
    {"application/pdf", "pdf"},
    {"application/zip", "zip"},
    {"application/x-tar", "tar"},
    {"application/x-7z-compressed", "7z"},
    {"application/rtf", "rtf"},
    {"application/epub+zip", "epub"},
    {"application/vnd.oasis.opendocument.text", "odt"},
    {"application/vnd.oasis.opendocument.spreadsheet", "ods"},
    {"application/vnd.oasis.opendocument.presentation", "odp"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"},
    {"application/msword", "doc"},
}};

}  // namespace

Result<HandedName> parse_handed_name(std::string_view name) {
  if (name.empty()) return bad_name("is empty");
  if (name.size() > kMaxName) {
    return bad_name("is longer than " + std::to_string(kMaxName) + " bytes");
  }
  if (Status s = check_characters(name); !s) return s.error();
  std::size_t parts = 0;
  for (std::size_t start = 0; start <= name.size(); ++parts) {
    const std::size_t slash = std::min(name.find('/', start), name.size());
    if (Status s = check_part(name.substr(start, slash - start)); !s) return s.error();
    start = slash + 1;
  }
  if (parts > kMaxParts) {
    return bad_name("has more than " + std::to_string(kMaxParts) + " parts");
  }
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return HandedName{"", std::string(name)};
  // In a list of patterns a leading ! excludes.
  if (name.front() == '!') return bad_name("begins with an exclamation mark");
  return HandedName{std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
}

std::string clean_file_name(std::string_view text) {
  std::string name;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text, at);
    const bool keep = c.valid && !is_unprintable(c.value);
    const bool separator = c.value == '/' || c.value == '\\' || c.value == '#';
    if (keep && !separator) name += text.substr(at, c.length);
    if (separator) name += '-';
    at += c.length;
  }
  const std::size_t first = name.find_first_not_of(" .-");
  if (first == std::string::npos) return "";
  name.erase(0, first);
  if (name.size() > kMaxPart / 2) {
    // The end holds the extension.
    const std::string extension = file_extension(name);
    const std::size_t kept = extension.size() < 16 && !extension.empty() ? extension.size() + 1 : 0;
    const std::string tail = name.substr(name.size() - kept);
    name.resize(utf8_floor(name, kMaxPart / 2 - kept));
    name += tail;
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  return name;
}

std::string_view extension_of_type(std::string_view media_type) {
  const std::string type = ascii_lower(trimmed(media_type.substr(0, media_type.find(';'))));
  for (const auto& [known, extension] : kTypes) {
    if (known == type) return extension;
  }
  return {};
}

std::string with_extension(std::string name, std::string_view media_type) {
  const std::string_view extension = extension_of_type(media_type);
  if (extension.empty() || !file_extension(name).empty()) return name;
  return name.append(1, '.').append(extension);
}

}  // namespace callslip
