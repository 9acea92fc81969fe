#include <iostream>
#include <memory>

#include "index/index_location.h"
#include "plugin/commands.h"
#include "tools/extractive_reader.h"
#include "tools/openai_reader.h"

namespace callslip {

int fail(const Error& error) {
  std::cerr << "callslip: " << error.message << "\n";
  return 1;
}

std::string index_directory(const Settings& settings) {
  return settings.index.empty() ? default_index_directory() : settings.index;
}

Result<std::unique_ptr<Reader>> make_reader(const Settings& settings, Index& index) {
  if (settings.reader_urls.empty()) {
    return std::unique_ptr<Reader>(std::make_unique<ExtractiveReader>(index));
  }
  OpenAiReaderOptions options;
  options.urls = settings.reader_urls;
  options.model = settings.reader_model;
  options.api_key = settings.reader_key;
  options.concurrency = settings.reader_concurrency;
  options.request_timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(settings.reader_timeout_s * 1000));
  auto reader = OpenAiReader::create(std::move(options));
  if (!reader) return reader.error();
  return std::unique_ptr<Reader>(std::move(reader).value());
}

}  // namespace callslip
