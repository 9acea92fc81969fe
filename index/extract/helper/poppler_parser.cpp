// PDF, by poppler: the text of each page in reading order.
#include <poppler-document.h>
#include <poppler-page.h>

#include <memory>
#include <string>
#include <utility>

#include "index/extract/helper/isolated_parsers.h"
#include "index/utf8.h"

namespace callslip {
namespace {

std::string utf8_of(const poppler::ustring& text) {
  const poppler::byte_array bytes = text.to_utf8();
  return make_valid_utf8(std::string(bytes.begin(), bytes.end())).text;
}

class PopplerParser final : public Parser {
 public:
  bool accepts(std::string_view, std::string_view) const override { return false; }
  bool isolated() const override { return true; }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    const std::unique_ptr<poppler::document> pdf(
        poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
    if (!pdf) return Error{ErrorKind::unsupported, "damaged PDF: it cannot be opened"};
    ParsedDocument document;
    document.type = "pdf";
    document.extracted = true;
    document.title = utf8_of(pdf->get_title());
    for (int i = 0; i < pdf->pages(); ++i) {
      const std::unique_ptr<poppler::page> page(pdf->create_page(i));
      if (!page) continue;
      document.parts.push_back(
          {document.text.size(), PartKind::page, static_cast<std::uint32_t>(i + 1), ""});
      document.text += utf8_of(page->text());
    }
    return sink(std::move(document));
  }
};

}  // namespace

const Parser& poppler_parser() {
  static const PopplerParser parser;
  return parser;
}

}  // namespace callslip
