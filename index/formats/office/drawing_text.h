// The text of what DOCX, PPTX and XLSX draw by way of parts of their own: charts and diagrams
// (SmartArt).
//
// Pure functions: any thread may call them.
#pragma once

#include <pugixml.hpp>

#include "index/formats/block_writer.h"
#include "index/formats/office/opc_package.h"

namespace callslip {

/// Whether a chart's values are written too; in a workbook they stand in its sheets.
enum class ChartValues { as_table, left_out };

/// Writes the charts and diagrams that the node, in the part of these relations, refers to.
void write_drawing(pugi::xml_node node, const OpcPackage& package, const OpcRelations& relations,
                   ChartValues values, BlockWriter& out);

/// The paragraphs of a DrawingML text body (a:p, a:r, a:t), a line each.
std::string drawing_paragraphs(pugi::xml_node body);

}  // namespace callslip
