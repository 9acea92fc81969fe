// Media types of what resources/read returns for a document.
//
// Pure functions: any thread.
#pragma once

#include <string>

#include "index/snapshot.h"

namespace callslip {

/// Of the document's text: "text/plain" where it was extracted from another format.
std::string media_type(const Snapshot& snapshot, DocumentNumber document);

}  // namespace callslip
