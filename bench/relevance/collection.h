// Collection: a folder of evaluation data in memory.
//
// Two kinds. With judgements: corpus.jsonl {_id, title, text}, queries.jsonl {_id, text},
// qrels.tsv. With questions: qa.jsonl {question, evidence[], context_docs[{title, text}]}; its
// documents are those of all questions together, so that the evidence has to be found among them.
// Any of the JSONL files may be compressed (.gz). A program that cannot read its data ends.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace callslip::bench {

struct Article {
  std::string id;
  std::string title;
  std::string text;
};

struct Collection {
  struct Query {
    std::string id;
    std::string text;
    std::map<std::string, int> relevant;  // with judgements: by document id, how relevant
    std::vector<std::string> evidence;    // of a question: sentences that must come back
  };

  std::string name;
  std::vector<Article> documents;
  std::vector<Query> queries;  // only those that have something to find
  bool judged = true;          // else it has questions with evidence
};

/// Nothing when the folder holds no collection, or none that says what is to be found.
std::optional<Collection> load_collection(const std::string& folder);

/// The collections of the folders below `data`, by name. What holds none is named on stderr.
std::vector<Collection> load_collections(const std::string& data);

}  // namespace callslip::bench
