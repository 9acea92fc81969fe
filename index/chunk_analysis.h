// ChunkAnalysis: the terms by which the chunks of a document are found: its text, and what stands
// around it: the path of the file, the title, the headings above.
//
// Prose is analyzed in its language. Of code, comments and strings are; the rest is words of no
// language, of which those that a chunk defines count more than those that it mentions. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/analyzer.h"
#include "index/chunker.h"
#include "index/code/code_lexer.h"
#include "index/parsed_document.h"

namespace callslip {

class ChunkAnalysis {
 public:
  /// The document outlives the analysis of its chunks. `language`: unknown: it is detected.
  void begin(std::string_view name, const ParsedDocument& document, Language language);

  /// Of the document's prose: its text, or its comments.
  Language language() const { return language_; }
  /// All in which words of the document are.
  LanguageSet languages() const;
  /// CodeOrigin's bits.
  std::uint32_t origin() const { return origin_; }

  /// The terms of a chunk, until the next call. `above`: the headings over its first byte.
  const Analyzer& analyze(const Chunk& chunk, std::span<const std::string_view> above);

 private:
  bool code() const { return document_->kind == TextKind::code; }
  void add_code(const Chunk& chunk);
  void add_definitions(const Chunk& chunk);
  void define(std::string_view name);

  Analyzer analyzer_{Analyzer::Mode::index};
  const ParsedDocument* document_ = nullptr;
  std::string_view name_;
  Language language_ = Language::unknown;
  bool directives_ = false;
  bool symbols_ = false;  // the headings are outline_code's
  std::uint32_t origin_ = 0;
  std::vector<CodeSpan> spans_;
};

}  // namespace callslip
