#include "index/formats/recognition.h"

#include <algorithm>
#include <array>
#include <string>

#include "index/formats/html_parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

using namespace std::string_view_literals;  // the signatures hold control characters

constexpr std::array<std::string_view, 6> kCompressions{"gz", "zst", "bz2", "xz", "lzma", "z"};
constexpr std::array<std::string_view, 10> kArchives{"zip", "tar",  "tgz", "tbz", "tbz2",
                                                     "txz", "tzst", "7z",  "rar", "tlz"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view word) {
  for (const std::string_view one : list) {
    if (one == word) return true;
  }
  return false;
}

constexpr std::string_view kPackages =
    " docx docm dotx dotm pptx pptm ppsx ppsm potx potm xlsx xlsm xltx xltm xlam xlsb"
    " odt ott odm ods ots odp otp odg otg sxw stw sxc stc sxi sti epub ";

/// What the first entries of such a package are called, or what is in them.
constexpr std::array kPackageMarks = {"[Content_Types].xml"sv,
                                      "_rels/.rels"sv,
                                      "docProps/"sv,
                                      "word/"sv,
                                      "xl/"sv,
                                      "ppt/"sv,
                                      "mimetypeapplication/vnd.oasis.opendocument"sv,
                                      "mimetypeapplication/vnd.sun.xml"sv,
                                      "mimetypeapplication/epub+zip"sv};

bool has_package_mark(std::string_view head) {
  // A local header is 30 bytes; its name's length is at 26, a further field's at 28.
  const auto u16 = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(head[at])) |
           static_cast<std::size_t>(static_cast<unsigned char>(head[at + 1])) << 8;
  };
  if (head.size() < 30) return false;
  const std::string_view name = head.substr(30, u16(26));
  const std::string_view content = head.substr(std::min(30 + name.size() + u16(28), head.size()));
  const std::string first = std::string(name) + std::string(name == "mimetype" ? content : "");
  for (const std::string_view mark : kPackageMarks) {
    if (std::string_view(first).starts_with(mark)) return true;
  }
  return false;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a word of four digits is in the text.
bool has_year(std::string_view text) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_digit(text[i])) {
      ++digits;
    } else {
      if (digits == 4) return true;
      digits = 0;
    }
  }
  return false;
}

/// Whether a file begins with the headers of a message.
bool looks_like_mail(std::string_view head) {
  static constexpr std::string_view telling[] = {
      "return-path", "received", "delivered-to", "message-id", "mime-version", "from",
      "to",          "date",     "subject",      "reply-to",   "x-mailer",     "in-reply-to"};
  std::size_t known = 0;
  std::size_t lines = 0;
  LineScanner scanner(head);
  for (TextLine line; scanner.next(line);) {
    if (line.blank()) break;
    if (line.text[0] == ' ' || line.text[0] == '\t') {
      if (lines == 0) return false;
      continue;
    }
    const std::size_t colon = line.text.find(':');
    if (colon == line.text.npos || colon == 0 || colon > 60) {
      // The head may end within a line.
      if (line.end < head.size()) return false;
      break;
    }
    const std::string name = ascii_lower(line.text.substr(0, colon));
    if (name.find_first_of(" \t\"'(") != name.npos) return false;
    ++lines;
    for (const std::string_view header : telling) known += name == header ? 1U : 0U;
  }
  return known >= 4;
}

}  // namespace

bool is_pdf(std::string_view name, std::string_view head) {
  constexpr std::size_t kPreamble = 8;  // a byte order mark, a line end
  const std::size_t at = head.substr(0, kPreamble + 5).find("%PDF-");
  if (at != std::string_view::npos) return true;
  return file_extension(name) == "pdf" && !looks_like_html(head);
}

bool is_package(std::string_view name, std::string_view head) {
  if (!head.starts_with("PK\x03\x04"sv)) return false;
  const std::string extension = file_extension(name);
  if (!extension.empty() && kPackages.find(" " + extension + " ") != kPackages.npos) return true;
  // An archive that says it is one may well begin with a document's folder.
  return extension != "zip" && extension != "jar" && has_package_mark(head);
}

bool is_compound(std::string_view, std::string_view head) {
  return head.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv);
}

bool is_rtf(std::string_view, std::string_view head) {
  return head.starts_with("{\\rtf") || head.starts_with("\xEF\xBB\xBF{\\rtf");
}

bool is_archive(std::string_view name, std::string_view) {
  const std::string extension = file_extension(name);
  if (contains(kArchives, extension)) return true;
  if (!contains(kCompressions, extension)) return false;
  return file_extension(name.substr(0, name.size() - extension.size() - 1)) == "tar";
}

bool is_compressed(std::string_view name, std::string_view) {
  return !name_inside_compressed(name).empty();
}

bool is_mail(std::string_view name, std::string_view head) {
  const std::string extension = file_extension(name);
  return is_mailbox(name, head) || extension == "eml" || extension == "mht" ||
         extension == "mhtml" || looks_like_mail(head);
}

std::string_view name_inside_compressed(std::string_view name) {
  const std::string extension = file_extension(name);
  if (!contains(kCompressions, extension) || is_archive(name, {})) return {};
  return name.substr(0, name.size() - extension.size() - 1);
}

bool is_mailbox(std::string_view name, std::string_view head) {
  return file_extension(name) == "mbox" || is_from_line(head.substr(0, head.find('\n')));
}

bool is_from_line(std::string_view line) {
  if (!line.starts_with("From ") || line.size() < 20) return false;
  // A time of day, and a year behind it. Commits in mailbox form have a fixed date instead.
  for (std::size_t i = 7; i + 5 <= line.size(); ++i) {
    if (line[i] != ':' || !is_digit(line[i - 1]) || !is_digit(line[i + 1]) ||
        !is_digit(line[i + 2])) {
      continue;
    }
    return has_year(line.substr(i + 3)) && !line.ends_with("Mon Sep 17 00:00:00 2001");
  }
  return false;
}

}  // namespace callslip
