// MSG: a message saved by Outlook (Microsoft, MS-OXMSG): as a mail message is.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <set>
#include <string>
#include <utility>

#include "index/formats/block_writer.h"
#include "index/formats/html_parser.h"
#include "index/formats/mail/mail_attachment.h"
#include "index/formats/mail/mail_header.h"
#include "index/formats/office/compound_formats.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr int deepest_message = 8;

class MsgReader {
 public:
  MsgReader(const CompoundFile& file, const ParseOptions& options)
      : file_(file), options_(options) {}

  Result<ParsedDocument> read() {
    const std::string subject = text("", "0037");
    message("", 0);
    Result<ParsedDocument> document = out_.finish("email", subject);
    if (document && document->text.empty()) {
      return Error{ErrorKind::unsupported, "an empty mail message"};
    }
    return document;
  }

 private:
  /// A property of the message or attachment in that folder, as text.
  std::string text(const std::string& folder, const std::string& property) const {
    const std::string path = folder + "__substg1.0_" + property;
    if (const auto wide = file_.read(path + "001F")) return utf16_text(*wide);
    if (auto narrow = file_.read(path + "001E")) return decode_mail_text(std::move(*narrow), {});
    return {};
  }

  /// The time of a property of fixed size: 100 ns since 1601.
  std::string time(const std::string& folder, std::size_t header, std::uint16_t property) const {
    const std::string properties = file_.read(folder + "__properties_version1.0").value_or("");
    for (std::size_t at = header; at + 16 <= properties.size(); at += 16) {
      if (u16_at(properties, at) != 0x0040 || u16_at(properties, at + 2) != property) continue;
      const std::uint64_t ticks = u32_at(properties, at + 8) |
                                  static_cast<std::uint64_t>(u32_at(properties, at + 12)) << 32;
      constexpr std::uint64_t unix_epoch = 11'644'473'600;
      const auto seconds = static_cast<std::time_t>(ticks / 10'000'000 - unix_epoch);
      std::tm parts{};
      std::array<char, 64> buffer{};
      if (ticks / 10'000'000 < unix_epoch || ::gmtime_r(&seconds, &parts) == nullptr) return {};
      const std::size_t size =
          std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
      return std::string(buffer.data(), size);
    }
    return {};
  }

  void line(std::string_view name, const std::string& value) {
    if (!clean_line(value).empty()) out_.line(std::string(name) + ": " + clean_line(value));
  }

  void message(const std::string& folder, int depth) {
    line("Subject", text(folder, "0037"));
    const std::string address =
        text(folder, "5D01").empty() ? text(folder, "0C1F") : text(folder, "5D01");
    const std::string sender = text(folder, "0C1A");
    const bool shows_address = address.find('@') != address.npos && sender != address;
    line("From", shows_address ? sender + " <" + address + ">" : sender);
    line("To", text(folder, "0E04"));
    line("Cc", text(folder, "0E03"));
    const std::size_t header = folder.empty() ? 32 : 24;
    std::string date = time(folder, header, 0x0039);
    if (date.empty()) date = time(folder, header, 0x0E06);
    line("Date", date);
    std::string body = text(folder, "1000");
    if (trimmed(body).empty()) {
      std::string html = file_.read(folder + "__substg1.0_10130102").value_or("");
      if (html.empty()) html = text(folder, "1013");
      const Result<ParsedDocument> page = read_html(std::move(html), "mail.html");
      if (page) out_.append(*page, 0);
    } else {
      out_.paragraph(body);
    }
    for (const std::string& attachment : attachments(folder)) attach(attachment, depth);
  }

  /// The folders of the attachments, "__attach_version1.0_#00000000/".
  std::set<std::string> attachments(const std::string& folder) const {
    std::set<std::string> folders;
    for (const std::string& path : file_.paths()) {
      if (!path.starts_with(folder + "__attach_version1.0_#")) continue;
      folders.insert(path.substr(0, path.find('/', folder.size()) + 1));
    }
    return folders;
  }

  void attach(const std::string& folder, int depth) {
    std::string name = text(folder, "3707");
    if (name.empty()) name = text(folder, "3704");
    if (name.empty()) name = text(folder, "3001");
    const std::string inner = folder + "__substg1.0_3701000D/";
    if (file_.has(inner + "__properties_version1.0")) {  // a message
      if (depth >= deepest_message) return;
      out_.heading(1, "Attachment: " + (name.empty() ? text(inner, "0037") : name));
      message(inner, depth + 1);
      return;
    }
    MailAttachment attachment;
    attachment.name = clean_line(name);
    attachment.type = clean_line(text(folder, "370E"));
    attachment.bytes = file_.read(folder + "__substg1.0_37010102").value_or("");
    write_attachment(std::move(attachment), options_, depth, out_);
  }

  const CompoundFile& file_;
  const ParseOptions& options_;
  BlockWriter out_;
};

}  // namespace

Result<ParsedDocument> read_msg(const CompoundFile& file, const ParseOptions& options) {
  return MsgReader(file, options).read();
}

}  // namespace callslip
