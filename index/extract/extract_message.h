// ExtractMessage: what the server and callslip-extract say to each other about one file.
//
// The request is written into a memory file and trusted. The reply is a row of frames on a pipe,
// each a type, a length and a payload; the process that writes it may have been taken over by a
// hostile file, so every length, offset and string of it is checked here before anything is made
// of it. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "index/extract/extract_limits.h"
#include "index/formats/parser.h"
#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

struct ExtractRequest {
  std::string name;
  ParseOptions options;
  ExtractLimits limits;
  std::string bytes;
};

/// Everything but the file's bytes, which follow it.
std::string encode_request_head(const ExtractRequest& request);
std::optional<ExtractRequest> decode_request(std::string_view bytes);

enum class FrameType : std::uint8_t {
  sandbox = 1,   // the first: what the process could give up, a SandboxReport
  step = 2,      // a member or a page begins: its number and its name
  document = 3,  // a ParsedDocument
  done = 4,      // the last: how the parse ended
};

inline constexpr std::size_t frame_head_bytes = 1 + sizeof(std::uint32_t);

/// A frame's first bytes; the payload follows.
std::string encode_frame_head(FrameType type, std::size_t payload_bytes);

struct FrameHead {
  FrameType type = FrameType::done;
  std::uint32_t bytes = 0;  // of the payload
};
/// Nothing for a type that there is not, or one that is longer than any of its kind.
std::optional<FrameHead> decode_frame_head(std::string_view bytes, const ExtractLimits& limits);

/// What holds while a file is parsed.
struct SandboxReport {
  bool system_calls = false;  // seccomp: no network, no programs, no files written
  bool files = false;         // Landlock: no files read but the libraries' data

  bool whole() const { return system_calls && files; }
};

std::string encode_sandbox(const SandboxReport& report);
std::optional<SandboxReport> decode_sandbox(std::string_view payload);

struct ExtractStep {
  std::uint32_t number = 0;
  std::string name;  // of the member; empty for a page
};
std::string encode_step(const ExtractStep& step);
std::optional<ExtractStep> decode_step(std::string_view payload);

std::string encode_document(const ParsedDocument& document);
/// Nothing unless all that a Parser promises holds: valid UTF-8, headings and parts in order, at
/// characters of the text, a member's path that leads nowhere else. It counts as `extracted`.
std::optional<ParsedDocument> decode_document(std::string_view payload);

std::string encode_status(const Status& status);
std::optional<Status> decode_status(std::string_view payload);

/// A member's path as it is shown and stored: relative, without "." and "..", empty parts, control
/// characters and backslashes; valid UTF-8. Empty where nothing is left.
std::string clean_member_path(std::string_view path);

}  // namespace callslip
