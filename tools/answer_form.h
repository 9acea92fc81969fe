// AnswerForm: the parts of a question that say how the answer should look ("in one sentence",
// "请用中文回答"), apart from what is asked.
//
// Rules, and no model. Every word of such a part must be one of form_words, and the part must be a
// sentence, or a clause that punctuation, a plea or an imperative sets off: what is not certain
// stays with the question. Quoted text and code are never such a part.
//
// Pure function: any thread. Time is linear in the question; of a very long one only the beginning
// and the end are looked at.
#pragma once

#include <string_view>
#include <vector>

#include "index/text/byte_span.h"

namespace callslip {

/// Spans of the question: ascending, disjoint, without white space at their ends.
std::vector<ByteSpan> answer_form_spans(std::string_view question);

/// Quoted text and code in a question, marks included: ascending, disjoint.
std::vector<ByteSpan> quoted_spans(std::string_view text);

}  // namespace callslip
