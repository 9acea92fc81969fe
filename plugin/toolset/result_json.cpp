#include "plugin/toolset/result_json.h"

#include <algorithm>

#include "plugin/utc_time.h"

namespace callslip {
namespace {

using nlohmann::json;

/// "page": 3, and "page_end": 4 where it ends on another; of a sheet its name.
void add_part(json& j, const PartLocation& part) {
  if (part.first == 0) return;
  if (part.kind == PartKind::sheet) {
    j["sheet"] = part.first_name;
    if (part.last != part.first) j["sheet_end"] = part.last_name;
    return;
  }
  const std::string name = part.kind == PartKind::page ? "page" : "slide";
  j[name] = part.first;
  if (part.last != part.first) j[name + "_end"] = part.last;
}

json to_json(const Location& location) {
  json j{{"of", location.extracted ? "extracted" : "file"},
         {"line_start", location.line_start},
         {"line_end", location.line_end},
         {"byte_start", location.byte_start},
         {"byte_end", location.byte_end}};
  add_part(j, location.part);
  return j;
}

json to_json(const FoundChunk& chunk) {
  json j{{"chunk_id", chunk.chunk_id}, {"document", chunk.document},
         {"uri", chunk.uri},           {"title", chunk.title},
         {"headings", chunk.headings}, {"location", to_json(chunk.location)},
         {"score", chunk.score},       {"tokens", chunk.tokens},
         {"text", chunk.text}};
  if (chunk.truncated) j["truncated"] = true;
  if (!chunk.duplicates.empty()) j["duplicates"] = chunk.duplicates;
  return j;
}

json to_json(const Evidence& evidence) {
  json j{{"text", evidence.text},
         {"chunk_id", evidence.chunk_id},
         {"document", evidence.document},
         {"uri", evidence.uri},
         {"location", to_json(evidence.location)}};
  if (!evidence.also_in.empty()) j["also_in"] = evidence.also_in;
  return j;
}

json to_json(const ReaderPlan& plan) {
  json j{{"chunks", plan.passages + plan.cached},
         {"cached", plan.cached},
         {"tokens", plan.tokens},
         {"calls", plan.calls},
         {"prompt_tokens", plan.prompt_tokens},
         {"completion_tokens", plan.completion_tokens},
         {"seconds", plan.seconds}};
  if (plan.price) j["price"] = *plan.price;
  return j;
}

json to_json(const QuestionPreparation& prepared) {
  return {{"information", prepared.question.information},
          {"instruction", prepared.question.instruction},
          {"keywords", prepared.question.keywords},
          {"languages", prepared.languages},
          {"by", prepared.by_model ? "model" : "rules"}};
}

json to_json(const Relaxation& relaxation) {
  json j{{"kind", relaxation_name(relaxation.kind)}, {"note", relaxation.note}};
  if (!relaxation.words.empty()) j["words"] = relaxation.words;
  if (!relaxation.instead.empty()) j["instead"] = relaxation.instead;
  return j;
}

const char* strength_name(EvidenceStrength strength) {
  switch (strength) {
    case EvidenceStrength::none:
      return "none";
    case EvidenceStrength::weak:
      return "weak";
    case EvidenceStrength::strong:
      return "strong";
  }
  return "none";
}

json to_json(const Coverage& coverage) {
  json failures = json::array();
  for (const auto& failure : coverage.failures) {
    failures.push_back({{"chunk_id", failure.chunk_id}, {"reason", failure.reason}});
  }
  return {{"in_scope", coverage.in_scope},   {"read", coverage.read},
          {"failed", coverage.failed},       {"unread", coverage.unread},
          {"relevant", coverage.relevant},   {"from_cache", coverage.from_cache},
          {"complete", coverage.complete()}, {"failures", failures}};
}

const char* status_name(ReadChunksResult::Status status) {
  switch (status) {
    case ReadChunksResult::Status::found:
      return "found";
    case ReadChunksResult::Status::nothing_relevant:
      return "nothing_relevant";
    case ReadChunksResult::Status::partial:
      return "partial";
  }
  return "partial";
}

json to_json(const ListedDocument& document) {
  json listed = {{"document", document.document}, {"uri", document.uri},
                 {"title", document.title},       {"type", document.type},
                 {"bytes", document.bytes},       {"tokens", document.tokens},
                 {"chunks", document.chunks},     {"modified", utc_time(document.modified)},
                 {"lossy", document.lossy}};
  if (!document.language.empty()) listed["language"] = document.language;
  if (!document.ranked_down.empty()) listed["ranked_down"] = document.ranked_down;
  return listed;
}

json to_json(const ListedFolder& folder) {
  return {{"folder", folder.folder}, {"documents", folder.documents}, {"tokens", folder.tokens}};
}

json to_json(const OutlineEntry& entry) {
  return {{"heading", entry.heading}, {"level", entry.level}, {"chunk_id", entry.chunk_id}};
}

/// The first few documents that a result speaks of, each once.
class Links {
 public:
  void add(const std::string& uri, const std::string& name, const std::string& title) {
    const auto known = std::find_if(links_.begin(), links_.end(),
                                    [&](const ResourceLink& link) { return link.uri == uri; });
    if (known != links_.end()) {
      if (known->title.empty()) known->title = title;
    } else if (links_.size() < max_resource_links) {
      links_.push_back({uri, name, title});
    }
  }
  std::vector<ResourceLink> all() { return std::move(links_); }

