// Builds OLE2 files and Excel's records. For tests of parsers.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callslip {

inline std::string le16(unsigned value) {
  return {static_cast<char>(value & 0xFF), static_cast<char>(value >> 8 & 0xFF)};
}
inline std::string le32(std::uint32_t value) { return le16(value & 0xFFFF) + le16(value >> 16); }
inline std::string le64(double value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return bytes;
}
inline std::string wide(std::string_view ascii) {
  std::string out;
  for (const char c : ascii) out += {c, '\0'};
  return out;
}

/// An OLE2 file of those streams in its root. Each is padded to 4 KiB, so that none is a "mini"
/// one; the records and structures that are read say themselves where they end.
inline std::string compound_of(std::vector<std::pair<std::string, std::string>> streams) {
  constexpr std::size_t sector = 512;
  constexpr std::uint32_t end = 0xFFFFFFFE;
  std::string data;
  std::vector<std::uint32_t> table;
  const auto add = [&](std::string bytes) {
    bytes.resize((bytes.size() + sector - 1) / sector * sector);
    const auto start = static_cast<std::uint32_t>(table.size());
    for (std::size_t i = 0; i < bytes.size() / sector; ++i) {
      table.push_back(static_cast<std::uint32_t>(table.size() + 1));
    }
    table.back() = end;
    data += bytes;
    return start;
  };
  const auto entry = [](std::string_view name, char type, std::uint32_t right, std::uint32_t child,
                        std::uint32_t start, std::size_t size) {
    std::string raw = wide(name);
    raw.resize(64);
    raw += le16(static_cast<unsigned>(2 * name.size() + 2));
    raw += {type, 1};
    raw += le32(0xFFFFFFFF) + le32(right) + le32(child);
    raw.resize(116);
    raw += le32(start) + le32(static_cast<std::uint32_t>(size)) + le32(0);
    return raw;
  };
  std::string directory =
      entry("Root Entry", 5, 0xFFFFFFFF, streams.empty() ? 0xFFFFFFFF : 1, end, 0);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    auto& [name, bytes] = streams[i];
    if (bytes.size() < 4096) bytes.resize(4096);
    const std::size_t size = bytes.size();
    const auto next = i + 1 < streams.size() ? static_cast<std::uint32_t>(i + 2) : 0xFFFFFFFF;
    directory += entry(name, 2, next, 0xFFFFFFFF, add(bytes), size);
  }
  const std::uint32_t directory_start = add(directory);
  const auto table_start = static_cast<std::uint32_t>(table.size());
  table.push_back(0xFFFFFFFD);
  std::string fat;
  for (const std::uint32_t next : table) fat += le32(next);
  while (fat.size() < sector) fat += le32(0xFFFFFFFF);
  std::string header("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
  header.resize(24);
  header += le16(0x3E) + le16(3) + le16(0xFFFE) + le16(9) + le16(6);
  header.resize(44);
  header += le32(1) + le32(directory_start) + le32(0) + le32(4096) + le32(end) + le32(0) +
            le32(end) + le32(0) + le32(table_start);
  while (header.size() < sector) header += le32(0xFFFFFFFF);
  return header + data + fat;
}

inline std::string record(unsigned type, const std::string& data) {
  return le16(type) + le16(static_cast<unsigned>(data.size())) + data;
}

}  // namespace callslip
