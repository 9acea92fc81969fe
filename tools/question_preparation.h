// QuestionPreparation: steps 1 and 2 of Level 1: what is sought is parted from how the answer
// should look, and keywords are found in the documents' languages. By a model where there is one,
// else by rules.
//
// Functions without state: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"
#include "index/snapshot.h"
#include "tools/call_context.h"
#include "tools/library_languages.h"
#include "tools/reader.h"

namespace callslip {

/// A question as it was prepared, and by whom.
struct QuestionPreparation {
  PreparedQuestion question;
  bool by_model = false;               // else by rules
  std::vector<std::string> languages;  // of the documents, the most common first
};

/// Asks the reader's model for keywords in the index's languages. Without a model: rules; when the
/// model fails, or takes more than 10 seconds or half of the time left: rules, and a note says so.
QuestionPreparation prepare_question(Reader& reader, const Snapshot& snapshot,
                                     LibraryLanguages& languages, const std::string& question,
                                     const CallContext& context, ReaderUsage& usage,
                                     std::vector<std::string>& notes);

/// Without a model. Instruction: sentences and clauses that say nothing but how the answer should
/// look (answer_form.h). Information: the rest; all of the question where nothing else is left.
/// Both are slices of the question in their order, parted by a space. Keywords: those of the
/// information (question_keywords.h).
PreparedQuestion prepare_by_rules(std::string_view question);

/// What a model replied to the prompt prepare.txt. Takes JSON in a fence, among other words, after
/// thinking, and keywords in whatever lists; at most 32 of them of at most 64 characters, each
/// once, in turns of the languages. Information that is missing is the question.
/// ErrorKind::unavailable for a reply without such JSON.
Result<PreparedQuestion> parse_prepared_question(std::string_view reply,
                                                 const std::string& question);

}  // namespace callslip
