#include "index/extract/helper_formats.h"

#include <array>
#include <utility>

#include "index/formats/html_parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

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

bool is_pdf(std::string_view name, std::string_view head) {
  constexpr std::size_t kPreamble = 8;  // a byte order mark, a line end
  const std::size_t at = head.substr(0, kPreamble + 5).find("%PDF-");
  if (at != std::string_view::npos) return true;
  return file_extension(name) == "pdf" && !looks_like_html(head);
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

/// Written once, at the start of callslip-extract.
HelperParsers& helper_parsers() {
  static HelperParsers parsers;
  return parsers;
}

class HelperFormat final : public Parser {
 public:
  using Test = bool (*)(std::string_view name, std::string_view head);
  HelperFormat(Test test, const Parser* HelperParsers::*parser) : test_(test), parser_(parser) {}

  bool accepts(std::string_view name, std::string_view head) const override {
    return test_(name, head);
  }
  bool isolated() const override { return true; }

  Status parse(std::string_view name, std::string bytes, const ParseOptions& options,
               const Sink& sink) const override {
    if (const Parser* parser = helper_parsers().*parser_) {
      return parser->parse(name, std::move(bytes), options, sink);
    }
    return Error{ErrorKind::unavailable, "only callslip-extract reads this format"};
  }

 private:
  const Test test_;
  const Parser* HelperParsers::*const parser_;
};

}  // namespace

const Parser& pdf_parser() {
  static const HelperFormat format(&is_pdf, &HelperParsers::pdf);
  return format;
}

const Parser& archive_parser() {
  static const HelperFormat format(&is_archive, &HelperParsers::archive);
  return format;
}

const Parser& compressed_parser() {
  static const HelperFormat format(&is_compressed, &HelperParsers::compressed);
  return format;
}

void use_helper_parsers(const HelperParsers& parsers) { helper_parsers() = parsers; }

std::string_view name_inside_compressed(std::string_view name) {
  const std::string extension = file_extension(name);
  if (!contains(kCompressions, extension) || is_archive(name, {})) return {};
  return name.substr(0, name.size() - extension.size() - 1);
}

}  // namespace callslip
