// The names of the Model Context Protocol that several files use: versions, keys of _meta.
#pragma once

#include <array>

namespace callslip::mcp {

inline constexpr const char* kModernVersion = "2026-07-28";
// The latest first: it is offered to a client that asks for one that we do not know.
inline constexpr std::array kLegacyVersions{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
/// The only one that has batches, and the one of who does not name any.
inline constexpr const char* kBatchVersion = "2025-03-26";

inline constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";
inline constexpr const char* kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
inline constexpr const char* kLogLevelKey = "io.modelcontextprotocol/logLevel";
inline constexpr const char* kSubscriptionKey = "io.modelcontextprotocol/subscriptionId";
inline constexpr const char* kServerInfoKey = "io.modelcontextprotocol/serverInfo";

/// How long clients may keep lists that change only with the server's version.
inline constexpr int kListTtlMs = 300'000;

}  // namespace callslip::mcp
