#include "index/formats/file_magic.h"

#include <cstddef>
#include <span>

namespace callslip {
namespace {

using namespace std::string_view_literals;  // the signatures hold NULs

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view format;
};

constexpr Signature certain[] = {
    {0, "%PDF-"sv, "PDF document"},
    {0, "PK\x03\x04"sv, "ZIP archive, or a document in one (DOCX, ODT, EPUB, JAR)"},
    {0, "PK\x05\x06"sv, "ZIP archive (empty)"},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "old Microsoft Office document"},
    {0,
     "\x7F"
     "ELF"sv,
     "program or library (ELF)"},
    {0, "\xFE\xED\xFA\xCE"sv, "program or library (Mach-O)"},
    {0, "\xFE\xED\xFA\xCF"sv, "program or library (Mach-O)"},
    {0, "\xCE\xFA\xED\xFE"sv, "program or library (Mach-O)"},
    {0, "\xCF\xFA\xED\xFE"sv, "program or library (Mach-O)"},
    {0, "\xCA\xFE\xBA\xBE"sv, "compiled Java class"},
    {0, "\0asm"sv, "compiled WebAssembly"},
    {0, "\x89PNG\r\n\x1A\n"sv, "image (PNG)"},
    {0, "\xFF\xD8\xFF"sv, "image (JPEG)"},
    {0, "II*\0"sv, "image (TIFF)"},
    {0, "MM\0*"sv, "image (TIFF)"},
    {0, "\0\0\x01\0"sv, "image (icon)"},
    {0, "\x1F\x8B\x08"sv, "compressed file (gzip)"},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     "compressed file (xz)"},
    {0, "\x28\xB5\x2F\xFD"sv, "compressed file (zstd)"},
    {0, "\x04\x22\x4D\x18"sv, "compressed file (lz4)"},
    {0, "\x1F\x9D"sv, "compressed file (compress)"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "7-Zip archive"},
    {0, "Rar!\x1A\x07"sv, "RAR archive"},
    {0, "SQLite format 3\0"sv, "SQLite database"},
    {0, "\x1A\x45\xDF\xA3"sv, "video (Matroska or WebM)"},
    {0, "\xFF\xFB"sv, "audio (MP3)"},
    {0, "\0\x01\0\0\0"sv, "font (TrueType)"},
    {0, "\xDE\x12\x04\x95"sv, "compiled translations (gettext)"},
    {0, "\x95\x04\x12\xDE"sv, "compiled translations (gettext)"},
    {0, "\x89HDF\r\n\x1A\n"sv, "data file (HDF5)"},
    {0, "\x93NUMPY"sv, "data file (NumPy)"},
    {0, "\xED\xAB\xEE\xDB"sv, "RPM package"},
};

constexpr Signature likely[] = {
    {0, "GIF8"sv, "image (GIF)"},
    {0, "BZh"sv, "compressed file (bzip2)"},
    {0, "!<arch>\n"sv, "ar archive (static library or Debian package)"},
    {257, "ustar"sv, "tar archive"},
    {8, "WEBP"sv, "image (WebP)"},
    {8, "WAVE"sv, "audio (WAV)"},
    {8, "AVI "sv, "video (AVI)"},
    {4, "ftyp"sv, "video or image (MP4, HEIC)"},
    {0, "OggS"sv, "audio or video (Ogg)"},
    {0, "fLaC"sv, "audio (FLAC)"},
    {0, "ID3"sv, "audio (MP3)"},
    {0, "OTTO"sv, "font (OpenType)"},
    {0, "wOFF"sv, "font (WOFF)"},
    {0, "wOF2"sv, "font (WOFF2)"},
    {0, "AT&TFORM"sv, "DjVu is not read yet"},
    {0, "PACK"sv, "git pack"},
    {0, "PAR1"sv, "data file (Parquet)"},
    {0, "GGUF"sv, "model weights (GGUF)"},
    {0, "MZ"sv, "program or library (Windows)"},
    {0, "BM"sv, "image (BMP)"},
};

std::string_view find(std::span<const Signature> signatures, std::string_view bytes) {
  for (const Signature& signature : signatures) {
    if (bytes.size() < signature.offset) continue;
    if (bytes.substr(signature.offset).starts_with(signature.bytes)) return signature.format;
  }
  return {};
}

}  // namespace

std::string_view binary_format(std::string_view bytes) { return find(certain, bytes); }

std::string_view likely_binary_format(std::string_view bytes) {
  const std::string_view format = find(certain, bytes);
  return format.empty() ? find(likely, bytes) : format;
}

}  // namespace callslip
