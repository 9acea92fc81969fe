// QuestionKeywords: the words of a question that a search should go by, without a model.
//
// Pure function: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {

inline constexpr std::size_t most_question_keywords = 16;

/// As they stand in the question, each once (in whatever case), in their order, at most 16: no
/// question words, no articles and the like in the question's language, no verb that only asks for
/// an answer ("explain"). Identifiers, paths, flags and `code` stay whole; words of scripts without
/// spaces are found by dictionary.
std::vector<std::string> question_keywords(std::string_view question);

}  // namespace callslip
