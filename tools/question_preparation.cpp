#include "tools/question_preparation.h"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "index/language/text_language.h"
#include "index/text/utf8.h"
#include "index/text/utf8_steps.h"
#include "tools/answer_form.h"
#include "tools/folded_text.h"
#include "tools/question_keywords.h"
#include "tools/reader_reply.h"

namespace callslip {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_languages = 6;
constexpr std::size_t max_keywords = 32;
constexpr std::size_t max_keyword_characters = 64;
constexpr std::size_t max_reply = 256U << 10;
constexpr std::size_t max_extra =
    4096;  // bytes that a model's text may be longer than the question
constexpr std::chrono::seconds longest_preparation{10};

/// Without white space and the punctuation that joined a clause to what was taken away.
std::string_view without_joints(std::string_view text) {
  static constexpr std::u32string_view joints = U",;:-\uFF0C\uFF1B\uFF1A\u3001\u2013\u2014";
  const auto joint = [](char32_t c) {
    return utf8::is_space(c) || joints.find(c) != std::u32string_view::npos;
  };
  // A flag such as --index begins with what else is a dash.
  while (!text.empty()) {
    const utf8::CodePoint c = utf8::at(text, 0);
    const bool flag = c.value == '-' && !utf8::is_space(utf8::at(text, c.length).value);
    if (!joint(c.value) || flag) break;
    text.remove_prefix(c.length);
  }
  while (!text.empty()) {
    const utf8::CodePoint c = utf8::before(text, 0, text.size());
    if (!joint(c.value)) break;
    text.remove_suffix(c.length);
  }
  return text;
}

void append_slice(std::string& to, std::string_view slice) {
  if (measure_text(slice).letters == 0) return;
  if (!to.empty()) to += " ";
  to += slice;
}

/// The end of the JSON object that begins at `open`: 0 where it does not end.
std::size_t object_end(std::string_view text, std::size_t open) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t pos = open; pos < text.size(); ++pos) {
    const char c = text[pos];
    if (in_string) {
      if (c == '\\') {
        ++pos;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return pos + 1;
    }
  }
  return 0;
}

/// The member by any of these names.
const Json* member(const Json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto found = object.find(name); found != object.end()) return &*found;
  }
  return nullptr;
}

const Json* information_of(const Json& object) {
  return member(object, {"information", "info", "Information"});
}
const Json* instruction_of(const Json& object) {
  return member(object, {"instruction", "instructions", "Instruction"});
}
const Json* keywords_of(const Json& object) {
  return member(object, {"keywords", "keyword", "Keywords"});
}

/// The last object of a reply that has a member that we know: models that think aloud end with it.
Json find_object(std::string_view text) {
  constexpr int most_tries = 64;
  Json best;
  int tries = 0;
  for (std::size_t open = text.find('{'); open != std::string_view::npos && tries < most_tries;
       ++tries) {
    const std::size_t end = object_end(text, open);
    if (end == 0) {
      open = text.find('{', open + 1);
      continue;
    }
    Json json = Json::parse(text.substr(open, end - open), nullptr, false);
    const bool known =
        json.is_object() && (information_of(json) != nullptr || instruction_of(json) != nullptr ||
                             keywords_of(json) != nullptr);
    if (known) best = std::move(json);
    open = text.find('{', known ? end : open + 1);
  }
  return best;
}

/// A string, or several.
std::string text_of(const Json* json, std::size_t most) {
  std::string text;
  if (json != nullptr && json->is_string()) text = json->get_ref<const std::string&>();
  if (json != nullptr && json->is_array()) {
    for (const Json& part : *json) {
      if (part.is_string()) append_slice(text, part.get_ref<const std::string&>());
    }
  }
  return std::string(utf8::trim(std::string_view(text).substr(0, utf8_floor(text, most))));
}

/// "None", "n/a": a model's word for nothing.
bool says_nothing(const std::string& text) {
  const std::string folded = squeeze_text(fold_text(text)).bytes;
  return folded.empty() || folded == "none" || folded == "null" || folded == "na" ||
         folded == "\u65E0" || folded == "\u7121";
}

using Words = std::vector<std::string>;

