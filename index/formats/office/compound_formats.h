// The readers of the formats that are OLE2 files: Office up to 2003, Outlook's messages.
//
// Pure functions: any thread may call them. Errors: ErrorKind::unsupported with the reason.
#pragma once

#include "index/formats/office/compound_file.h"
#include "index/formats/parser.h"
#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

Result<ParsedDocument> read_xls(const CompoundFile& file);
Result<ParsedDocument> read_doc(const CompoundFile& file);
Result<ParsedDocument> read_ppt(const CompoundFile& file);
Result<ParsedDocument> read_msg(const CompoundFile& file, const ParseOptions& options);

/// The title in the document's properties; empty if there is none, or one that programs make up.
std::string compound_title(const CompoundFile& file);

/// What a file says that is encrypted.
inline Error encrypted_error() {
  return {ErrorKind::unsupported, "encrypted; save it without a password to have it read"};
}

}  // namespace callslip
