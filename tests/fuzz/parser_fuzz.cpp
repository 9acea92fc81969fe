// libFuzzer target for every parser, and for what is done with any text: chunks and sentences. The
// first byte picks the file's name, the rest is its content.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "index/chunker.h"
#include "index/formats/isolated_format.h"
#include "index/formats/isolated_parsers.h"
#include "index/formats/parser.h"
#include "index/text/sentences.h"
#include "index/text/utf8.h"
#include "index/tokens/token_counter.h"

namespace callslip {
namespace {

constexpr std::string_view names[] = {
    "a.html",    "a.xhtml", "a.md",      "a.rst",  "a.adoc", "a.txt",  "a.jsonl", "a.cpp",
    "a.unknown", "a.xml",   "a.docx",    "a.xlsx", "a.pptx", "a.odt",  "a.ods",   "a.epub",
    "a.xls",     "a.rtf",   "a.eml",     "a.mbox", "a.csv",  "a.json", "a.yaml",  "a.ipynb",
    "a.1",       "a.tsv",   "a.html.j2", "a.py",   "a.rb",   "a.js",   "a.rs",    "a.go",
    "a.php",     "a.sql",   "a.sh",      "a.pl",   "a.lua",  "a.java", "a.cs",    "a.kt",
    "a.nim",     "a.proto", "a.ex",      "a.f90",  "a.tex",  "a.hs",   "Makefile"};

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
    // "namespace a { class b {": definitions of code may begin anywhere.
    require(document.kind == TextKind::code || heading.byte_start == 0 ||
                document.text[heading.byte_start - 1] == '\n',
            "headings begin a line");
    require(last == nullptr || last->byte_start < heading.byte_start, "headings ascend");
    require(heading.level >= 1, "levels count from 1");
    require(!heading.text.empty() && heading.text.size() <= 200 && is_valid_utf8(heading.text),
            "a heading's text is short UTF-8");
    last = &heading;
  }
  std::size_t part_start = 0;
  for (const Part& part : document.parts) {
    require(part.byte_start >= part_start && part.byte_start <= document.text.size() &&
                is_utf8_boundary(document.text, part.byte_start),
            "parts begin at characters of the text, in order");
    require(part.number > 0 && is_valid_utf8(part.name), "parts have sound numbers and names");
    part_start = part.byte_start;
  }
}

void check_cuts(const ParsedDocument& document) {
  static const std::unique_ptr<TokenCounter> counter = make_token_estimator();
  std::size_t end = 0;
  for (const Chunk& chunk : Chunker(*counter, 512).cut(document)) {
    require(chunk.byte_start == end && chunk.byte_end > end, "chunks tile the text");
    require(is_utf8_boundary(document.text, chunk.byte_end), "chunks end at a character");
    require(chunk.tokens <= 512, "chunks are as short as they should be");
    end = chunk.byte_end;
  }
  require(end == document.text.size(), "chunks are the whole text");
  end = 0;
  for (const ByteSpan& span : split_sentences(document.text, document.kind)) {
    require(span.start >= end && span.end > span.start, "sentences ascend and hold something");
    require(
        is_utf8_boundary(document.text, span.start) && is_utf8_boundary(document.text, span.end),
        "sentences are cut at characters");
    end = span.end;
  }
  require(end <= document.text.size(), "sentences are in the text");
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
        check_cuts(document);
        return Status();
      });
  require(status.ok() || !status.error().message.empty(), "errors say why");
  return 0;
}
