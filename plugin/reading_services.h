// ReadingServices: what reading needs besides the index: the reader that the settings ask for, what
// it has judged before, and the bound on its calls.
//
// Made once per process; any thread may use its parts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "index/index.h"
#include "plugin/commands/settings.h"
#include "tools/daily_calls.h"
#include "tools/library_languages.h"
#include "tools/openai_reader.h"
#include "tools/reader.h"
#include "tools/verdict_cache.h"

namespace callslip {

struct ReadingServices {
  std::unique_ptr<VerdictCache> cache;  // null: nothing is kept
  std::unique_ptr<DailyCalls> daily;    // null: no bound
  std::unique_ptr<LibraryLanguages> languages;
  std::unique_ptr<Reader> reader;
};

/// `index` outlives what is returned.
Result<ReadingServices> make_reading_services(const Settings& settings, Index& index);

/// "0.15,0.60": of a million tokens of prompts and of replies; nothing when it is not of that form.
std::optional<ReaderPrice> parse_price(const std::string& text);

}  // namespace callslip
