#include "plugin/commands/serving_profile.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "index/hash.h"
#include "plugin/version.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr const char* kMethod = "notifications/callslip/serving";
/// These decide which tools there are.
constexpr std::array<std::string_view, 2> kToolOptions{"profile", "conformance-fixtures"};

template <class T>
std::string text_of(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string text_of(const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) all.append(value).append(1, '\0');
  return all;
}

class Collector {
 public:
  explicit Collector(std::map<std::string, std::string>& options) : options_(options) {}

  template <class T>
  void operator()(const char* name, const T& value, const T& usual) {
    if (value != usual) options_[name] = hex64(hash64(text_of(value)));
  }

 private:
  std::map<std::string, std::string>& options_;
};

std::map<std::string, std::string> options_of(const Settings& s) {
  const Settings usual;
  std::map<std::string, std::string> options;
  Collector add(options);
  add("profile", s.profile, usual.profile);
  add("conformance-fixtures", s.conformance_fixtures, usual.conformance_fixtures);
  add("allow-fetch", s.allow_fetch, usual.allow_fetch);
  add("max-result-tokens", s.max_result_tokens, usual.max_result_tokens);
  add("name", s.indexer.name, usual.indexer.name);
  add("include", s.indexer.include, usual.indexer.include);
  add("exclude", s.indexer.exclude, usual.indexer.exclude);
  add("max-file-size", s.indexer.max_file_size, usual.indexer.max_file_size);
  add("password", s.indexer.parse.passwords, usual.indexer.parse.passwords);
  add("ocr", s.indexer.parse.ocr, usual.indexer.parse.ocr);
  add("chunk-tokens", s.writer.chunk_tokens, usual.writer.chunk_tokens);
  add("tokenizer", s.writer.tokenizer_file, usual.writer.tokenizer_file);
  add("reader-url", s.reader_urls, usual.reader_urls);
  add("reader-model", s.reader_model, usual.reader_model);
  add("reader-timeout", s.reader_timeout_s, usual.reader_timeout_s);
  add("reader-max-calls", s.reader_max_calls, usual.reader_max_calls);
  add("reader-max-calls-per-day", s.reader_max_calls_per_day, usual.reader_max_calls_per_day);
  add("reader-context", s.reader_context, usual.reader_context);
  add("reader-price", s.reader_price, usual.reader_price);
  return options;
}

}  // namespace

ServingProfile ServingProfile::of(const Settings& settings) {
  ServingProfile profile{callslip::version(), ::getpid(), {}, options_of(settings)};
  for (const std::string& path : settings.operands) {
    std::error_code code;
    const auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(path), code);
    std::string text = code ? path : real.string();
    if (text.size() > 1 && text.ends_with('/')) text.pop_back();
    profile.paths.insert(std::move(text));
  }
  return profile;
}

std::string ServingProfile::greeting() const {
  json hashed = json::array();  // a path need not be UTF-8
  for (const std::string& path : paths) hashed.push_back(hex64(hash64(path)));
  return json{
      {"jsonrpc", "2.0"},
      {"method", kMethod},
      {"params", {{"version", version}, {"pid", pid}, {"paths", hashed}, {"options", options}}}}
      .dump();
}

std::optional<ServingProfile> ServingProfile::from_greeting(std::string_view line) {
  try {
    const json message = json::parse(line);
    if (message.at("method") != kMethod) return std::nullopt;
    const json& params = message.at("params");
    return ServingProfile{params.at("version"), params.at("pid"), params.at("paths"),
                          params.at("options")};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::vector<std::string> ServingProfile::differences_from(const ServingProfile& server) const {
  std::vector<std::string> differences;
  for (const auto& [name, value] : options) {
    const auto theirs = server.options.find(name);
    if (theirs == server.options.end() || theirs->second != value)
      differences.push_back("--" + name);
  }
  for (const std::string_view name : kToolOptions) {
    const std::string key(name);
    if (!options.contains(key) && server.options.contains(key)) differences.push_back("--" + key);
  }
  for (const std::string& path : paths) {
    if (!server.paths.contains(hex64(hash64(path)))) differences.push_back(path);
  }
  return differences;
}

}  // namespace callslip
