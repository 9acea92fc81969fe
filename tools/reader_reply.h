// ReaderReply: what a model says of a passage, in whatever form it chose to say it.
//
// Pure functions: any thread. What is here are the model's words: only QuoteLocator can tell which
// of them are the document's.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {

struct ReaderReply {
  bool says_none = false;           // "None", "нет", [], "There are no relevant sentences", ...
  std::vector<std::string> quotes;  // lines or strings; a heading or a comment may be among them
};

/// Neither none nor quotes: an empty reply, thinking that never ended, marks without a word.
ReaderReply parse_reader_reply(std::string_view reply);

/// The same of JSON: its strings. None where there are none.
ReaderReply parse_json_reply(const nlohmann::json& json);

/// The reply without the model's thinking (<think>...</think> and the like), trimmed.
std::string_view without_thinking(std::string_view reply);

/// The line without a bullet, a number or a quotation sign in front.
std::string_view without_list_mark(std::string_view line);

}  // namespace callslip
