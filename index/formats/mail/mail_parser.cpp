// Mail: a message in a file (EML, MHTML), and mailboxes (mbox, RFC 4155), in which each message is
// a document of its own, by its Message-ID. A mailbox that only its content tells is one document.
#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "index/formats/block_writer.h"
#include "index/formats/isolated_parsers.h"
#include "index/formats/mail/mail_message.h"
#include "index/formats/recognition.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

/// Yields the messages of a mailbox, without their "From " lines and the '>' that protects others.
class MailboxReader {
 public:
  explicit MailboxReader(std::string_view text) : lines_(text) {}

  bool next(std::string& message) {
    message.clear();
    bool any = false;
    bool after_blank = true;
    for (TextLine line; lines_.next(line); after_blank = line.text.empty()) {
      if (after_blank && is_from_line(line.text)) {
        if (any) return true;
        any = true;
        continue;
      }
      any = true;
      const std::size_t marks = leading(line.text, '>');
      message +=
          line.text.substr(marks > 0 && line.text.substr(marks).starts_with("From ") ? 1 : 0);
      message += '\n';
    }
    return any && !trimmed(message).empty();
  }

 private:
  LineScanner lines_;
};

std::string clean_id(std::string_view id) {
  std::string out;
  for (const char c : id.substr(0, 200)) {
    if (static_cast<unsigned char>(c) > 0x20 && c != 0x7F) out += c;
  }
  return out;
}

Status parse_collection(std::string_view bytes, const ParseOptions& options,
                        const Parser::Sink& sink) {
  MailboxReader reader(bytes);
  std::unordered_set<std::string> ids;
  std::size_t number = 0;
  std::size_t bad = 0;
  std::string reason;
  for (std::string message; reader.next(message);) {
    ++number;
    Result<MailDocument> mail = read_mail(message, options);
    if (!mail) {
      if (bad++ == 0) reason = "message " + std::to_string(number) + ": " + mail.error().message;
      continue;
    }
    std::string id = clean_id(mail->message_id);
    if (id.empty() || ids.contains(id)) {  // none, or a copy in another folder
      id += (id.empty() ? "" : "-") + std::to_string(number);
    }
    ids.insert(id);
    mail->document.record_id = std::move(id);
    if (Status taken = sink(std::move(mail->document)); !taken) return taken;
  }
  if (number == 0) return Error{ErrorKind::unsupported, "a mailbox without messages"};
  if (bad == 0) return {};
  return Error{ErrorKind::invalid_argument, std::to_string(bad) + " of " + std::to_string(number) +
                                                " messages skipped: " + reason};
}

Status parse_as_one(std::string_view bytes, const ParseOptions& options, const Parser::Sink& sink) {
  MailboxReader reader(bytes);
  BlockWriter out;
  for (std::string message; !out.full() && reader.next(message);) {
    const Result<MailDocument> mail = read_mail(message, options);
    if (!mail) continue;
    out.context(1, mail->document.title.empty() ? "Message" : mail->document.title);
    out.append(mail->document, 1);
  }
  Result<ParsedDocument> document = out.finish("email", "");
  if (!document) return document.error();
  return sink(std::move(*document));
}

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): as all of them take it
Status parse_mail(std::string_view name, std::string bytes, const ParseOptions& options,
                  const Parser::Sink& sink) {
  if (!is_mailbox(name, std::string_view(bytes).substr(0, 4096))) {
    Result<MailDocument> mail = read_mail(bytes, options);
    if (!mail) return mail.error();
    return sink(std::move(mail->document));
  }
  if (is_collection(name)) return parse_collection(bytes, options, sink);
  return parse_as_one(bytes, options, sink);
}

}  // namespace callslip
