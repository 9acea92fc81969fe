// Documents that are ZIP files: recognised by name or by what they hold, read by their readers.
#include <array>
#include <string>
#include <utility>

#include "index/formats/opc_package.h"
#include "index/formats/package_formats.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"
#include "index/formats/zip_package.h"

namespace callslip {
namespace {

using namespace std::string_view_literals;  // the signatures hold control characters

constexpr std::string_view extensions =
    " docx docm dotx dotm pptx pptm ppsx ppsm potx potm xlsx xlsm xltx xltm xlam xlsb"
    " odt ott odm ods ots odp otp odg otg sxw stw sxc stc sxi sti epub ";

/// What the first entries of such a package are called, or what is in them.
constexpr std::array marks = {"[Content_Types].xml"sv,
                              "_rels/.rels"sv,
                              "docProps/"sv,
                              "word/"sv,
                              "xl/"sv,
                              "ppt/"sv,
                              "mimetypeapplication/vnd.oasis.opendocument"sv,
                              "mimetypeapplication/vnd.sun.xml"sv,
                              "mimetypeapplication/epub+zip"sv};

bool has_mark(std::string_view head) {
  // A local header is 30 bytes; its name's length is at 26, a further field's at 28.
  const auto u16 = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(head[at])) |
           static_cast<std::size_t>(static_cast<unsigned char>(head[at + 1])) << 8;
  };
  if (head.size() < 30) return false;
  const std::string_view name = head.substr(30, u16(26));
  const std::string_view content = head.substr(std::min(30 + name.size() + u16(28), head.size()));
  const std::string first = std::string(name) + std::string(name == "mimetype" ? content : "");
  for (const std::string_view mark : marks) {
    if (std::string_view(first).starts_with(mark)) return true;
  }
  return false;
}

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

class PackageParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view head) const override {
    if (!head.starts_with("PK\x03\x04"sv)) return false;
    const std::string extension = file_extension(name);
    if (!extension.empty() && extensions.find(" " + extension + " ") != extensions.npos) {
      return true;
    }
    // An archive that says it is one may well begin with a document's folder.
    return extension != "zip" && extension != "jar" && has_mark(head);
  }

  Status parse(std::string_view name, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
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

  bool isolated() const override { return true; }
};

}  // namespace

const Parser& package_parser();
const Parser& package_parser() {
  static const PackageParser parser;
  return parser;
}

}  // namespace callslip
