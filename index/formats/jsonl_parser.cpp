#include "index/formats/jsonl_parser.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "index/code/code_detection.h"
#include "index/code/code_outline.h"
#include "index/formats/file_magic.h"
#include "index/formats/text_document.h"
#include "index/text/encoding.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_named = 5;
constexpr int sample_lines = 10;

/// Takes the four fields out of one object as it is parsed; the rest is passed over, and no tree
/// is built.
class RecordReader final : public nlohmann::json_sax<Json> {
 public:
  std::optional<std::string> underscore_id, plain_id, title, text;
  std::string syntax_error;

  bool null() override { return scalar(nullptr); }
  bool boolean(bool) override { return scalar(nullptr); }
  bool number_integer(number_integer_t number) override { return id(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return id(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& literal) override { return id(literal); }
  bool string(string_t& value) override { return scalar(&value); }
  bool binary(binary_t&) override { return scalar(nullptr); }

  bool start_object(std::size_t) override {
    if (depth_ == 0) is_object_ = true;
    return start();
  }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return start(); }
  bool end_array() override { return end(); }

  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    field_ = name == "_id"     ? &underscore_id
             : name == "id"    ? &plain_id
             : name == "title" ? &title
             : name == "text"  ? &text
                               : nullptr;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    syntax_error = "not valid JSON (at byte " + std::to_string(position) + ")";
    return false;
  }

  bool is_object() const { return is_object_; }

 private:
  bool start() {
    if (depth_ == 1 && field_ != nullptr) field_->reset();
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }
  bool scalar(std::string* value) {
    if (depth_ != 1 || field_ == nullptr) return true;
    if (value == nullptr) {
      field_->reset();
    } else {
      *field_ = std::move(*value);
    }
    return true;
  }
  bool id(std::string number) {
    return scalar(field_ == &underscore_id || field_ == &plain_id ? &number : nullptr);
  }

  std::size_t depth_ = 0;
  bool is_object_ = false;
  std::optional<std::string>* field_ = nullptr;  // where the next value at depth 1 goes
};

/// The value of four hex digits at `at`, or nothing.
std::optional<unsigned> hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(at, 4)) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<unsigned>((c | 0x20) - 'a') + 10;
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

/// Replaces escapes that stand for no character of text by \ufffd: surrogates without a partner,
/// and NUL. True if there were any.
bool replace_impossible_escapes(std::string& line) {
  bool replaced = false;
  for (std::size_t at = line.find('\\'); at != std::string::npos && at + 1 < line.size();
       at = line.find('\\', at + 2)) {
    if (line[at + 1] != 'u') continue;
    const std::optional<unsigned> unit = hex4(line, at + 2);
    if (!unit) continue;
    const bool high = *unit >= 0xD800 && *unit <= 0xDBFF;
    const bool low = *unit >= 0xDC00 && *unit <= 0xDFFF;
    if (high && line.compare(at + 6, 2, "\\u") == 0) {
      const std::optional<unsigned> next = hex4(line, at + 8);
      if (next && *next >= 0xDC00 && *next <= 0xDFFF) {
        at += 6;  // a proper pair
        continue;
      }
    }
    if (!high && !low && *unit != 0) continue;
    line.replace(at + 2, 4, "fffd");
    replaced = true;
  }
  return replaced;
}

