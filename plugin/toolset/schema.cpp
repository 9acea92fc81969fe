#include "plugin/toolset/schema.h"

#include "tools/doc_search.h"

namespace callslip::schema {

using nlohmann::json;

json location() {
  return json::parse(R"({
    "type": "object",
    "properties": {
      "of": {"type": "string", "enum": ["file", "extracted"]},
      "page": {"type": "integer"}, "page_end": {"type": "integer"},
      "slide": {"type": "integer"}, "slide_end": {"type": "integer"},
      "sheet": {"type": "string"}, "sheet_end": {"type": "string"},
      "line_start": {"type": "integer"}, "line_end": {"type": "integer"},
      "byte_start": {"type": "integer"}, "byte_end": {"type": "integer"}
    },
    "required": ["of", "line_start", "line_end", "byte_start", "byte_end"]
  })");
}

json chunk() {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "chunk_id": {"type": "string"}, "document": {"type": "string"}, "uri": {"type": "string"},
      "title": {"type": "string"},
      "headings": {"type": "array", "items": {"type": "string"}},
      "score": {"type": "number"}, "tokens": {"type": "integer"},
      "text": {"type": "string"}, "truncated": {"type": "boolean"},
      "duplicates": {"type": "array", "items": {"type": "string"}}
    },
    "required": ["chunk_id", "document", "uri", "location", "tokens", "text"]
  })");
  schema["properties"]["location"] = location();
  return schema;
}

json passages() {
  json schema = json::parse(R"({
    "type": "array",
    "items": {
      "type": "object",
      "properties": {
        "chunk_ids": {"type": "array", "items": {"type": "string"}}, "document": {"type": "string"}
      },
      "required": ["chunk_ids", "document", "location"]
    }
  })");
  schema["items"]["properties"]["location"] = location();
  return schema;
}

json index() {
  return json::parse(R"({
    "type": "object",
    "properties": {
      "documents": {"type": "integer"}, "chunks": {"type": "integer"},
      "revision": {"type": "string"}, "changed": {"type": "boolean"},
      "indexing": {"type": "object",
                   "properties": {"done": {"type": "integer"}, "total": {"type": "integer"}}}
    },
    "required": ["documents", "chunks", "revision"]
  })");
}

json expanded() {
  return json::parse(R"({
    "type": "object",
    "properties": {
      "information": {"type": "string"}, "instruction": {"type": "string"},
      "keywords": {"type": "array", "items": {"type": "string"}},
      "languages": {"type": "array", "items": {"type": "string"}},
      "by": {"type": "string", "enum": ["model", "rules"]}
    },
    "required": ["information", "instruction", "keywords", "by"]
  })");
}

json relaxed() {
  return json::parse(R"({
    "type": "array",
    "description": "What was not found as it was asked for, and what was searched instead",
    "items": {
      "type": "object",
      "properties": {
        "kind": {"type": "string", "enum": ["missing", "spelling", "weak", "exact", "documents"]},
        "words": {"type": "array", "items": {"type": "string"}},
        "instead": {"type": "string"}, "note": {"type": "string"}
      },
      "required": ["kind", "note"]
    }
  })");
}

json reading() {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "status": {"type": "string", "enum": ["found", "nothing_relevant", "partial"]},
      "answer": {"type": "string"},
      "evidence": {"type": "array", "items": {
        "type": "object",
        "properties": {"text": {"type": "string"}, "chunk_id": {"type": "string"},
                       "document": {"type": "string"}, "uri": {"type": "string"},
                       "also_in": {"type": "array", "items": {"type": "string"}}},
        "required": ["text", "chunk_id", "document", "uri", "location"]}},
      "coverage": {"type": "object",
        "properties": {
          "in_scope": {"type": "integer"}, "read": {"type": "integer"}, "failed": {"type": "integer"},
          "unread": {"type": "integer"}, "relevant": {"type": "integer"},
          "from_cache": {"type": "integer"}, "complete": {"type": "boolean"},
          "failures": {"type": "array", "items": {"type": "object",
            "properties": {"chunk_id": {"type": "string"}, "reason": {"type": "string"}}}}},
        "required": ["in_scope", "read", "failed", "unread", "relevant", "complete"]},
      "usage": {"type": "object",
        "properties": {
          "reader": {"type": "string"}, "calls": {"type": "integer"},
          "prompt_tokens": {"type": "integer"}, "completion_tokens": {"type": "integer"},
          "rejected_quotes": {"type": "integer"}, "seconds": {"type": "number"}}},
      "evidence_strength": {"type": "string", "enum": ["none", "weak", "strong"]},
      "unknown_terms": {"type": "array", "items": {"type": "string"},
                        "description": "Words of the question that no document holds"},
      "plan": {"type": "object", "description": "Of a dry run: what reading takes at the most",
        "properties": {
          "chunks": {"type": "integer"}, "cached": {"type": "integer"}, "tokens": {"type": "integer"},
          "calls": {"type": "integer"}, "prompt_tokens": {"type": "integer"},
          "completion_tokens": {"type": "integer"}, "seconds": {"type": "number"},
          "price": {"type": "number"}, "at_least": {"type": "object"}}},
      "total_tokens": {"type": "integer"},
      "next": {"type": "string", "enum": ["read_more", "return_more", "submit_readings"]},
      "next_cursor": {"type": "string"}
    },
    "required": ["chunks", "total_tokens", "index"]
  })");
  schema["properties"]["chunks"] = {{"type", "array"}, {"items", chunk()}};
  schema["properties"]["index"] = index();
  schema["properties"]["expanded"] = expanded();
  schema["properties"]["notes"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  schema["properties"]["evidence"]["items"]["properties"]["location"] = location();
  return schema;
}

json documents_argument() {
  return json::parse(R"({
    "type": "array", "items": {"type": "string"},
    "description": "Only these: a name, a folder (guide/), a path, or a glob (**/*.md); a leading ! excludes"
  })");
}

json max_tokens_argument(std::size_t most) {
  return {{"type", "integer"},
          {"description", "Bound of the answer in tokens, " + std::to_string(min_max_tokens) +
                              " to " + std::to_string(most)},
          {"default", std::min(default_max_tokens, most)}};
}

}  // namespace callslip::schema
