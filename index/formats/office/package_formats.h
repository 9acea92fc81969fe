// The readers of the formats that are ZIP packages: a document of the unpacked parts.
//
// Pure functions: any thread may call them. Errors: ErrorKind::unsupported with the reason. Where
// only a part of a file is damaged, the rest is read, and `problem` says what is missing.
#pragma once

#include <string>
#include <string_view>

#include "index/formats/office/zip_package.h"
#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

Result<ParsedDocument> read_docx(const ZipPackage& package, std::string& problem);
Result<ParsedDocument> read_pptx(const ZipPackage& package, std::string& problem);
Result<ParsedDocument> read_xlsx(const ZipPackage& package, std::string& problem);

/// ODT, ODS and ODP, also as templates. `type`: "odt", "ods", "odp".
Result<ParsedDocument> read_odf(const ZipPackage& package, std::string_view type,
                                std::string& problem);

Result<ParsedDocument> read_epub(const ZipPackage& package, std::string& problem);

}  // namespace callslip