bool has_controls(std::string_view id) {
  for (const char c : id) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

/// The document of one line, or the reason why it is none.
Result<ParsedDocument> read_record(std::string_view raw_line) {
  ValidUtf8 line = make_valid_utf8(std::string(raw_line));
  const bool lossy = replace_impossible_escapes(line.text) || line.lossy;
  RecordReader reader;
  const auto bad = [](std::string reason) {
    return Error{ErrorKind::invalid_argument, std::move(reason)};
  };
  if (!Json::sax_parse(line.text, &reader)) return bad(std::move(reader.syntax_error));
  if (!reader.is_object()) return bad("not a JSON object");
  std::optional<std::string>& id = reader.underscore_id ? reader.underscore_id : reader.plain_id;
  if (!id) return bad("no \"_id\" or \"id\"");
  if (id->empty()) return bad("empty \"_id\"");
  if (has_controls(*id)) return bad("control characters in \"_id\"");
  if (!reader.text) return bad("no \"text\" string");
  ParsedDocument document;
  document.text = std::move(*reader.text);
  if (reader.title) document.title = clean_heading(*reader.title);
  document.type = "jsonl";
  if (const std::string_view type = code_type_of(document.text); !type.empty()) {
    document.type = type;
    document.kind = TextKind::code;
    outline(document);
  }
  document.record_id = std::move(*id);
  document.extracted = true;
  document.lossy = lossy;
  return document;
}

class JsonlParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override { return is_jsonl(name); }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    // JSON is UTF-8 by definition: a bad byte spoils one record, not the guess for all of them.
    if (has_wide_bom(bytes) || !binary_format(bytes).empty()) {
      Result<DecodedText> decoded = decode_text(std::move(bytes));
      if (!decoded) return decoded.error();
      if (!decoded->lossy) return parse_utf8(std::move(decoded->text), true, sink);
      return parse_utf8(std::move(decoded->text), true, [&](ParsedDocument document) {
        document.lossy =
            document.lossy || document.text.find(utf8_replacement) != document.text.npos;
        return sink(std::move(document));
      });
    }
    return parse_utf8(std::move(bytes), false, sink);
  }

 private:
  static Status parse_utf8(std::string bytes, bool converted, const Sink& sink) {
    if (!holds_records(bytes)) {
      Result<ParsedDocument> document =
          make_text_document(std::move(bytes), "json", TextKind::code);
      if (!document) return document.error();
      document->extracted = document->extracted || converted;
      return sink(std::move(*document));
    }
    Result<JsonlReport> report = parse_jsonl(bytes, sink);
    return report ? to_status(*report) : Status(report.error());
  }
};

}  // namespace

bool holds_records(std::string_view jsonl) {
  LineScanner lines(jsonl);
  int seen = 0;
  for (TextLine line; seen < sample_lines && lines.next(line);) {
    if (line.blank()) continue;
    ++seen;
    if (read_record(line.text)) return true;
  }
  return false;
}

Result<JsonlReport> parse_jsonl(std::string_view jsonl, const Parser::Sink& sink) {
  JsonlReport report;
  std::unordered_set<std::string> ids;
  LineScanner lines(jsonl);
  std::size_t number = 0;
  for (TextLine line; lines.next(line);) {
    ++number;
    if (line.blank()) continue;
    ++report.records;
    Result<ParsedDocument> record = read_record(line.text);
    std::string reason;
    if (!record) {
      reason = record.error().message;
    } else if (!ids.insert(record->record_id).second) {
      reason = "\"_id\" " + clean_heading(record->record_id) + " stands in an earlier line too";
    } else {
      Status taken = sink(std::move(*record));
      if (!taken) return taken.error();
      continue;
    }
    ++report.skipped;
    if (report.bad.size() < most_named) report.bad.push_back({number, std::move(reason)});
  }
  return report;
}

Status to_status(const JsonlReport& report) {
  if (report.skipped == 0) return {};
  std::string message = std::to_string(report.skipped) + " of " + std::to_string(report.records) +
                        " records skipped: ";
  for (const BadRecord& bad : report.bad) {
    if (&bad != &report.bad.front()) message += "; ";
    message += "line " + std::to_string(bad.line) + ": " + bad.reason;
  }
  if (report.skipped > report.bad.size()) message += "; ...";
  return Error{ErrorKind::invalid_argument, std::move(message)};
}

const Parser& jsonl_parser();
const Parser& jsonl_parser() {
  static const JsonlParser parser;
  return parser;
}

}  // namespace callslip
