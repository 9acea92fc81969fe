#include "index/store/manifest.h"

#include <nlohmann/json.hpp>

#include "index/files/atomic_file.h"
#include "index/hash.h"
#include "index/store/index_location.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = 512U << 20;
constexpr std::string_view kSignature = "callslip-index ";

json to_json(const SegmentRecord& segment) {
  json dead = json::array();
  for (const auto& [first, last] : segment.dead) dead.push_back({first, last});
  const SegmentInfo& info = segment.info;
  return {{"name", info.name},
          {"documents", info.documents},
          {"chunks", info.chunks},
          {"code_chunks", info.code_chunks},
          {"terms", info.terms},
          {"tokens", info.tokens},
          {"catalog_checksum", hex64(info.catalog_checksum)},
          {"texts_bytes", info.texts_bytes},
          {"postings_bytes", info.postings_bytes},
          {"dead", dead}};
}

SegmentRecord segment_from_json(const json& j) {
  SegmentRecord segment;
  SegmentInfo& info = segment.info;
  info.name = j.at("name").get<std::string>();
  info.documents = j.at("documents").get<std::uint64_t>();
  info.chunks = j.at("chunks").get<std::uint64_t>();
  info.code_chunks = j.value("code_chunks", std::uint64_t{0});
  info.terms = j.at("terms").get<std::uint64_t>();
  info.tokens = j.at("tokens").get<std::uint64_t>();
  info.catalog_checksum = std::stoull(j.at("catalog_checksum").get<std::string>(), nullptr, 16);
  info.texts_bytes = j.at("texts_bytes").get<std::uint64_t>();
  info.postings_bytes = j.at("postings_bytes").get<std::uint64_t>();
  for (const json& range : j.at("dead")) {
    segment.dead.emplace_back(range.at(0).get<std::uint32_t>(), range.at(1).get<std::uint32_t>());
  }
  return segment;
}

}  // namespace

std::optional<std::size_t> root_of(const Manifest& manifest, std::string_view file_name) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < manifest.roots.size(); ++i) {
    const std::string& name = manifest.roots[i].name;
    const bool in_root = file_name.starts_with(name) &&
                         (file_name.size() == name.size() || file_name[name.size()] == '/');
    if (in_root && (!best || name.size() > manifest.roots[*best].name.size())) best = i;
  }
  return best;
}

std::string manifest_path(const std::string& directory) { return directory + "/manifest"; }

std::string segment_path(const std::string& directory, const std::string& segment) {
  return directory + "/segments/" + segment;
}

Result<Manifest> Manifest::load(const std::string& directory) {
  const std::string path = manifest_path(directory);
  auto bytes = read_file(path, kMaxBytes);
  if (!bytes) {
    if (bytes.error().kind != ErrorKind::not_found) return bytes.error();
    return Error{ErrorKind::not_found,
                 "no index at " + directory + "; make one with: " + command_to_index(directory)};
  }
  const Error damaged{
      ErrorKind::damaged,
      "the index at " + directory + " is damaged (its manifest); " + how_to_make_anew(directory)};
  // "callslip-index <format> <hash of the rest>\n", then JSON.
  const std::size_t newline = bytes->find('\n');
  if (!bytes->starts_with(kSignature) || newline == std::string::npos) return damaged;
  const std::string head = bytes->substr(kSignature.size(), newline - kSignature.size());
  const std::string body = bytes->substr(newline + 1);
  const std::size_t space = head.find(' ');
  const std::string format = head.substr(0, space);
  if (format != std::to_string(kFormat)) {
    return Error{ErrorKind::version, "the index at " + directory + " has format " + format +
                                         ", this callslip reads format " + std::to_string(kFormat) +
                                         "; " + how_to_make_anew(directory)};
  }
  if (space == std::string::npos || head.substr(space + 1) != hex64(hash64(body))) return damaged;
  try {
    const json j = json::parse(body);
    Manifest manifest;
    manifest.index_id = j.at("index_id").get<std::string>();
    manifest.revision = j.at("revision").get<std::uint64_t>();
    manifest.tokenizer = j.at("tokenizer").get<std::string>();
    manifest.chunk_tokens = j.at("chunk_tokens").get<std::uint32_t>();
    for (const json& root : j.at("roots")) {
      manifest.roots.push_back(
          {root.at("name").get<std::string>(), root.at("path").get<std::string>(),
           root.at("removed").get<bool>(), root.at("files").get<std::string>(),
           root.value("device", std::uint64_t{0}), root.value("files_bytes", std::uint64_t{0})});
    }
    for (const json& segment : j.at("segments")) {
      manifest.segments.push_back(segment_from_json(segment));
    }
    return manifest;
  } catch (const std::exception&) {
    return damaged;
  }
}

Status Manifest::save(const std::string& directory) const {
  json roots_json = json::array();
  for (const RootRecord& root : roots) {
    roots_json.push_back({{"name", root.name},
                          {"path", root.path},
                          {"removed", root.removed},
                          {"files", root.files},
                          {"device", root.device},
                          {"files_bytes", root.files_bytes}});
  }
  json segments_json = json::array();
  for (const SegmentRecord& segment : segments) segments_json.push_back(to_json(segment));
  const json j{{"index_id", index_id},         {"revision", revision}, {"tokenizer", tokenizer},
               {"chunk_tokens", chunk_tokens}, {"roots", roots_json},  {"segments", segments_json}};
  const std::string body = j.dump(1, ' ', false, json::error_handler_t::replace);
  const std::string head =
      std::string(kSignature) + std::to_string(kFormat) + " " + hex64(hash64(body)) + "\n";
  return write_file_atomically(manifest_path(directory), head + body);
}

}  // namespace callslip
