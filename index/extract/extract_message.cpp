#include "index/extract/extract_message.h"

#include <utility>

#include "index/extract/byte_frame.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxName = 4096;
constexpr std::size_t kMaxTitle = 1024;
constexpr std::size_t kMaxType = 64;
constexpr std::size_t kMaxMessage = 4096;
constexpr std::size_t kMaxPasswords = 10'000;
constexpr std::size_t kMaxSmallFrame = 64U << 10;  // all but documents
constexpr int kMaxLevel = 64;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// One line of text that may be shown to people.
bool is_line(std::string_view text) {
  for (const char c : text) {
    if (is_control(c)) return false;
  }
  return is_valid_utf8(text);
}

/// The text as such a line, for the end that writes: what a format allows may be more.
std::string one_line(std::string_view text, std::size_t most) {
  std::string line = make_valid_utf8(std::string(text)).text;
  for (char& c : line) c = is_control(c) ? ' ' : c;
  if (line.size() > most) line.resize(utf8_floor(line, most));
  return line;
}

bool is_type(std::string_view text) {
  for (const char c : text) {
    const bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       c == '+' || c == '.' || c == '/';
    if (!known) return false;
  }
  return true;
}

bool begins_a_character(std::string_view text, std::uint64_t at) {
  return at < text.size() && is_utf8_boundary(text, at);
}

bool read_headings(ByteReader& in, ParsedDocument& document) {
  const auto count = in.number<std::uint32_t>();
  if (!in.holds(count, 2 * sizeof(std::uint32_t))) return false;
  document.headings.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto start = in.number<std::uint64_t>();
    const auto level = in.number<std::int32_t>();
    const std::string_view text = in.string(kMaxTitle);
    const bool in_order = document.headings.empty() || document.headings.back().byte_start <= start;
    if (!in.ok() || !in_order || level < 1 || level > kMaxLevel || !is_line(text) ||
        !begins_a_character(document.text, start)) {
      return false;
    }
    document.headings.push_back({start, level, std::string(text)});
  }
  return true;
}

bool read_parts(ByteReader& in, ParsedDocument& document) {
  const auto count = in.number<std::uint32_t>();
  if (!in.holds(count, 2 * sizeof(std::uint32_t))) return false;
  document.parts.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto start = in.number<std::uint64_t>();
    const auto kind = in.number<std::uint8_t>();
    const auto number = in.number<std::uint32_t>();
    const std::string_view name = in.string(kMaxTitle);
    const bool in_order = document.parts.empty() || document.parts.back().byte_start <= start;
    const bool in_text = start == document.text.size() || begins_a_character(document.text, start);
    if (!in.ok() || !in_order || !in_text || kind > static_cast<std::uint8_t>(PartKind::sheet) ||
        number == 0 || !is_line(name)) {
      return false;
    }
    document.parts.push_back({start, static_cast<PartKind>(kind), number, std::string(name)});
  }
  return true;
}

}  // namespace

std::string encode_request_head(const ExtractRequest& request) {
  ByteWriter out;
  out.string(request.name);
  out.number(static_cast<std::uint32_t>(request.options.passwords.size()));
  for (const std::string& password : request.options.passwords) out.string(password);
  out.number(static_cast<std::uint8_t>(request.options.ocr));
  out.number(request.limits.memory_bytes);
  out.number(static_cast<std::int64_t>(request.limits.step.count()));
  out.number(static_cast<std::int64_t>(request.limits.total.count()));
  out.number(static_cast<std::int64_t>(request.limits.ocr_total.count()));
  out.number(request.limits.output_bytes);
  return out.take();
}

std::optional<ExtractRequest> decode_request(std::string_view bytes) {
  ByteReader in(bytes);
  ExtractRequest request;
  request.name = in.string(kMaxName);
  const auto passwords = in.number<std::uint32_t>();
  if (passwords > kMaxPasswords) return std::nullopt;
  for (std::uint32_t i = 0; i < passwords && in.ok(); ++i) {
    request.options.passwords.emplace_back(in.string(kMaxName));
  }
  request.options.ocr = in.number<std::uint8_t>() != 0;
  request.limits.memory_bytes = in.number<std::uint64_t>();
  request.limits.step = std::chrono::milliseconds(in.number<std::int64_t>());
  request.limits.total = std::chrono::milliseconds(in.number<std::int64_t>());
  request.limits.ocr_total = std::chrono::milliseconds(in.number<std::int64_t>());
  request.limits.output_bytes = in.number<std::uint64_t>();
  if (!in.ok()) return std::nullopt;
  request.bytes = in.rest();
  return request;
}

std::string encode_frame_head(FrameType type, std::size_t payload_bytes) {
  ByteWriter out;
  out.number(static_cast<std::uint8_t>(type));
  out.number(static_cast<std::uint32_t>(payload_bytes));
  return out.take();
}

std::optional<FrameHead> decode_frame_head(std::string_view bytes, const ExtractLimits& limits) {
  ByteReader in(bytes);
  const auto type = in.number<std::uint8_t>();
  const auto length = in.number<std::uint32_t>();
  if (!in.ok() || type < static_cast<std::uint8_t>(FrameType::sandbox) ||
      type > static_cast<std::uint8_t>(FrameType::done)) {
    return std::nullopt;
  }
  const bool is_document = type == static_cast<std::uint8_t>(FrameType::document);
  if (length > (is_document ? limits.output_bytes : kMaxSmallFrame)) return std::nullopt;
  return FrameHead{static_cast<FrameType>(type), length};
}

