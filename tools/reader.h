// Reader: the seam for Level 2. It judges passages against a question: None, or the relevant
// sentences. Implementations: ExtractiveReader (no model), OpenAiReader, and tests' own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "index/byte_span.h"
#include "index/parsed_document.h"
#include "index/result.h"
#include "tools/call_context.h"

namespace callslip {

/// One chunk as a reader sees it.
struct Passage {
  std::string chunk_id;
  std::string document;
  std::string title;
  std::vector<std::string> headings;
  std::string text;
  TextKind kind = TextKind::prose;
};

struct Verdict {
  enum class Kind { none, relevant, failed };
  Kind kind = Kind::none;
  std::vector<ByteSpan>
      sentences;       // relevant: whole sentences of Passage::text, in order, disjoint
  std::string reason;  // failed: why, in a few words, for example "HTTP 503"
  std::size_t rejected_quotes = 0;  // what the model quoted and the passage does not hold
  bool from_cache = false;
};

struct ReaderUsage {
  std::uint64_t calls = 0;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
};

class Reader {
 public:
  using OnVerdict = std::function<void(std::size_t passage, const Verdict& verdict)>;

  virtual ~Reader() = default;

  /// "extractive", or the model's name.
  virtual std::string name() const = 0;

  /// Judges the passages, in parallel where that helps; on_verdict is called on the calling
  /// thread, once per judged passage, in any order. Returns when all are judged, or soon after
  /// the context stops: what has no verdict then is unread. Any number of threads may call.
  virtual ReaderUsage read(const std::string& question, std::span<const Passage> passages,
                           const CallContext& context, const OnVerdict& on_verdict) = 0;

  /// Writes an answer from the evidence alone; ErrorKind::unsupported where there is no model.
  virtual Result<std::string> answer(const std::string& question, std::span<const Passage> evidence,
                                     const CallContext& context, ReaderUsage& usage) = 0;
};

}  // namespace callslip
