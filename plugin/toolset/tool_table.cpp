#include "plugin/toolset/tool.h"

// A tool is a function in a file of its own, and a line here.
#define CALLSLIP_TOOLS(X) \
  X(doc_search_tool)      \
  X(read_chunks_tool)     \
  X(submit_readings_tool) \
  X(list_documents_tool)

// Only where documents can be handed over.
#define CALLSLIP_WRITING_TOOLS(X) \
  X(add_document_tool)            \
  X(remove_document_tool)

// --profile connector: these, and no others.
#define CALLSLIP_CONNECTOR_TOOLS(X) \
  X(connector_search_tool)          \
  X(connector_fetch_tool)

namespace callslip {

#define CALLSLIP_DECLARE(function) Tool function(const ToolServices& services);
CALLSLIP_TOOLS(CALLSLIP_DECLARE)
CALLSLIP_WRITING_TOOLS(CALLSLIP_DECLARE)
CALLSLIP_CONNECTOR_TOOLS(CALLSLIP_DECLARE)

std::vector<Tool> make_tools(const ToolServices& services) {
  std::vector<Tool> tools;
#define CALLSLIP_ADD(function) tools.push_back(function(services));
  if (services.profile == "connector") {
    CALLSLIP_CONNECTOR_TOOLS(CALLSLIP_ADD)
    return tools;
  }
  CALLSLIP_TOOLS(CALLSLIP_ADD)
  if (services.documents != nullptr) {
    CALLSLIP_WRITING_TOOLS(CALLSLIP_ADD)
  }
  return tools;
}

}  // namespace callslip
