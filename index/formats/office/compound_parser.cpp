// Documents that are OLE2 files, told apart by their streams: names lie.
#include <optional>
#include <string>
#include <utility>

#include "index/formats/isolated_parsers.h"
#include "index/formats/office/compound_formats.h"
#include "index/formats/office/opc_package.h"
#include "index/formats/text_document.h"
#include "index/text/charset.h"

namespace callslip {
namespace {

Result<ParsedDocument> read_compound(const CompoundFile& file, const ParseOptions& options) {
  if (file.has("EncryptedPackage") || file.has("EncryptedSummary")) return encrypted_error();
  if (file.has("Workbook") || file.has("Book")) return read_xls(file);
  if (file.has("WordDocument")) return read_doc(file);
  if (file.has("PowerPoint Document")) return read_ppt(file);
  if (file.has("__properties_version1.0")) return read_msg(file, options);
  if (file.has("PP40") || file.has("PP97_DUALSTORAGE/PowerPoint Document")) {
    return Error{ErrorKind::unsupported,
                 "PowerPoint 95 is not read; save it as PPTX to have it read"};
  }
  if (file.has("VisioDocument")) return Error{ErrorKind::unsupported, "drawing (Visio)"};
  if (file.has("Quill/QuillSub/CONTENTS")) {
    return Error{ErrorKind::unsupported, "Publisher is not read; save it as PDF to have it read"};
  }
  return Error{ErrorKind::unsupported, "OLE file that holds no document"};
}

}  // namespace

/// Of the property set "\5SummaryInformation" (MS-OLEPS): property 2.
std::string compound_title(const CompoundFile& file) {
  const std::optional<std::string> stream = file.read("\5SummaryInformation");
  if (!stream) return {};
  const std::string_view bytes = *stream;
  const std::size_t section = u32_at(bytes, 44);
  if (section >= bytes.size()) return {};
  const std::uint32_t count = std::min<std::uint32_t>(u32_at(bytes, section + 4), 256);
  std::string title;
  std::string charset = "windows-1252";
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t id = u32_at(bytes, section + 8 + 8 * std::size_t{i});
    const std::size_t at = section + u32_at(bytes, section + 12 + 8 * std::size_t{i});
    if (at + 8 > bytes.size()) continue;
    if (id == 1) {
      const unsigned page = u16_at(bytes, at + 4);
      charset = page == 65001 ? "utf-8" : "windows-" + std::to_string(page);
    } else if (id == 2 && u32_at(bytes, at) == 30) {
      title = bytes.substr(at + 8, u32_at(bytes, at + 4));
    } else if (id == 2 && u32_at(bytes, at) == 31) {
      title = utf16_text(bytes.substr(at + 8, std::size_t{2} * u32_at(bytes, at + 4)));
      charset = "utf-8";
    }
  }
  title.resize(std::min(title.find('\0'), title.size()));
  const std::optional<Conversion> converted = convert_to_utf8(title, charset);
  title = clean_heading(converted ? converted->text : std::string());
  return is_made_up_title(title) ? std::string() : title;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): as all of them take it
Status parse_compound(std::string_view, std::string bytes, const ParseOptions& options,
                      const Parser::Sink& sink) {
  const Result<CompoundFile> file = CompoundFile::open(bytes);
  if (!file) return file.error();
  Result<ParsedDocument> document = read_compound(*file, options);
  if (!document) return document.error();
  if (document->text.empty()) return Error{ErrorKind::unsupported, "holds no text"};
  return sink(std::move(*document));
}

}  // namespace callslip
