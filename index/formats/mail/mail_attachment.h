// What is attached to a mail message. A pure function: any thread may call it.
#pragma once

#include <string>

#include "index/formats/block_writer.h"
#include "index/formats/parser.h"

namespace callslip {

struct MailAttachment {
  std::string name;
  std::string type;  // "application/pdf"
  std::string bytes;
};

/// Writes the attachment's text, headed by its name, or the name and why there is no text. `depth`:
/// of the message in others; beyond 8 attachments are only named.
void write_attachment(MailAttachment attachment, const ParseOptions& options, int depth,
                      BlockWriter& out);

}  // namespace callslip
