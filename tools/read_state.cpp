#include "tools/read_state.h"

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "index/atomic_file.h"
#include "index/document_id.h"
#include "index/file_descriptor.h"
#include "index/hash.h"

namespace callslip {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 1ULL << 30;
constexpr auto kKept = std::chrono::hours(7 * 24);

std::string reads_directory(const std::string& index) { return index + "/reads"; }

bool is_handle(const std::string& handle) {
  return handle.size() == 12 && handle[0] == 'r' &&
         handle.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz", 1) == std::string::npos;
}

void remove_expired(const std::string& directory) {
  std::error_code ignored;
  const auto now = fs::file_time_type::clock::now();
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const auto written = entry.last_write_time(ignored);
    if (!ignored && now - written > kKept) fs::remove(entry.path(), ignored);
  }
}

/// [content, kind, [start, end, ...], reason]; a chunk without evidence is just its hash.
json to_json(const ReadState::Entry& entry) {
  if (entry.kind == Verdict::Kind::none) return hex64(entry.content);
  json sentences = json::array();
  for (const ByteSpan& span : entry.sentences) {
    sentences.push_back(span.start);
    sentences.push_back(span.end);
  }
  return {hex64(entry.content), entry.kind == Verdict::Kind::failed ? "failed" : "relevant",
          sentences, entry.reason};
}

ReadState::Entry entry_from_json(const json& j) {
  ReadState::Entry entry;
  const json& content = j.is_string() ? j : j.at(0);
  entry.content = std::stoull(content.get<std::string>(), nullptr, 16);
  if (j.is_string()) return entry;
  entry.kind = j.at(1) == "failed" ? Verdict::Kind::failed : Verdict::Kind::relevant;
  for (std::size_t i = 0; i + 1 < j.at(2).size(); i += 2) {
    entry.sentences.push_back(
        {j.at(2).at(i).get<std::size_t>(), j.at(2).at(i + 1).get<std::size_t>()});
  }
  entry.reason = j.at(3).get<std::string>();
  return entry;
}

}  // namespace

Status ReadState::save(const std::string& index_directory) {
  const std::string directory = reads_directory(index_directory);
  std::error_code code;
  fs::create_directories(directory, code);
  if (code) return system_error(directory, code.value());
  remove_expired(directory);
  if (handle.empty()) {
    std::random_device device;
    handle = "r" + document_id_text(static_cast<std::uint64_t>(device()) << 32 | device());
  }
  json verdicts = json::object();
  for (const auto& [chunk_id, entry] : entries) verdicts[chunk_id] = to_json(entry);
  const json j{{"revision", revision},
               {"question", request.question},
               {"chunk_ids", request.chunk_ids},
               {"before", request.before},
               {"after", request.after},
               {"documents", request.documents},
               {"effort", static_cast<int>(request.effort)},
               {"answer_wanted", request.answer},
               {"max_tokens", request.max_tokens},
               {"deadline_s", request.deadline_s},
               {"verdicts", verdicts},
               {"reader", usage.reader},
               {"calls", usage.calls.calls},
               {"prompt_tokens", usage.calls.prompt_tokens},
               {"completion_tokens", usage.calls.completion_tokens},
               {"rejected_quotes", usage.rejected_quotes},
               {"seconds", usage.seconds},
               {"next_wave", next_wave},
               {"effort_done", effort_done},
               {"returned", returned},
               {"position", position},
               {"cut_chunk", cut_chunk},
               {"cut_bytes", cut_bytes},
               {"answer", answer},
               {"answer_returned", answer_returned}};
  // Not synced: after a power cut the question is asked again, and an answer does not wait for a
  // disk. The rename keeps readers from seeing half of it.
  const std::string path = directory + "/" + handle;
  const std::string temporary = path + ".new";
  auto file = FileDescriptor::create(temporary);
  if (!file) return file.error();
  if (Status s = file->append(j.dump(-1, ' ', false, json::error_handler_t::replace)); !s) {
    fs::remove(temporary, code);
    return s.error().within(path);
  }
  fs::rename(temporary, path, code);
  if (code) return system_error(path, code.value());
  return {};
}

Result<ReadState> ReadState::load(const std::string& index_directory, const std::string& handle) {
  const Error unknown{ErrorKind::invalid_argument,
                      "cursor: \"" + handle.substr(0, 80) +
                          "\" is not known (cursors of read_chunks are kept for 7 days); ask the "
                          "question again without a cursor"};
  if (!is_handle(handle)) return unknown;
  const auto bytes = read_file(reads_directory(index_directory) + "/" + handle, kMaxBytes);
  if (!bytes) return unknown;
  try {
    const json j = json::parse(*bytes);
    ReadState state;
    state.handle = handle;
    state.revision = j.at("revision").get<std::string>();
    state.request.question = j.at("question").get<std::string>();
    state.request.chunk_ids = j.at("chunk_ids").get<std::vector<std::string>>();
    state.request.before = j.at("before").get<std::size_t>();
    state.request.after = j.at("after").get<std::size_t>();
    state.request.documents = j.at("documents").get<std::vector<std::string>>();
    state.request.effort = static_cast<Effort>(j.at("effort").get<int>());
    state.request.answer = j.at("answer_wanted").get<bool>();
    state.request.max_tokens = j.at("max_tokens").get<std::size_t>();
    state.request.deadline_s = j.at("deadline_s").get<double>();
    for (const auto& [chunk_id, entry] : j.at("verdicts").items()) {
      state.entries[chunk_id] = entry_from_json(entry);
    }
    state.usage.reader = j.at("reader").get<std::string>();
    state.usage.calls.calls = j.at("calls").get<std::uint64_t>();
    state.usage.calls.prompt_tokens = j.at("prompt_tokens").get<std::uint64_t>();
    state.usage.calls.completion_tokens = j.at("completion_tokens").get<std::uint64_t>();
    state.usage.rejected_quotes = j.at("rejected_quotes").get<std::uint64_t>();
    state.usage.seconds = j.at("seconds").get<double>();
    state.next_wave = j.at("next_wave").get<std::uint64_t>();
    state.effort_done = j.at("effort_done").get<bool>();
    state.returned = j.at("returned").get<std::set<std::string>>();
    state.position = j.at("position").get<std::uint64_t>();
    state.cut_chunk = j.at("cut_chunk").get<std::string>();
    state.cut_bytes = j.at("cut_bytes").get<std::uint64_t>();
    state.answer = j.at("answer").get<std::string>();
    state.answer_returned = j.at("answer_returned").get<bool>();
    return state;
  } catch (const std::exception&) {
    return unknown;
  }
}

}  // namespace callslip
