// The text of what DOCX, PPTX and XLSX draw by way of parts of their own: charts and diagrams
// (SmartArt).
//
// Pure functions: any thread may call them.
#pragma once

#include <pugixml.hpp>

#include "index/formats/block_writer.h"
#include "index/formats/opc_package.h"

namespace callslip {

/// Writes the charts and diagrams that the node, in the part of these relations, refers to.
void write_drawing(pugi::xml_node node, const OpcPackage& package, const OpcRelations& relations,
                   BlockWriter& out);

/// Writes a chart: its titles, and its values as a table.
void write_chart(pugi::xml_node chart_space, BlockWriter& out);

/// The paragraphs of a DrawingML text body (a:p, a:r, a:t), a line each.
std::string drawing_paragraphs(pugi::xml_node body);

}  // namespace callslip