std::string encode_sandbox(const SandboxReport& report) {
  ByteWriter out;
  out.number(static_cast<std::uint8_t>(report.system_calls));
  out.number(static_cast<std::uint8_t>(report.files));
  return out.take();
}

std::optional<SandboxReport> decode_sandbox(std::string_view payload) {
  ByteReader in(payload);
  SandboxReport report;
  report.system_calls = in.number<std::uint8_t>() == 1;
  report.files = in.number<std::uint8_t>() == 1;
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return report;
}

std::string encode_step(const ExtractStep& step) {
  ByteWriter out;
  out.number(step.number);
  out.string(clean_member_path(step.name));
  return out.take();
}

std::optional<ExtractStep> decode_step(std::string_view payload) {
  ByteReader in(payload);
  ExtractStep step;
  step.number = in.number<std::uint32_t>();
  const std::string_view name = in.string(kMaxName);
  if (!in.ok() || !in.at_end() || clean_member_path(name) != name) return std::nullopt;
  step.name = name;
  return step;
}

std::string encode_document(const ParsedDocument& document) {
  ByteWriter out;
  out.string(document.text);
  out.string(one_line(document.title, kMaxTitle));
  out.string(document.type);
  out.string(one_line(document.record_id, kMaxName));
  out.string(clean_member_path(document.member));
  out.string(one_line(document.skipped, kMaxMessage));
  out.number(static_cast<std::uint8_t>(document.kind));
  out.number(static_cast<std::uint8_t>(document.lossy));
  out.number(static_cast<std::uint32_t>(document.headings.size()));
  for (const Heading& heading : document.headings) {
    out.number(static_cast<std::uint64_t>(heading.byte_start));
    out.number(static_cast<std::int32_t>(heading.level));
    out.string(one_line(heading.text, kMaxTitle));
  }
  out.number(static_cast<std::uint32_t>(document.parts.size()));
  for (const Part& part : document.parts) {
    out.number(static_cast<std::uint64_t>(part.byte_start));
    out.number(static_cast<std::uint8_t>(part.kind));
    out.number(part.number);
    out.string(one_line(part.name, kMaxTitle));
  }
  return out.take();
}

std::optional<ParsedDocument> decode_document(std::string_view payload) {
  ByteReader in(payload);
  const std::string_view text = in.string(payload.size());
  const std::string_view title = in.string(kMaxTitle);
  const std::string_view type = in.string(kMaxType);
  const std::string_view record = in.string(kMaxName);
  const std::string_view member = in.string(kMaxName);
  const std::string_view skipped = in.string(kMaxMessage);
  const auto kind = in.number<std::uint8_t>();
  const auto lossy = in.number<std::uint8_t>();
  if (!in.ok() || kind > static_cast<std::uint8_t>(TextKind::code)) return std::nullopt;
  const bool sound = is_valid_utf8(text) && text.find('\0') == text.npos && is_line(title) &&
                     is_type(type) && is_line(record) && clean_member_path(member) == member &&
                     is_line(skipped);
  if (!sound || (skipped.empty() && type.empty()) || (!skipped.empty() && member.empty())) {
    return std::nullopt;
  }
  ParsedDocument document;
  document.text = text;
  document.title = title;
  document.type = type;
  document.record_id = record;
  document.member = member;
  document.skipped = skipped;
  document.kind = static_cast<TextKind>(kind);
  document.lossy = lossy != 0;
  document.extracted = true;
  if (!read_headings(in, document) || !read_parts(in, document)) return std::nullopt;
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return document;
}

std::string encode_status(const Status& status) {
  ByteWriter out;
  out.number(static_cast<std::uint8_t>(status.ok()));
  out.string(status.ok() ? std::string() : one_line(status.error().message, kMaxMessage));
  return out.take();
}

std::optional<Status> decode_status(std::string_view payload) {
  ByteReader in(payload);
  const bool ok = in.number<std::uint8_t>() == 1;
  const std::string_view message = in.string(kMaxMessage);
  if (!in.ok() || !in.at_end() || !is_line(message) || ok != message.empty()) return std::nullopt;
  if (ok) return Status();
  return Status(Error{ErrorKind::unsupported, std::string(message)});
}

std::string clean_member_path(std::string_view path) {
  std::string clean;
  std::string part;
  const auto end_part = [&] {
    if (!part.empty() && part != "." && part != "..") {
      if (!clean.empty()) clean += '/';
      clean += part;
    }
    part.clear();
  };
  for (const char c : path) {
    if (c == '/' || c == '\\') {
      end_part();
    } else if (!is_control(c)) {
      part += c;
    }
  }
  end_part();
  clean = make_valid_utf8(std::move(clean)).text;
  if (clean.size() <= kMaxName) return clean;
  clean.resize(utf8_floor(clean, kMaxName));
  return clean_member_path(clean);  // the cut may have made a ".."
}

}  // namespace callslip
