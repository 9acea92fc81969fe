#include "tests/servers/wanted_sentences.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace callslip::oracle {

using nlohmann::json;

WantedSentences WantedSentences::of_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::invalid_argument("cannot read '" + path + "'");
  json entries = json::array();
  for (std::string line; std::getline(file, line);) {
    json entry = line.starts_with('{') ? json::parse(line, nullptr, false) : json();
    const bool is_entry = entry.is_object() && entry.contains("sentences");
    entries.push_back(is_entry ? std::move(entry) : json(line));
  }
  return WantedSentences(entries);
}

WantedSentences::WantedSentences(const json& entries) try {
  if (!entries.is_array()) throw std::invalid_argument("wanted must be an array");
  std::vector<std::string> questions;
  std::unordered_map<std::string, std::size_t> known;
  const auto add = [&](const std::string& sentence, std::optional<std::size_t> question) {
    std::string text = with_single_spaces(sentence);
    if (text.empty()) return;
    const auto [place, is_new] = known.emplace(std::move(text), sentences_.size());
    if (is_new) sentences_.push_back({place->first, false, {}});
    Sentence& wanted = sentences_[place->second];
    if (question) {
      wanted.questions.push_back(*question);
    } else {
      wanted.always = true;
    }
  };
  for (const json& entry : entries) {
    if (entry.is_string()) {
      add(entry.get<std::string>(), std::nullopt);
      continue;
    }
    std::optional<std::size_t> question;
    if (entry.contains("question")) {
      question = questions.size();
      questions.push_back(entry.at("question").get<std::string>());
    }
    for (const json& sentence : entry.at("sentences")) add(sentence.get<std::string>(), question);
  }
  std::vector<std::string> texts;
  for (const Sentence& sentence : sentences_) texts.push_back(sentence.text);
  sentence_set_ = PhraseSet(texts);
  question_set_ = PhraseSet(questions);
} catch (const json::exception& error) {
  throw std::invalid_argument(std::string("wanted: ") + error.what());
}

std::vector<std::size_t> WantedSentences::questions_in(std::string_view prompt) const {
  return question_set_.find(with_single_spaces(prompt));
}

std::vector<std::string> WantedSentences::in(std::string_view text,
                                             const std::vector<std::size_t>& questions) const {
  std::vector<std::string> found;
  for (const std::size_t number : sentence_set_.find(with_single_spaces(text))) {
    const Sentence& sentence = sentences_[number];
    const bool asked =
        std::any_of(sentence.questions.begin(), sentence.questions.end(), [&](std::size_t of) {
          return std::find(questions.begin(), questions.end(), of) != questions.end();
        });
    if (asked || sentence.always) found.push_back(sentence.text);
  }
  return found;
}

}  // namespace callslip::oracle
