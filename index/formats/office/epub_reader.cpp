// EPUB 2 and 3: the chapters in the order of the spine, read as XHTML. A chapter without headings
// of its own is headed by what the table of contents calls it.
#include <map>
#include <string>
#include <utility>

#include "index/formats/block_writer.h"
#include "index/formats/html_parser.h"
#include "index/formats/office/opc_package.h"
#include "index/formats/office/package_formats.h"
#include "index/formats/office/xml_tree.h"
#include "index/formats/text_document.h"
#include "index/formats/url_text.h"

namespace callslip {
namespace {

class EpubReader {
 public:
  EpubReader(const ZipPackage& zip, std::string& problem)
      : zip_(zip), package_(zip), problem_(problem) {}

  Result<ParsedDocument> read() {
    const Result<XmlTree> container = package_.tree("META-INF/container.xml");
    if (!container) return container.error();
    const pugi::xml_node rootfile = descend(container->root(), "rootfiles/rootfile");
    const std::string opf = part_key(attribute(rootfile, "full-path"));
    const Result<XmlTree> book = package_.tree(opf);
    if (!book) return book.error();
    take_manifest(child_named(book->root(), "manifest"), opf);
    const pugi::xml_node spine = child_named(book->root(), "spine");
    const auto ncx = items_.find(attribute(spine, "toc"));
    if (ncx != items_.end()) take_ncx(ncx->second);
    if (!nav_.empty()) take_nav();
    for (const pugi::xml_node reference : spine.children()) {
      const auto item = items_.find(attribute(reference, "idref"));
      if (item == items_.end() || item->second == nav_) continue;
      if (Status s = write_chapter(item->second); !s) problem_ = s.error().message;
    }
    const std::string title = clean_heading(all_text(descend(book->root(), "metadata/title")));
    return out_.finish("epub", title.empty() ? out_.top_heading() : title);
  }

 private:
  void take_manifest(pugi::xml_node manifest, const std::string& opf) {
    for (const pugi::xml_node item : manifest.children()) {
      if (!is_named(item, "item")) continue;
      const std::string part = resolve_part(opf, decode_url(attribute(item, "href")));
      const std::string properties = " " + std::string(attribute(item, "properties")) + " ";
      if (properties.find(" nav ") != properties.npos) nav_ = part;
      items_.emplace(attribute(item, "id"), part);
    }
  }

  void name_chapter(const std::string& base, std::string_view href, const std::string& label) {
    const std::string path = decode_url(href.substr(0, href.find('#')));
    chapters_.emplace(resolve_part(base, path), clean_heading(label));
  }

  void take_ncx(const std::string& part) {
    const Result<XmlTree> ncx = package_.tree(part);
    if (!ncx) return;
    ncx->root().find_node([&](pugi::xml_node node) {
      if (is_named(node, "navPoint")) {
        name_chapter(part, attribute(child_named(node, "content"), "src"),
                     all_text(child_named(node, "navLabel")));
      }
      return false;
    });
  }

  void take_nav() {
    const Result<XmlTree> nav = package_.tree(nav_);
    if (!nav) return;
    nav->root().find_node([&](pugi::xml_node node) {
      if (is_named(node, "a")) name_chapter(nav_, attribute(node, "href"), all_text(node));
      return false;
    });
  }

  Status write_chapter(const std::string& part) {
    const std::string* bytes = zip_.find(part);
    if (bytes == nullptr) return Error{ErrorKind::unsupported, "it has no part " + part};
    const Result<ParsedDocument> chapter = read_html(*bytes, "chapter.xhtml");
    if (!chapter) return chapter.error().within(part);
    const auto name = chapters_.find(part);
    if (name != chapters_.end() && chapter->headings.empty()) out_.context(1, name->second);
    out_.append(*chapter, 0);
    return {};
  }

  const ZipPackage& zip_;
  const OpcPackage package_;
  std::string& problem_;
  std::map<std::string, std::string, std::less<>> items_;  // parts by manifest id
  std::map<std::string, std::string> chapters_;            // names by part
  std::string nav_;
  BlockWriter out_;
};

/// Obfuscated fonts are listed too: only a chapter that cannot be read means rights management.
bool is_protected(const ZipPackage& package) {
  const std::string* list = package.find("META-INF/encryption.xml");
  if (list == nullptr) return false;
  for (const std::string_view extension : {".xhtml\"", ".html\"", ".htm\"", ".opf\""}) {
    if (ascii_lower(*list).find(extension) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Result<ParsedDocument> read_epub(const ZipPackage& package, std::string& problem) {
  if (is_protected(package)) {
    return Error{ErrorKind::unsupported, "encrypted; an e-book with rights management"};
  }
  return EpubReader(package, problem).read();
}

}  // namespace callslip
