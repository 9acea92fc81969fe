#include "index/formats/mail/mail_attachment.h"

#include <array>
#include <string_view>
#include <utility>

#include "index/formats/mail/mail_message.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr int deepest_message = 8;

/// A name by which the parser is found when the attachment has none.
std::string name_for(const std::string& name, std::string_view kind) {
  if (!file_extension(name).empty()) return name;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> known{{
      {"text/html", ".html"},
      {"text/csv", ".csv"},
      {"text/markdown", ".md"},
      {"application/json", ".json"},
      {"application/xhtml+xml", ".xhtml"},
  }};
  for (const auto& [type, extension] : known) {
    if (kind == type) return (name.empty() ? "part" : name) + std::string(extension);
  }
  return name;
}

bool is_media(std::string_view kind) {
  return kind.starts_with("image/") || kind.starts_with("audio/") || kind.starts_with("video/");
}

}  // namespace

void write_attachment(MailAttachment attachment, const ParseOptions& options, int depth,
                      BlockWriter& out) {
  const std::string kind = ascii_lower(attachment.type);
  if (kind.starts_with("application/pgp") || kind.ends_with("pkcs7-signature")) return;
  const bool is_message = kind == "message/rfc822";
  std::string shown = clean_line(attachment.name);
  if (shown.empty()) shown = is_message ? "message" : kind;
  const std::size_t size = attachment.bytes.size();
  const std::string heading = "Attachment: " + shown;
  bool any = false;
  std::string reason;
  const auto take = [&](const ParsedDocument& document) {
    const std::string member = document.member + document.record_id;
    if (!any || !member.empty()) {
      out.heading(1, member.empty() ? heading : heading + "/" + member);
    }
    any = true;
    out.append(document, 1);
    return out.full() ? Status(Error{ErrorKind::unsupported, "too much text"}) : Status();
  };
  if (depth >= deepest_message) {
    reason = "nested too deep";
  } else if (is_message) {
    const Result<MailDocument> mail = read_mail(attachment.bytes, options, depth + 1);
    if (mail) (void)take(mail->document);
  } else if (!is_media(kind) && size > 0) {
    const std::string name = name_for(attachment.name, kind);
    const Parser& parser = parser_for(name, std::string_view(attachment.bytes).substr(0, 4096));
    const Status parsed = parser.parse(name, std::move(attachment.bytes), options, take);
    if (!parsed) reason = parsed.error().message;
  }
  if (any) return;
  if (reason.empty()) reason = kind;
  out.gap();
  out.line(heading + " (" + (reason.empty() ? "" : reason + ", ") + std::to_string(size) +
           " bytes)");
}

}  // namespace callslip