Words words_of(const Json& json) {
  Words words;
  if (json.is_array()) {
    for (const Json& word : json) {
      if (word.is_string()) words.push_back(word.get<std::string>());
    }
  } else if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    std::string word;
    for (std::size_t pos = 0; pos <= text.size();) {
      const utf8::CodePoint c = utf8::at(text, pos);
      const bool parts = c.length == 0 || c.value == ',' || c.value == ';' || c.value == '\n' ||
                         c.value == 0xFF0C || c.value == 0x3001 || c.value == 0xFF1B;
      if (parts) {
        words.push_back(std::move(word));
        word.clear();
      } else {
        word.append(text, pos, c.length);
      }
      pos += std::max<std::size_t>(c.length, 1);
    }
  }
  return words;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return !utf8::is_continuation(byte); }));
}

Words keywords_in(const Json* json) {
  if (json == nullptr) return {};
  std::vector<Words> lists;
  if (json->is_object()) {
    for (const Json& list : *json) lists.push_back(words_of(list));
  } else {
    lists.push_back(words_of(*json));
    if (json->is_array()) {
      // [{"en": [...]}, {"zh": [...]}]
      for (const Json& part : *json) {
        if (!part.is_object()) continue;
        for (const Json& list : part) lists.push_back(words_of(list));
      }
    }
  }
  Words keywords;
  std::unordered_set<std::string> seen;
  std::size_t longest = 0;
  for (const Words& list : lists) longest = std::max(longest, list.size());
  // In turns: the bound takes nothing from one language alone.
  for (std::size_t i = 0; i < longest && keywords.size() < max_keywords; ++i) {
    for (const Words& list : lists) {
      if (i >= list.size() || keywords.size() >= max_keywords) continue;
      const std::string_view word = utf8::trim(list[i]);
      if (measure_text(word).letters == 0 || characters(word) > max_keyword_characters) continue;
      if (seen.insert(fold_text(word).bytes).second) keywords.emplace_back(word);
    }
  }
  return keywords;
}

}  // namespace

PreparedQuestion prepare_by_rules(std::string_view question) {
  PreparedQuestion prepared;
  std::size_t pos = 0;
  for (const ByteSpan& span : answer_form_spans(question)) {
    append_slice(prepared.information, without_joints(question.substr(pos, span.start - pos)));
    append_slice(prepared.instruction,
                 without_joints(question.substr(span.start, span.end - span.start)));
    pos = span.end;
  }
  if (pos > 0) append_slice(prepared.information, without_joints(question.substr(pos)));
  if (prepared.information.empty()) {
    prepared.information = std::string(utf8::trim(question));
    prepared.instruction.clear();
  }
  prepared.keywords = question_keywords(prepared.information);
  return prepared;
}

Result<PreparedQuestion> parse_prepared_question(std::string_view reply,
                                                 const std::string& question) {
  const Json object = find_object(without_thinking(reply.substr(0, max_reply)));
  if (!object.is_object()) {
    return Error{ErrorKind::unavailable,
                 "the model's reply holds no JSON object with information and keywords"};
  }
  const std::size_t most = question.size() + max_extra;
  PreparedQuestion prepared;
  prepared.information = text_of(information_of(object), most);
  prepared.instruction = text_of(instruction_of(object), most);
  prepared.keywords = keywords_in(keywords_of(object));
  if (says_nothing(prepared.information)) prepared.information = std::string(utf8::trim(question));
  if (says_nothing(prepared.instruction)) prepared.instruction.clear();
  return prepared;
}

QuestionPreparation prepare_question(Reader& reader, const Snapshot& snapshot,
                                     LibraryLanguages& languages, const std::string& question,
                                     const CallContext& context, ReaderUsage& usage,
                                     std::vector<std::string>& notes) {
  QuestionPreparation preparation;
  for (LanguageShare& found : languages.of(snapshot)) {
    if (preparation.languages.size() == max_languages) break;
    preparation.languages.push_back(std::move(found.language));
  }
  if (preparation.languages.empty()) {
    const std::string_view own = language_of(question);
    preparation.languages.emplace_back(own.empty() ? "en" : own);
  }
  // What waits for a model that hangs is no read any more: rules take over in time.
  CallContext soon = context;
  const auto now = CallContext::Clock::now();
  if (context.deadline > now) {
    soon.deadline = now + std::min<CallContext::Clock::duration>(longest_preparation,
                                                                 (context.deadline - now) / 2);
  }
  auto prepared = reader.prepare(question, preparation.languages, soon, usage);
  if (prepared) {
    preparation.question = std::move(prepared).value();
    preparation.by_model = true;
    return preparation;
  }
  if (prepared.error().kind != ErrorKind::unsupported) {
    notes.push_back("the question was prepared by rules: " + prepared.error().message);
  }
  preparation.question = prepare_by_rules(question);
  return preparation;
}

}  // namespace callslip
