// Mail: a message in a file (EML, MHTML), and mailboxes (mbox, RFC 4155), in which each message is
// a document of its own, by its Message-ID. A mailbox that only its content tells is one document.
#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "index/formats/block_writer.h"
#include "index/formats/mail_message.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "From somebody@example.org Sat Jan  3 01:05:34 1996": the line before each message.
bool is_from_line(std::string_view line) {
  if (!line.starts_with("From ") || line.size() < 20) return false;
  // A time of day, and a year behind it. Commits in mailbox form have a fixed date instead.
  for (std::size_t i = 7; i + 5 <= line.size(); ++i) {
    if (line[i] == ':' && is_digit(line[i - 1]) && is_digit(line[i + 1]) && is_digit(line[i + 2])) {
      return !line.ends_with("Mon Sep 17 00:00:00 2001");
    }
  }
  return false;
}

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

class MailParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view head) const override {
    const std::string extension = file_extension(name);
    if (is_mailbox(name, head)) return true;
    if (extension == "eml" || extension == "mht" || extension == "mhtml") return true;
    return looks_like_mail(head);
  }

  Status parse(std::string_view name, std::string bytes, const ParseOptions& options,
               const Sink& sink) const override {
    if (!is_mailbox(name, std::string_view(bytes).substr(0, 4096))) {
      Result<MailDocument> mail = read_mail(bytes, options);
      if (!mail) return mail.error();
      return sink(std::move(mail->document));
    }
    if (is_collection(name)) return parse_collection(bytes, options, sink);
    return parse_as_one(bytes, options, sink);
  }

  bool isolated() const override { return true; }

 private:
  static bool is_mailbox(std::string_view name, std::string_view head) {
    return file_extension(name) == "mbox" || is_from_line(head.substr(0, head.find('\n')));
  }

  static Status parse_collection(std::string_view bytes, const ParseOptions& options,
                                 const Sink& sink) {
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
    return Error{
        ErrorKind::invalid_argument,
        std::to_string(bad) + " of " + std::to_string(number) + " messages skipped: " + reason};
  }

  static Status parse_as_one(std::string_view bytes, const ParseOptions& options,
                             const Sink& sink) {
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
};

}  // namespace

const Parser& mail_parser();
const Parser& mail_parser() {
  static const MailParser parser;
  return parser;
}

}  // namespace callslip
