// What is answered when documents were added or removed, by a tool or a route: as text and as JSON.
//
// Stateless; any thread.
#pragma once

#include <nlohmann/json.hpp>

#include "plugin/documents/document_store.h"
#include "plugin/toolset/tool.h"

namespace callslip {

/// `index` is the index after the change.
ToolOutput describe_added(const AddedDocument& added, const IndexInfo& index,
                          std::vector<std::string> notes);
ToolOutput describe_removed(const RemovedDocuments& removed, const IndexInfo& index,
                            const std::vector<std::string>& notes);

/// The same, with the index as it is now.
Result<ToolOutput> describe_added(const AddedDocument& added, Library& library,
                                  const CallContext& context, std::vector<std::string> notes);
Result<ToolOutput> describe_removed(const RemovedDocuments& removed, Library& library,
                                    const CallContext& context,
                                    const std::vector<std::string>& notes);

nlohmann::json added_schema();
nlohmann::json removed_schema();

}  // namespace callslip
