// Mail messages (RFC 5322, MIME) as documents: the headers that people read, the text, and what is
// attached.
//
// A pure function: any thread may call it. GMime takes messages apart; encodings are ICU's to
// convert (glibc's would load modules from the file system).
#pragma once

#include <string>
#include <string_view>

#include "index/formats/parser.h"
#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

struct MailDocument {
  ParsedDocument document;  // title: the subject
  std::string message_id;   // without brackets; empty if there is none
};

/// Attachments are parsed by the parsers for them and stand behind the text, headed by their names;
/// those that no parser reads are named. `depth`: of a message in another.
Result<MailDocument> read_mail(std::string_view message, const ParseOptions& options,
                               int depth = 0);

}  // namespace callslip
