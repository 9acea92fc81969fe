#include "bench/relevance/collection.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace callslip::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void die(const std::string& why) {
  std::cerr << why << "\n";
  std::exit(1);
}

/// The file as it is called, or compressed; empty: there is none.
std::string path_of(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  if (fs::exists(path)) return path;
  return fs::exists(path + ".gz") ? path + ".gz" : "";
}

std::string read(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");  // reads what is not compressed, too
  if (file == nullptr) die(path + ": cannot be opened");
  std::string bytes;
  std::array<char, 1U << 16> buffer{};
  int count = 0;
  while ((count = gzread(file, buffer.data(), buffer.size())) > 0) {
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  gzclose(file);
  if (count < 0) die(path + ": cannot be read");
  return bytes;
}

void for_each_line(const std::string& path, const std::function<void(const std::string&)>& use) {
  const std::string bytes = read(path);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    if (end > at) use(bytes.substr(at, end - at));
    at = end + 1;
  }
}

std::string text_of(const json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> evidence_of(const json& record) {
  std::vector<std::string> evidence;
  for (const json& sentence : record.value("evidence", json::array())) {
    evidence.push_back(sentence.get<std::string>());
  }
  return evidence;
}

void load_judged(const std::string& folder, Collection& collection) {
  for_each_line(path_of(folder, "corpus.jsonl"), [&](const std::string& line) {
    const json record = json::parse(line);
    collection.documents.push_back(
        {text_of(record, "_id"), text_of(record, "title"), text_of(record, "text")});
  });
  std::unordered_map<std::string, std::map<std::string, int>> judgements;
  bool heading = true;
  for_each_line(folder + "/qrels.tsv", [&](const std::string& line) {
    if (std::exchange(heading, false)) return;
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    const int grade = std::stoi(line.substr(second + 1));
    if (grade <= 0) return;
    judgements[line.substr(0, first)][line.substr(first + 1, second - first - 1)] = grade;
  });
  for_each_line(path_of(folder, "queries.jsonl"), [&](const std::string& line) {
    const json record = json::parse(line);
    const auto found = judgements.find(text_of(record, "_id"));
    if (found == judgements.end()) return;
    collection.queries.push_back({found->first, text_of(record, "text"), found->second, {}});
  });
}

void load_questions(const std::string& folder, Collection& collection) {
  collection.judged = false;
  std::unordered_map<std::string, std::size_t> known;  // texts: the questions share documents
  for_each_line(path_of(folder, "qa.jsonl"), [&](const std::string& line) {
    const json record = json::parse(line);
    for (const json& document : record.value("context_docs", json::array())) {
      std::string text = text_of(document, "text");
      if (!known.try_emplace(text, known.size()).second) continue;
      collection.documents.push_back(
          {std::to_string(collection.documents.size()), text_of(document, "title"), text});
    }
    auto evidence = evidence_of(record);
    if (evidence.empty()) return;
    collection.queries.push_back(
        {text_of(record, "id"), text_of(record, "question"), {}, std::move(evidence)});
  });
}

}  // namespace

std::optional<Collection> load_collection(const std::string& folder) {
  Collection collection;
  collection.name = fs::path(folder).filename();
  try {
    if (fs::exists(folder + "/qrels.tsv")) {
      load_judged(folder, collection);
    } else if (!path_of(folder, "qa.jsonl").empty()) {
      load_questions(folder, collection);
    }
  } catch (const std::exception& e) {
    die(folder + ": " + e.what());
  }
  if (collection.queries.empty()) return std::nullopt;
  return collection;
}

std::vector<Collection> load_collections(const std::string& data) {
  std::vector<std::string> folders;
  for (const auto& entry : fs::directory_iterator(data)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  std::vector<Collection> collections;
  for (const std::string& folder : folders) {
    if (auto collection = load_collection(folder)) {
      collections.push_back(std::move(*collection));
    } else {
      std::cerr << folder << ": nothing here says what is to be found; left out\n";
    }
  }
  return collections;
}

}  // namespace callslip::bench
