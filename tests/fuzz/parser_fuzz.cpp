// libFuzzer target for every parser. The first byte picks the file's name, the rest is its content.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "index/formats/isolated_format.h"
#include "index/formats/isolated_parsers.h"
#include "index/formats/parser.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::string_view names[] = {
    "a.html", "a.xhtml", "a.md",   "a.rst",  "a.adoc", "a.txt",   "a.jsonl", "a.cpp", "a.unknown",
    "a.xml",  "a.docx",  "a.xlsx", "a.pptx", "a.odt",  "a.ods",   "a.epub",  "a.xls", "a.rtf",
    "a.eml",  "a.mbox",  "a.csv",  "a.json", "a.yaml", "a.ipynb", "a.1"};

void require(bool condition, const char* what) {
  if (condition) return;
  std::cerr << "broken promise: " << what << '\n';
  std::abort();
}

void check(const ParsedDocument& document, std::string_view bytes) {
  require(is_valid_utf8(document.text), "the text is UTF-8");
  require(document.text.find('\0') == std::string::npos, "the text holds no NUL");
  require(document.extracted || document.text == bytes, "the text is the file's bytes");
  require(!document.lossy || document.extracted, "lossy text is not the file's bytes");
  require(!document.type.empty(), "there is a type");
  require(document.title.size() <= 200 && is_valid_utf8(document.title),
          "the title is short UTF-8");
  require(document.type != "jsonl" || !document.record_id.empty(), "a record has an id");
  const Heading* last = nullptr;
  for (const Heading& heading : document.headings) {
    require(heading.byte_start < document.text.size(), "headings lie within the text");
    require(is_utf8_boundary(document.text, heading.byte_start), "headings begin at a character");
    require(heading.byte_start == 0 || document.text[heading.byte_start - 1] == '\n',
            "headings begin a line");
    require(last == nullptr || last->byte_start < heading.byte_start, "headings ascend");
    require(heading.level >= 1, "levels count from 1");
    require(!heading.text.empty() && heading.text.size() <= 200 && is_valid_utf8(heading.text),
            "a heading's text is short UTF-8");
    last = &heading;
  }
}

}  // namespace
}  // namespace callslip

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  using namespace callslip;
  use_isolated_parser(IsolatedFormat::package, &parse_package);
  use_isolated_parser(IsolatedFormat::compound, &parse_compound);
  use_isolated_parser(IsolatedFormat::rtf, &parse_rtf);
  use_isolated_parser(IsolatedFormat::mail, &parse_mail);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace callslip;
  if (size == 0) return 0;
  const std::string_view name = names[data[0] % std::size(names)];
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Parser& parser = parser_for(name, std::string_view(bytes).substr(0, 4096));
  const Status status =
      parser.parse(name, bytes, ParseOptions{}, [&](const ParsedDocument& document) {
        check(document, bytes);
        return Status();
      });
  require(status.ok() || !status.error().message.empty(), "errors say why");
  return 0;
}
