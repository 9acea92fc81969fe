#include "index/extract/helper/pdf_outline.h"

#include <exception>
#include <map>
#include <memory>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFOutlineDocumentHelper.hh>
#include <qpdf/QPDFOutlineObjectHelper.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <utility>

#include "index/formats/text_document.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t kMostEntries = 20'000;
constexpr int kDeepest = 16;

class Collector {
 public:
  Collector(std::map<QPDFObjGen, std::size_t> pages, std::vector<OutlineEntry>& out)
      : pages_(std::move(pages)), out_(out) {}

  void add(const std::vector<QPDFOutlineObjectHelper>& items, int level) {
    if (level > kDeepest) return;
    for (QPDFOutlineObjectHelper item : items) {
      if (out_.size() >= kMostEntries) return;
      const auto page = pages_.find(item.getDestPage().getObjGen());
      std::string title = clean_heading(make_valid_utf8(item.getTitle()).text);
      if (!title.empty() && page != pages_.end()) {
        out_.push_back({std::move(title), level, page->second});
      }
      add(item.getKids(), level + 1);
    }
  }

 private:
  const std::map<QPDFObjGen, std::size_t> pages_;
  std::vector<OutlineEntry>& out_;
};

}  // namespace

std::vector<OutlineEntry> read_outline(const std::string& pdf, const std::string& password) {
  std::vector<OutlineEntry> entries;
  try {
    QPDF document;
    document.setSuppressWarnings(true);
    document.processMemoryFile("document", pdf.data(), pdf.size(),
                               password.empty() ? nullptr : password.c_str());
    QPDFOutlineDocumentHelper outline(document);
    if (!outline.hasOutlines()) return entries;
    std::map<QPDFObjGen, std::size_t> pages;
    for (auto& page : QPDFPageDocumentHelper(document).getAllPages()) {
      pages.emplace(page.getObjectHandle().getObjGen(), pages.size());
    }
    Collector(std::move(pages), entries).add(outline.getTopLevelOutlines(), 1);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    // Poppler could read the text: an outline less is no reason to lose it.
  }
  return entries;
}

}  // namespace callslip
