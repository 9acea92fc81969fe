#include "index/chunk_analysis.h"

#include <algorithm>

#include "index/code/code_origin.h"
#include "index/code/code_outline.h"
#include "index/language/text_language.h"
#include "index/text/line_hyphens.h"

namespace callslip {
namespace {

// As often as that a definition counts beside what mentions it: nDCG@10 on functions sought by
// questions is .378 with 0, .392 with 1, .396 with 2, .398 with 3, .397 with 4.
constexpr int kDefinitionWeight = 3;
// A title's words, likewise: docs/RELEVANCE.md.
constexpr int kTitleWeight = 3;

}  // namespace

void ChunkAnalysis::begin(std::string_view name, const ParsedDocument& document,
                          Language language) {
  document_ = &document;
  name_ = name;
  language_ =
      language != Language::unknown ? language : detect_language(document.text, document.kind);
  if (code()) {
    const CodeSyntax& syntax = code_syntax(document.type);
    spans_ = comments_and_strings(document.text, syntax);
    directives_ = syntax.directives;
    symbols_ = syntax.outlining != Outlining::none;
    analyzer_.set_kebab(syntax.kebab);
  } else {
    spans_.clear();
    symbols_ = false;
    analyzer_.set_kebab(false);
  }
  origin_ = origin_of(name, document, spans_);
}

LanguageSet ChunkAnalysis::languages() const {
  LanguageSet languages{language_};
  if (code()) languages.insert(Language::none);
  return languages;
}

const Analyzer& ChunkAnalysis::analyze(const Chunk& chunk,
                                       std::span<const std::string_view> above) {
  analyzer_.clear();
  analyzer_.set_languages({language_});
  if (document_->record_id.empty()) analyzer_.add_path(name_);
  for (int i = 0; i < kTitleWeight; ++i) analyzer_.add(document_->title);
  if (code()) {
    analyzer_.set_languages({Language::none});
    for (const std::string_view heading : above) {
      analyzer_.add(symbols_ ? defined_name(heading) : heading);
    }
    if (symbols_) add_definitions(chunk);
    add_code(chunk);
  } else {
    for (const std::string_view heading : above) {
      if (heading != document_->title) analyzer_.add(heading);
    }
    const std::string_view text = std::string_view(document_->text)
                                      .substr(chunk.byte_start, chunk.byte_end - chunk.byte_start);
    analyzer_.add(text);
    const auto& parts = document_->parts;
    if (!parts.empty() && parts.front().kind == PartKind::page) {
      analyzer_.add(words_across_lines(text));
    }
  }
  return analyzer_;
}

void ChunkAnalysis::add_code(const Chunk& chunk) {
  const std::string_view text = document_->text;
  auto span = std::upper_bound(spans_.begin(), spans_.end(), chunk.byte_start,
                               [](std::size_t at, const CodeSpan& s) { return at < s.end; });
  for (std::size_t at = chunk.byte_start; at < chunk.byte_end;) {
    const bool more = span != spans_.end() && span->start < chunk.byte_end;
    const std::size_t end = more ? std::max(span->start, at) : chunk.byte_end;
    if (end > at) {
      analyzer_.set_languages({Language::none});
      analyzer_.add(text.substr(at, end - at));
    }
    at = end;
    if (!more) break;
    const std::size_t span_end = std::min(span->end, chunk.byte_end);
    analyzer_.set_languages({language_});
    analyzer_.add(text.substr(at, span_end - at));
    at = span_end;
    ++span;
  }
}

void ChunkAnalysis::define(std::string_view name) {
  for (int i = 0; i < kDefinitionWeight; ++i) analyzer_.add(name);
}

/// What begins in the chunk: definitions of the outline, and the preprocessor's.
void ChunkAnalysis::add_definitions(const Chunk& chunk) {
  const auto& headings = document_->headings;
  auto heading =
      std::lower_bound(headings.begin(), headings.end(), chunk.byte_start,
                       [](const Heading& h, std::size_t at) { return h.byte_start < at; });
  for (; heading != headings.end() && heading->byte_start < chunk.byte_end; ++heading) {
    define(defined_name(heading->text));
  }
  if (!directives_) return;
  const std::string_view text =
      std::string_view(document_->text).substr(chunk.byte_start, chunk.byte_end - chunk.byte_start);
  constexpr std::string_view mark = "#define";
  for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
    const bool line = at == 0 || text[at - 1] == '\n';
    at = std::min(text.find_first_not_of(" \t", at + mark.size()), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t\r\n(", at), text.size());
    if (line) define(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace callslip
