#include "index/formats/mail/mail_message.h"

#include <gmime/gmime.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/html_parser.h"
#include "index/formats/mail/mail_attachment.h"
#include "index/formats/mail/mail_header.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr int deepest_part = 64;
constexpr std::size_t most_parts = 1000;

struct Unref {
  void operator()(void* object) const {
    if (object != nullptr) g_object_unref(object);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

std::string_view as_view(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

Owned<GMimeMessage> parse_message(std::string_view bytes) {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  g_mime_parser_set_format(parser.get(), GMIME_FORMAT_MESSAGE);
  return Owned<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

/// A part's content, its transfer encoding undone.
std::string content_of(GMimePart* part) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const Owned<GMimeStream> memory(g_mime_stream_mem_new());
  if (g_mime_data_wrapper_write_to_stream(content, memory.get()) < 0) return {};
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

std::string header_of(GMimeObject* object, const char* name) {
  GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
  return header == nullptr ? std::string()
                           : decode_header(as_view(g_mime_header_get_raw_value(header)));
}

/// A parameter's raw value may hold encoded words, against the standard but widely.
std::string file_name_of(GMimePart* part) {
  std::string name = decode_header(as_view(g_mime_part_get_filename(part)));
  return name.substr(name.find_last_of("/\\") + 1);
}

class MailReader {
 public:
  MailReader(const ParseOptions& options, int depth) : options_(options), depth_(depth) {}

  Result<MailDocument> read(std::string_view bytes) {
    const Owned<GMimeMessage> message = parse_message(bytes);
    if (!message) return Error{ErrorKind::unsupported, "not a mail message"};
    auto* object = GMIME_OBJECT(message.get());
    const std::string subject = header_of(object, "Subject");
    for (const char* name : {"Subject", "From", "To", "Cc", "Date"}) {
      const std::string value = header_of(object, name);
      if (!value.empty()) out_.line(std::string(name) + ": " + value);
    }
    if (GMimeObject* body = g_mime_message_get_mime_part(message.get())) part(body, 0);
    for (MailAttachment& attachment : attachments_) {
      write_attachment(std::move(attachment), options_, depth_, out_);
    }
    Result<ParsedDocument> document = out_.finish("email", subject);
    if (!document) return document.error();
    if (document->text.empty()) return Error{ErrorKind::unsupported, "an empty mail message"};
    MailDocument mail;
    mail.document = std::move(document).value();
    mail.message_id = as_view(g_mime_message_get_message_id(message.get()));
    return mail;
  }

 private:
  void part(GMimeObject* object, int nesting) {
    if (nesting > deepest_part || ++parts_ > most_parts) return;
    if (GMIME_IS_MULTIPART(object)) {
      multipart(GMIME_MULTIPART(object), nesting);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      message(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)));
    } else if (GMIME_IS_PART(object)) {
      leaf(GMIME_PART(object));
    }
  }

  void multipart(GMimeMultipart* multipart, int nesting) {
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(multipart));
    const int count = g_mime_multipart_get_count(multipart);
    if (g_mime_content_type_is_type(type, "multipart", "encrypted")) {
      out_.paragraph("[This message is encrypted.]");
      return;
    }
    if (!g_mime_content_type_is_type(type, "multipart", "alternative")) {
      for (int i = 0; i < count; ++i) part(g_mime_multipart_get_part(multipart, i), nesting + 1);
      return;
    }
    // Of alternatives the plain one, which is what was written, unless it says next to nothing.
    GMimeObject* plain = nullptr;
    GMimeObject* rich = nullptr;
    for (int i = 0; i < count; ++i) {
      GMimeObject* choice = g_mime_multipart_get_part(multipart, i);
      GMimeContentType* kind = g_mime_object_get_content_type(choice);
      if (g_mime_content_type_is_type(kind, "text", "plain") && plain == nullptr) {
        plain = choice;
      } else if (!g_mime_content_type_is_type(kind, "text", "calendar") || rich == nullptr) {
        rich = choice;
      }
    }
    const std::string text =
        plain != nullptr && GMIME_IS_PART(plain) ? text_of(GMIME_PART(plain), false) : "";
    if (rich != nullptr && trimmed(text).size() < 200) {
      const bool html =
          GMIME_IS_PART(rich) &&
          g_mime_content_type_is_type(g_mime_object_get_content_type(rich), "text", "html") != 0;
      const std::string shown = html ? text_of(GMIME_PART(rich), true) : "";
      if (!html || shown.size() > 2 * text.size() + 100) {
        part(rich, nesting + 1);
        return;
      }
    }
    if (plain != nullptr) {
      out_.paragraph(text);
    } else if (rich != nullptr) {
      part(rich, nesting + 1);
    }
  }

  void message(GMimeMessage* inner) {
    if (inner == nullptr) return;
    GMimeStream* memory = g_mime_stream_mem_new();
    const Owned<GMimeStream> owner(memory);
    g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, memory);
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
    attachments_.push_back({header_of(GMIME_OBJECT(inner), "Subject"),
                            "message/rfc822",
                            {reinterpret_cast<const char*>(bytes->data), bytes->len}});
  }

  /// The text of a text part; of HTML what a reader sees.
  std::string text_of(GMimePart* part, bool html) {
    const std::string charset(
        as_view(g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset")));
    std::string bytes = content_of(part);
    if (!html) return decode_mail_text(std::move(bytes), charset);
    const Result<ParsedDocument> page = read_html(std::move(bytes), "mail.html", charset);
    return page ? page->text : std::string();
  }

  void leaf(GMimePart* part) {
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    const std::string_view disposition = as_view(g_mime_object_get_disposition(GMIME_OBJECT(part)));
    const std::string name = file_name_of(part);
    const bool attached = ascii_lower(disposition) == "attachment" || !name.empty();
    const bool html = g_mime_content_type_is_type(type, "text", "html") != 0;
    if (!attached && (html || g_mime_content_type_is_type(type, "text", "plain"))) {
      if (html) {
        const std::string charset(
            as_view(g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset")));
        const Result<ParsedDocument> page = read_html(content_of(part), "mail.html", charset);
        if (page) out_.append(*page, 0);
      } else {
        out_.paragraph(text_of(part, false));
      }
      return;
    }
    const std::unique_ptr<char, void (*)(void*)> mime(g_mime_content_type_get_mime_type(type),
                                                      &g_free);
    attachments_.push_back({name, std::string(as_view(mime.get())), content_of(part)});
  }

  const ParseOptions& options_;
  const int depth_;
  BlockWriter out_;
  std::vector<MailAttachment> attachments_;
  std::size_t parts_ = 0;
};

}  // namespace

Result<MailDocument> read_mail(std::string_view message, const ParseOptions& options, int depth) {
  return MailReader(options, depth).read(message);
}

}  // namespace callslip
