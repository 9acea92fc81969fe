// Documents that are ZIP files, told apart by what they hold, read by their readers.
#include <string>
#include <utility>

#include "index/formats/isolated_parsers.h"
#include "index/formats/office/opc_package.h"
#include "index/formats/office/package_formats.h"
#include "index/formats/office/zip_package.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

/// Media, fonts and the like are not unpacked.
bool is_wanted(std::string_view part) {
  if (part == "mimetype" || part == "encryptedpackage") return true;
  const std::size_t dot = part.rfind('.');
  if (dot == part.npos) return false;
  const std::string_view extension = part.substr(dot);
  for (const std::string_view wanted :
       {".xml", ".rels", ".html", ".htm", ".xhtml", ".opf", ".ncx", ".xht"}) {
    if (extension == wanted) return true;
  }
  return false;
}

Result<ParsedDocument> read_package(const ZipPackage& package, std::string_view name,
                                    std::string& problem) {
  const OpcPackage opc(package);
  const std::string main = opc.main_part();
  if (!main.empty()) {
    if (main.ends_with(".bin")) {
      return Error{ErrorKind::unsupported,
                   "binary workbook (XLSB) is not read; save it as XLSX to have it read"};
    }
    // By what the root element is called: neither names nor content types can be relied upon.
    std::string ignored;  // its reader looks again
    const Result<XmlTree> tree = opc.tree(main, &ignored);
    if (!tree) return tree.error();
    const std::string_view root = local_name(tree->root());
    if (root == "document" || root == "wordDocument") return read_docx(package, problem);
    if (root == "presentation") return read_pptx(package, problem);
    if (root == "workbook") return read_xlsx(package, problem);
  }
  if (package.find("META-INF/container.xml") != nullptr) return read_epub(package, problem);
  if (package.find("content.xml") != nullptr) {
    const std::string* mime = package.find("mimetype");
    const std::string_view kind = mime == nullptr ? std::string_view() : *mime;
    std::string type = file_extension(name);
    const auto says = [&](std::string_view word) { return kind.find(word) != kind.npos; };
    if (says("spreadsheet") || says(".calc") || type == "ots" || type == "sxc") type = "ods";
    if (says("presentation") || says("graphics") || says(".impress") || type == "otp" ||
        type == "odg" || type == "sxi") {
      type = "odp";
    }
    if (says("opendocument.text") || says(".writer")) type = "odt";
    return read_odf(package, type == "ods" || type == "odp" ? type : "odt", problem);
  }
  if (package.damaged()) return Error{ErrorKind::unsupported, "damaged ZIP file"};
  return Error{ErrorKind::unsupported,
               "ZIP file that holds no document (none of DOCX, PPTX, XLSX, ODF, EPUB)"};
}

}  // namespace

Status parse_package(std::string_view name, std::string bytes, const ParseOptions&,
                     const Parser::Sink& sink) {
  const Result<ZipPackage> package = ZipPackage::open(bytes, is_wanted);
  if (!package) return package.error();
  bytes = {};
  std::string problem;
  if (package->damaged()) problem = "damaged ZIP file: parts of it are missing";
  Result<ParsedDocument> document = read_package(*package, name, problem);
  if (!document) return document.error();
  if (document->text.empty()) {
    return Error{ErrorKind::unsupported, problem.empty() ? "holds no text" : problem};
  }
  if (Status taken = sink(std::move(*document)); !taken) return taken;
  return problem.empty() ? Status() : Status(Error{ErrorKind::unsupported, problem});
}

}  // namespace callslip
