#include "plugin/commands/settings_check.h"

#include <cctype>
#include <cstdint>
#include <stdexcept>

#include "plugin/reading_services.h"

namespace callslip {
namespace {

namespace po = boost::program_options;

/// "64M" and the like, in bytes.
Result<std::uint64_t> parse_size(const std::string& option, const std::string& text) {
  std::size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  static const std::string units = "KMG";
  double factor = 1;
  if (used > 0 && used + 1 == text.size()) {
    const std::size_t unit = units.find(static_cast<char>(std::toupper(text[used])));
    if (unit == std::string::npos) used = 0;
    for (std::size_t i = 0; unit != std::string::npos && i <= unit; ++i) factor *= 1024;
  } else if (used != text.size()) {
    used = 0;
  }
  constexpr double kMost = 9.2e18;  // NaN fails both comparisons
  if (used == 0 || !(value > 0) || !(value * factor < kMost))
    return usage_error("--" + option + ": \"" + text + "\" is not a size like 64M");
  return static_cast<std::uint64_t>(value * factor);
}

Status check_token(const Settings& s) {
  if (s.command != "token") return {};
  if (s.token_files.size() != 1) return usage_error("give one --token-file FILE", s.command);
  if (s.token_scope != "read" && s.token_scope != "write") {
    return usage_error("--scope must be read or write", s.command);
  }
  if (s.token_days > 36500) return usage_error("--expires must be at most 36500 days", s.command);
  const bool makes = !s.token_name.empty() || !s.token_collections.empty() || s.token_days != 0;
  if (s.token_list && !s.token_revoke.empty()) {
    return usage_error("--list and --revoke do not go together", s.command);
  }
  if ((s.token_list || !s.token_revoke.empty()) && makes) {
    return usage_error("--list and --revoke take no option of a new token", s.command);
  }
  return {};
}

}  // namespace

Error usage_error(const std::string& message, const std::string& command) {
  return {ErrorKind::invalid_argument,
          message + "; see: callslip " + (command.empty() ? "" : command + " ") + "--help"};
}

Status check_settings(Settings& s, const po::variables_map& values) {
  if (values.count("max-file-size") != 0) {
    auto size = parse_size("max-file-size", values["max-file-size"].as<std::string>());
    if (!size) return size.error();
    s.indexer.max_file_size = *size;
  }
  if (values.count("reader-cache-size") != 0) {
    const auto& text = values["reader-cache-size"].as<std::string>();
    auto size = text == "0" ? Result<std::uint64_t>(0) : parse_size("reader-cache-size", text);
    if (!size) return size.error();
    s.reader_cache_bytes = *size;
  }
  if (values.count("watch") != 0) {
    const auto& how = values["watch"].as<std::string>();
    if (how != "auto" && how != "poll")
      return usage_error("--watch must be auto or poll", s.command);
    s.watch.poll = how == "poll";
  }
  if (!s.profile.empty() && s.profile != "connector") {
    return usage_error("--profile must be connector", s.command);
  }
  const std::uint32_t tokens = s.writer.chunk_tokens;
  if (tokens != 0 && (tokens < 64 || tokens > 4096)) {
    return usage_error("--chunk-tokens must be 64 to 4096", s.command);
  }
  if (!s.reader_urls.empty() && s.reader_model.empty()) {
    return usage_error("--reader-url needs --reader-model", s.command);
  }
  if (s.reader_concurrency < 1 || s.reader_concurrency > 4096) {
    return usage_error("--reader-concurrency must be 1 to 4096", s.command);
  }
  if (s.reader_context != 0 && s.reader_context < 512) {
    return usage_error("--reader-context must be 512 or more", s.command);
  }
  if (!s.reader_price.empty() && !parse_price(s.reader_price)) {
    return usage_error("--reader-price: \"" + s.reader_price + "\" is not of the form 0.15,0.60",
                       s.command);
  }
  if (!s.scope.empty() && s.scope != "project" && s.scope != "user") {
    return usage_error("--scope must be project or user", s.command);
  }
  if (s.max_connections < 1 || s.max_connections_per_address < 1 ||
      s.max_calls_per_connection < 1) {
    return usage_error(
        "--max-connections, --max-connections-per-address and --max-calls-per-connection must be 1 "
        "or more",
        s.command);
  }
  if (!(s.max_requests_per_second <= 1e9)) {
    return usage_error("--max-requests-per-second must be 0 to 1000000000", s.command);
  }
  if (!(s.deadline_s > 0)) return usage_error("--deadline must be above 0", s.command);
  if (!(s.reader_timeout_s > 0)) return usage_error("--reader-timeout must be above 0", s.command);
  if (s.command == "read" && s.operands.empty() && s.chunk_ids.empty() && s.cursor.empty()) {
    return usage_error("missing QUESTION (or --chunk, or --cursor)", s.command);
  }
  if (Status token = check_token(s); !token) return token;
  if (s.detail != "full" && s.detail != "snippet" && s.detail != "ids") {
    return usage_error("--detail must be full, snippet or ids", s.command);
  }
  if (s.effort != "quick" && s.effort != "standard" && s.effort != "exhaustive") {
    return usage_error("--effort must be quick, standard or exhaustive", s.command);
  }
  return {};
}

}  // namespace callslip
