// QuestionWords: words that make a question a question. No evidence repeats them, so nothing that
// is sought or shown should hang on them.
//
// Immutable: any thread may ask.
#pragma once

#include <string>

namespace callslip {

/// `term`: as query_terms gives it.
bool is_question_term(const std::string& term);

}  // namespace callslip
