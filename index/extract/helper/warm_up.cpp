#include "index/extract/helper/warm_up.h"

#include <iconv.h>
#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page.h>

#include <clocale>
#include <cstdlib>
#include <memory>
#include <string>

#include "index/formats/isolated_format.h"
#include "index/formats/isolated_parsers.h"

namespace callslip {
namespace {

/// glibc's converters are modules: one in use stays loaded.
void load_converters() {
  for (const char* name : {"UTF-16", "UTF-16BE", "UTF-16LE", "ISO-8859-1"}) {
    static_cast<void>(::iconv_open("UTF-8", name));
    static_cast<void>(::iconv_open(name, "UTF-8"));
  }
}

constexpr const char kSmallPdf[] =
    "%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R"
    "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
    "4 0 obj<</Length 28>>stream\nBT /F 9 Tf (warm) Tj ET     \nendstream\nendobj\n"
    "trailer<</Root 1 0 R>>\n";

/// Poppler makes its tables of names and encodings with the first document.
void warm_poppler() {
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  const std::unique_ptr<poppler::document> document(
      poppler::document::load_from_raw_data(kSmallPdf, sizeof kSmallPdf - 1));
  if (!document) return;
  const std::unique_ptr<poppler::page> page(document->create_page(0));
  if (page) static_cast<void>(page->text().to_utf8());
}

}  // namespace

void warm_up() {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // libarchive's names are UTF-8 then
#define CALLSLIP_USE(format) use_isolated_parser(IsolatedFormat::format, &parse_##format);
  CALLSLIP_FORMATS(CALLSLIP_NO_FORMAT, CALLSLIP_USE)
#undef CALLSLIP_USE
  load_converters();
  if (const char* data = std::getenv("CALLSLIP_POPPLER_DATA")) poppler::set_data_dir(data);
  warm_poppler();
}

}  // namespace callslip
