#include "plugin/schema.h"

#include "tools/doc_search.h"

namespace callslip::schema {

using nlohmann::json;

json location() {
  return json::parse(R"({
    "type": "object",
    "properties": {
      "of": {"type": "string", "enum": ["file", "extracted"]},
      "page": {"type": "integer"},
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
      "text": {"type": "string"}, "truncated": {"type": "boolean"}
    },
    "required": ["chunk_id", "document", "uri", "location", "tokens", "text"]
  })");
  schema["properties"]["location"] = location();
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
