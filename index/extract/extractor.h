// Extractor: parses files, those of binary formats in a sandboxed process (callslip-extract).
//
// A hostile or broken file costs its own entry: whatever its parser does there, crash, loop, eat
// memory, is an Error with a reason in a few words. Helpers are started when they are first needed,
// one for each thread that parses at a time, and kept until this object goes. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "index/extract/extract_limits.h"
#include "index/extract/extract_message.h"
#include "index/formats/parser.h"
#include "index/result.h"

namespace callslip {

class HelperProcess;

class Extractor {
 public:
  struct Options {
    std::string program;  // empty: find_program()
    ExtractLimits limits;
  };

  Extractor() : Extractor(Options{}) {}
  explicit Extractor(Options options);
  ~Extractor();

  /// As parser.parse(), in the process that `parser` belongs in. What a sink gets of an isolated
  /// file is checked. ErrorKind::unavailable: there is no helper, or it was
  /// ended by somebody; the file may be fine.
  Status parse(const Parser& parser, std::string_view name, std::string bytes,
               const ParseOptions& options, const Parser::Sink& sink,
               const std::stop_token& stop = {});

  /// What is missing of the sandbox on this system, once known; empty: nothing.
  std::string weakness() const;

  /// callslip-extract: $CALLSLIP_EXTRACT, else beside this program, else in libexec.
  /// ErrorKind::unavailable where there is none.
  static Result<std::string> find_program();

 private:
  Result<std::unique_ptr<HelperProcess>> take_helper();
  void give_back(std::unique_ptr<HelperProcess> helper);
  void note(const SandboxReport& report);

  const Options options_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<HelperProcess>> idle_;
  std::optional<SandboxReport> sandbox_;
};

}  // namespace callslip
