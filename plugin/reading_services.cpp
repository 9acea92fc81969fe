#include "plugin/reading_services.h"

#include <atomic>
#include <charconv>
#include <iostream>
#include <string_view>
#include <utility>

#include "tools/caching_reader.h"
#include "tools/extractive_reader.h"

namespace callslip {
namespace {

std::optional<double> parse_amount(std::string_view text) {
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  const bool good = error == std::errc() && end == text.data() + text.size() && amount >= 0;
  return good ? std::optional(amount) : std::nullopt;
}

}  // namespace

std::optional<ReaderPrice> parse_price(const std::string& text) {
  const std::size_t comma = text.find(',');
  const auto prompt = parse_amount(std::string_view(text).substr(0, comma));
  const auto completion =
      comma == std::string::npos ? prompt : parse_amount(std::string_view(text).substr(comma + 1));
  if (!prompt || !completion) return std::nullopt;
  return ReaderPrice{*prompt, *completion};
}

Result<ReadingServices> make_reading_services(const Settings& settings, Index& index) {
  ReadingServices services;
  services.languages = std::make_unique<LibraryLanguages>();
  const std::string directory = index.directory() + "/reads";
  if (settings.reader_cache_bytes > 0) {
    services.cache =
        std::make_unique<VerdictCache>(VerdictCacheOptions{directory, settings.reader_cache_bytes});
  }
  if (settings.reader_urls.empty()) {
    services.reader = std::make_unique<ExtractiveReader>(index);
    return services;
  }
  OpenAiReaderOptions options;
  options.urls = settings.reader_urls;
  options.model = settings.reader_model;
  options.api_key = settings.reader_key;
  options.concurrency = settings.reader_concurrency;
  options.request_timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(settings.reader_timeout_s * 1000));
  if (settings.reader_context > 0) options.context_tokens = settings.reader_context;
  options.price = parse_price(settings.reader_price);
  if (settings.reader_max_calls_per_day > 0) {
    services.daily = std::make_unique<DailyCalls>(directory, settings.reader_max_calls_per_day);
    options.may_call = [daily = services.daily.get(),
                        told = std::make_shared<std::atomic<bool>>(false)] {
      const bool may = daily->take() > 0;
      if (const Status status = daily->status(); !status.ok() && !told->exchange(true)) {
        std::cerr << "callslip: " + status.error().message + "\n";
      }
      return may;
    };
    options.not_called = [daily = services.daily.get()] { daily->give_back(1); };
  }
  auto reader = OpenAiReader::create(std::move(options));
  if (!reader) return reader.error();
  services.reader = std::move(reader).value();
  if (services.cache) {
    services.reader = std::make_unique<CachingReader>(
        std::move(services.reader), *services.cache, [](const Error& error) {
          std::cerr << "callslip: verdicts are not kept: " + error.message + "\n";
        });
  }
  return services;
}

}  // namespace callslip
