// JSONL collections: one document a line, {"_id"|"id": …, "title"?: …, "text": …}.
//
// Any thread. Parser::parse of such a file delivers what is good and then returns an error that
// counts what was skipped and names the first of it; this says it in data.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "index/formats/parser.h"
#include "index/result.h"

namespace callslip {

struct BadRecord {
  std::size_t line = 0;  // from 1
  std::string reason;    // `no "text" string`
};

struct JsonlReport {
  std::size_t records = 0;     // lines that are not blank
  std::size_t skipped = 0;     // of these, how many were bad
  std::vector<BadRecord> bad;  // the first five of them
};

/// Whether the first ten lines that are not blank hold at least one record. Without any, the file
/// is JSON data of some other shape.
bool holds_records(std::string_view jsonl);

/// Delivers each good record. Errors: only the sink's.
Result<JsonlReport> parse_jsonl(std::string_view jsonl, const Parser::Sink& sink);

/// "3 of 120 records skipped: line 7: no "text" string; ...": ok if nothing was.
Status to_status(const JsonlReport& report);

}  // namespace callslip
