// How grave a log message to a client is, as syslog has it. A client says from which level on it
// wants to be told.
#pragma once

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace callslip {

enum class LogLevel { debug, info, notice, warning, error, critical, alert, emergency };

inline constexpr std::array<std::string_view, 8> kLogLevels{
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};

inline std::string_view name_of(LogLevel level) {
  return kLogLevels[static_cast<std::size_t>(level)];
}

/// Nothing: it is no level.
inline std::optional<LogLevel> parse_log_level(const nlohmann::json& value) {
  const auto* const found = std::find_if(kLogLevels.begin(), kLogLevels.end(),
                                         [&](std::string_view name) { return value == name; });
  if (found == kLogLevels.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLogLevels.begin());
}

}  // namespace callslip
