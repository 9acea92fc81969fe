#include "plugin/toolset/tool.h"

// A tool is a function in a file of its own, and a line here.
#define CALLSLIP_TOOLS(X) \
  X(doc_search_tool)      \
  X(read_chunks_tool)     \
  X(submit_readings_tool) \
  X(list_documents_tool)

namespace callslip {

#define CALLSLIP_DECLARE(function) Tool function(const ToolServices& services);
CALLSLIP_TOOLS(CALLSLIP_DECLARE)

std::vector<Tool> make_tools(const ToolServices& services) {
  std::vector<Tool> tools;
#define CALLSLIP_ADD(function) tools.push_back(function(services));
  CALLSLIP_TOOLS(CALLSLIP_ADD)
  return tools;
}

}  // namespace callslip
