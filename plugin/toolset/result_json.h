// The tools' results as JSON: the structuredContent of CONTRACT, and what --json prints.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plugin/toolset/tool.h"
#include "tools/doc_search.h"
#include "tools/list_documents.h"
#include "tools/read_chunks.h"

namespace callslip {

nlohmann::json to_json(const DocSearchResult& result);
nlohmann::json to_json(const ReadChunksResult& result);
nlohmann::json to_json(const ListDocumentsResult& result);
nlohmann::json to_json(const IndexInfo& index);

/// The documents that a result speaks of, the best first.
std::vector<ResourceLink> links_of(const DocSearchResult& result);
std::vector<ResourceLink> links_of(const ReadChunksResult& result);
std::vector<ResourceLink> links_of(const ListDocumentsResult& result);

/// Indented, and a line end; what is no UTF-8 is replaced.
std::string json_text(const nlohmann::json& value);

}  // namespace callslip