 private:
  std::vector<ResourceLink> links_;
};

template <class T>
json array_of(const std::vector<T>& items) {
  json j = json::array();
  for (const T& item : items) j.push_back(to_json(item));
  return j;
}

}  // namespace

json to_json(const IndexInfo& index) {
  json j{{"documents", index.documents}, {"chunks", index.chunks}, {"revision", index.revision}};
  if (index.indexing) {
    j["indexing"] = {{"done", index.indexing->done}, {"total", index.indexing->total}};
  }
  if (index.changed) j["changed"] = true;
  return j;
}

json to_json(const DocSearchResult& result) {
  json j{{"chunks", array_of(result.chunks)},
         {"total_tokens", result.total_tokens},
         {"matches", result.matches},
         {"mode", result.whole ? "whole" : "ranked"},
         {"index", to_json(result.index)}};
  for (const FoundPassage& passage : result.passages) {
    j["passages"].push_back({{"chunk_ids", passage.chunk_ids},
                             {"document", passage.document},
                             {"location", to_json(passage.location)}});
  }
  if (!result.next_cursor.empty()) j["next_cursor"] = result.next_cursor;
  if (result.expanded) j["expanded"] = to_json(*result.expanded);
  if (!result.relaxed.empty()) j["relaxed"] = array_of(result.relaxed);
  if (!result.notes.empty()) j["notes"] = result.notes;
  return j;
}

json to_json(const ReadChunksResult& result) {
  json j{{"chunks", array_of(result.chunks)},
         {"total_tokens", result.total_tokens},
         {"index", to_json(result.index)}};
  if (!result.next.empty()) j["next"] = result.next;
  if (!result.next_cursor.empty()) j["next_cursor"] = result.next_cursor;
  if (!result.notes.empty()) j["notes"] = result.notes;
  if (!result.by_question) return j;
  j["status"] = status_name(result.status);
  j["evidence"] = array_of(result.evidence);
  j["coverage"] = to_json(result.coverage);
  j["usage"] = {{"reader", result.usage.reader},
                {"calls", result.usage.calls.calls},
                {"prompt_tokens", result.usage.calls.prompt_tokens},
                {"completion_tokens", result.usage.calls.completion_tokens},
                {"rejected_quotes", result.usage.rejected_quotes},
                {"seconds", result.usage.seconds}};
  if (!result.answer.empty()) j["answer"] = result.answer;
  j["evidence_strength"] = strength_name(result.strength);
  if (!result.unknown_terms.empty()) j["unknown_terms"] = result.unknown_terms;
  if (result.prepared) j["expanded"] = to_json(*result.prepared);
  if (result.plan) {
    j["plan"] = to_json(result.plan->most);
    j["plan"]["at_least"] = to_json(result.plan->least);
  }
  return j;
}

json to_json(const ListDocumentsResult& result) {
  json j{{"documents", array_of(result.documents)},
         {"folders", array_of(result.folders)},
         {"matches", result.matches},
         {"total_tokens", result.total_tokens},
         {"index", to_json(result.index)}};
  if (!result.outline.empty()) j["outline"] = array_of(result.outline);
  if (!result.next_cursor.empty()) j["next_cursor"] = result.next_cursor;
  if (!result.notes.empty()) j["notes"] = result.notes;
  return j;
}

std::vector<ResourceLink> links_of(const DocSearchResult& result) {
  Links links;
  for (const FoundChunk& chunk : result.chunks) links.add(chunk.uri, chunk.document, chunk.title);
  return links.all();
}

std::vector<ResourceLink> links_of(const ReadChunksResult& result) {
  Links links;
  for (const Evidence& item : result.evidence) links.add(item.uri, item.document, "");
  for (const FoundChunk& chunk : result.chunks) links.add(chunk.uri, chunk.document, chunk.title);
  return links.all();
}

std::vector<ResourceLink> links_of(const ListDocumentsResult& result) {
  Links links;
  // The first few of many say nothing.
  if (result.documents.size() > max_resource_links) return {};
  for (const ListedDocument& one : result.documents) links.add(one.uri, one.document, one.title);
  return links.all();
}

std::string json_text(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace callslip
