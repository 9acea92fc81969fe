// Sentences: where the sentences of a text (in code: its lines) begin and end.
//
// Rule-based and language-independent but for a list of abbreviations. Pure functions: any thread.
// Time is linear in the text, whatever it holds; nothing fails, undecodable bytes are kept.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "index/parsed_document.h"
#include "index/text/byte_span.h"

namespace callslip {

/// What is longer than a sentence may be (200 tokens, by a rough count with a margin, or 800
/// bytes) is cut: at a clause mark, else at white space, else between code points.
inline constexpr std::size_t max_sentence_bytes = 800;

/// Spans of `text`: ascending, disjoint, not empty, at code point boundaries, without white space
/// at their ends (utf8.h says what that is); together they hold all that is not white space. Prose:
/// blank lines, headings, list items, table rows and rules end a sentence, a plain line break does
/// not (hard-wrapped text). Code: one span for each line that is not blank.
std::vector<ByteSpan> split_sentences(std::string_view text, TextKind kind);

/// The largest length <= max_bytes of a prefix that ends with a sentence; where the first sentence
/// is too long for that: that ends with a line, else a word, else a code point.
std::size_t cut_at_sentence(std::string_view text, TextKind kind, std::size_t max_bytes);

}  // namespace callslip
