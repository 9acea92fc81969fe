// Reader: the seam for Level 2. It judges passages against a question: None, or the relevant
// sentences. Implementations: ExtractiveReader (no model), OpenAiReader, CachingReader (in front of
// another), and tests' own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "index/parsed_document.h"
#include "index/result.h"
#include "index/text/byte_span.h"
#include "tools/call_context.h"

namespace callslip {

/// One chunk as a reader sees it.
struct Passage {
  std::size_t number = 0;  // its source's own, given back with the verdict
  std::string chunk_id;
  std::string document;
  std::string title;
  std::vector<std::string> headings;
  std::string text;
  std::uint32_t tokens = 0;  // of the text
  TextKind kind = TextKind::prose;
};

/// Hands out the passages of one read, the likeliest first. Asked by the thread that called read().
class PassageSource {
 public:
  virtual ~PassageSource() = default;
  /// The next one; nothing when there are no more.
  virtual std::optional<Passage> next() = 0;
  /// Snapshot::visibility() of who asks: verdicts are remembered for those who see the same.
  virtual std::uint64_t visibility() const { return 0; }
  /// Told by a reader that has judged all that one reply tells of: what is kept is written then.
  virtual void reply_judged() {}
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
  std::string bound;  // the bound on calls that ended a read before its passages did; else empty

  void add(const ReaderUsage& other);
};

/// What reading some passages would take.
struct ReaderPlan {
  std::uint64_t passages = 0;
  std::uint64_t tokens = 0;  // of the passages
  std::uint64_t cached = 0;  // of the passages: they cost nothing
  std::uint64_t calls = 0;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;  // a guess: what a reply mostly takes
  double seconds = 0;
  std::optional<double> price;  // where prices are known
};

/// A question as Level 1 prepares it: what is sought, apart from how the answer should look.
struct PreparedQuestion {
  std::string information;
  std::string instruction;
  std::vector<std::string> keywords;  // in the documents' languages
};

class Reader {
 public:
  using OnVerdict = std::function<void(std::size_t passage, const Verdict& verdict)>;

  virtual ~Reader() = default;

  /// "extractive", or the model's name.
  virtual std::string name() const = 0;

  /// What else a verdict depends on beside the question and the text: the model, the prompt.
  /// Empty: judging anew costs no more than remembering.
  virtual std::string identity() const = 0;

  /// Judges the passages of the source, in parallel where that helps; on_verdict is called on the
  /// calling thread, once per judged passage with its number, in any order. Returns when all are
  /// judged, max_calls calls were made, or soon after the context stops: what has no verdict then
  /// is unread. Any number of threads may call.
  virtual ReaderUsage read(const std::string& question, PassageSource& source,
                           std::uint64_t max_calls, const CallContext& context,
                           const OnVerdict& on_verdict) = 0;

  /// What it would take to read these passages, in this order. Makes no call that counts; an
  /// endpoint may be asked how much it takes at once. Where identity() is
  /// empty the passages may come without their texts.
  virtual ReaderPlan plan(const std::string& question, PassageSource& source) const = 0;

  /// Writes an answer from the evidence alone; ErrorKind::unsupported where there is no model.
  virtual Result<std::string> answer(const PreparedQuestion& question,
                                     std::span<const Passage> evidence, const CallContext& context,
                                     ReaderUsage& usage) = 0;

  /// Separates information from instruction and finds keywords in the languages given (such as
  /// "en"); ErrorKind::unsupported where there is no model.
  virtual Result<PreparedQuestion> prepare(const std::string& question,
                                           std::span<const std::string> languages,
                                           const CallContext& context, ReaderUsage& usage) = 0;
};

}  // namespace callslip
