#include "tools/read_state.h"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "index/document_id.h"
#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
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
    // The cache of verdicts has its own bound.
    if (!is_handle(entry.path().stem().string())) continue;
    const auto written = entry.last_write_time(ignored);
    if (!ignored && now - written > kKept) fs::remove(entry.path(), ignored);
  }
}

// A verdict takes this many bytes: there may be millions.
struct PackedVerdict {
  std::uint64_t document = 0;
  std::uint64_t content = 0;
  std::uint32_t ordinal = 0;
  std::uint8_t kind = 0;
  std::uint8_t cached = 0;
  std::uint8_t unused[2] = {};
};
static_assert(sizeof(PackedVerdict) == 24);

json packed(const std::vector<ReadState::Judged>& judged) {
  std::vector<std::uint8_t> bytes(judged.size() * sizeof(PackedVerdict));
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const PackedVerdict verdict{judged[i].chunk.document, judged[i].content,
                                judged[i].chunk.ordinal, static_cast<std::uint8_t>(judged[i].kind),
                                static_cast<std::uint8_t>(judged[i].cached ? 1 : 0)};
    std::memcpy(bytes.data() + i * sizeof verdict, &verdict, sizeof verdict);
  }
  return json::binary(std::move(bytes));
}

std::vector<ReadState::Judged> unpacked(const json& j) {
  const auto& bytes = j.get_binary();
  std::vector<ReadState::Judged> judged(bytes.size() / sizeof(PackedVerdict));
  for (std::size_t i = 0; i < judged.size(); ++i) {
    PackedVerdict verdict;
    std::memcpy(&verdict, bytes.data() + i * sizeof verdict, sizeof verdict);
    judged[i] = {{verdict.document, verdict.ordinal},
                 verdict.content,
                 static_cast<Verdict::Kind>(verdict.kind),
                 verdict.cached != 0};
  }
  return judged;
}

ChunkId chunk_id_from(const std::string& text) {
  const auto id = parse_chunk_id(text);
  if (!id) throw std::runtime_error("no chunk id");
  return *id;
}

json spans_to_json(const std::map<ChunkId, std::vector<ByteSpan>>& sentences) {
  json j = json::object();
  for (const auto& [chunk, spans] : sentences) {
    json list = json::array();
    for (const ByteSpan& span : spans) {
      list.push_back(span.start);
      list.push_back(span.end);
    }
    j[chunk_id_text(chunk)] = std::move(list);
  }
  return j;
}

json left_to_json(const std::vector<Waves::Left>& left) {
  json j = json::array();
  for (const Waves::Left& item : left) j.push_back({chunk_id_text(item.chunk), item.handed_out});
  return j;
}

json to_json(const ReadState& state) {
  const ReadChunksRequest& request = state.request;
  json reasons = json::object();
  for (const auto& [chunk, reason] : state.reasons) reasons[chunk_id_text(chunk)] = reason;
  json j{{"revision", state.revision},
         {"visibility", state.visibility},
         {"question", request.question},
         {"chunk_ids", request.chunk_ids},
         {"before", request.before},
         {"after", request.after},
         {"documents", request.documents},
         {"effort", static_cast<int>(request.effort)},
         {"answer_wanted", request.answer},
         {"by_caller", request.by_caller},
         {"max_tokens", request.max_tokens},
         {"deadline_s", request.deadline_s},
         {"judged", packed(state.judged)},
         {"sentences", spans_to_json(state.sentences)},
         {"reasons", reasons},
         {"reader", state.usage.reader},
         {"calls", state.usage.calls.calls},
         {"prompt_tokens", state.usage.calls.prompt_tokens},
         {"completion_tokens", state.usage.calls.completion_tokens},
         {"rejected_quotes", state.usage.rejected_quotes},
         {"seconds", state.usage.seconds},
         {"wave_size", state.waves.size},
         {"wave_found", state.waves.found},
         {"waves_empty", state.waves.empty},
         {"wave_open", state.waves.open},
         {"wave_left", left_to_json(state.waves.left)},
         {"effort_done", state.effort_done},
         {"finished", state.finished},
         {"answered_for", state.answered_for},
         {"returned", state.returned},
         {"position", state.position},
         {"cut_chunk", state.cut_chunk},
         {"cut_bytes", state.cut_bytes},
         {"answer", state.answer},
         {"answer_returned", state.answer_returned}};
  if (state.prepared) {
    j["expanded"] = {{"information", state.prepared->question.information},
                     {"instruction", state.prepared->question.instruction},
                     {"keywords", state.prepared->question.keywords},
                     {"languages", state.prepared->languages},
                     {"by_model", state.prepared->by_model}};
  }
  return j;
}

ReadState state_from(const json& j) {
  ReadState state;
  state.revision = j.at("revision").get<std::string>();
  state.visibility = j.value("visibility", std::uint64_t{0});
  state.request.question = j.at("question").get<std::string>();
  state.request.chunk_ids = j.at("chunk_ids").get<std::vector<std::string>>();
  state.request.before = j.at("before").get<std::size_t>();
  state.request.after = j.at("after").get<std::size_t>();
  state.request.documents = j.at("documents").get<std::vector<std::string>>();
  state.request.effort = static_cast<Effort>(j.at("effort").get<int>());
  state.request.answer = j.at("answer_wanted").get<bool>();
  state.request.by_caller = j.at("by_caller").get<bool>();
  state.request.max_tokens = j.at("max_tokens").get<std::size_t>();
  state.request.deadline_s = j.at("deadline_s").get<double>();
  state.judged = unpacked(j.at("judged"));
  for (const auto& [chunk, list] : j.at("sentences").items()) {
    auto& spans = state.sentences[chunk_id_from(chunk)];
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
      spans.push_back({list.at(i).get<std::size_t>(), list.at(i + 1).get<std::size_t>()});
    }
  }
  for (const auto& [chunk, reason] : j.at("reasons").items()) {
    state.reasons[chunk_id_from(chunk)] = reason.get<std::string>();
  }
  state.usage.reader = j.at("reader").get<std::string>();
  state.usage.calls.calls = j.at("calls").get<std::uint64_t>();
  state.usage.calls.prompt_tokens = j.at("prompt_tokens").get<std::uint64_t>();
  state.usage.calls.completion_tokens = j.at("completion_tokens").get<std::uint64_t>();
  state.usage.rejected_quotes = j.at("rejected_quotes").get<std::uint64_t>();
  state.usage.seconds = j.at("seconds").get<double>();
  state.waves.size = j.at("wave_size").get<std::uint64_t>();
  state.waves.found = j.at("wave_found").get<std::uint64_t>();
  state.waves.empty = j.at("waves_empty").get<std::uint64_t>();
  state.waves.open = j.at("wave_open").get<bool>();
  for (const json& item : j.at("wave_left")) {
    state.waves.left.push_back(
        {chunk_id_from(item.at(0).get<std::string>()), item.at(1).get<std::uint64_t>()});
  }
  state.effort_done = j.at("effort_done").get<bool>();
  state.finished = j.at("finished").get<bool>();
  state.answered_for = j.at("answered_for").get<std::uint64_t>();
  state.returned = j.at("returned").get<std::set<std::string>>();
  state.position = j.at("position").get<std::uint64_t>();
  state.cut_chunk = j.at("cut_chunk").get<std::string>();
  state.cut_bytes = j.at("cut_bytes").get<std::uint64_t>();
  state.answer = j.at("answer").get<std::string>();
  state.answer_returned = j.at("answer_returned").get<bool>();
  if (const auto prepared = j.find("expanded"); prepared != j.end()) {
    state.prepared.emplace();
    state.prepared->question.information = prepared->at("information").get<std::string>();
    state.prepared->question.instruction = prepared->at("instruction").get<std::string>();
    state.prepared->question.keywords = prepared->at("keywords").get<std::vector<std::string>>();
    state.prepared->languages = prepared->at("languages").get<std::vector<std::string>>();
    state.prepared->by_model = prepared->at("by_model").get<bool>();
  }
  return state;
}

}  // namespace

std::string new_read_handle() {
  std::random_device device;
  return "r" + document_id_text(static_cast<std::uint64_t>(device()) << 32 | device());
}

Status ReadState::save(const std::string& index_directory) {
  const std::string directory = reads_directory(index_directory);
  std::error_code code;
  fs::create_directories(directory, code);
  if (code) return system_error(directory, code.value());
  remove_expired(directory);
  if (handle.empty()) handle = new_read_handle();
  // Not synced: after a power cut the question is asked again, and an answer does not wait for a
  // disk. The rename keeps readers from seeing half of it.
  const std::string path = directory + "/" + handle;
  // A name of its own: two calls may go on from one cursor.
  const std::string temporary = path + "." + hex64(std::random_device()());
  auto file = FileDescriptor::create(temporary);
  if (!file) return file.error();
  const std::vector<std::uint8_t> cbor = json::to_cbor(to_json(*this));
  const std::string_view bytes(reinterpret_cast<const char*>(cbor.data()), cbor.size());
  if (Status s = file->append(bytes); !s) {
    fs::remove(temporary, code);
    return s.error().within(path);
  }
  fs::rename(temporary, path, code);
  if (code) return system_error(path, code.value());
  return {};
}

void ReadState::remove(const std::string& index_directory, const std::string& handle) {
  std::error_code ignored;
  if (is_handle(handle)) fs::remove(reads_directory(index_directory) + "/" + handle, ignored);
}

Result<ReadState> ReadState::load(const std::string& index_directory, const std::string& handle,
                                  std::uint64_t visibility) {
  const Error unknown{ErrorKind::invalid_argument,
                      "cursor: \"" + handle.substr(0, 80) +
                          "\" is not known (cursors of read_chunks are kept for 7 days); ask the "
                          "question again without a cursor"};
  if (!is_handle(handle)) return unknown;
  const auto bytes = read_file(reads_directory(index_directory) + "/" + handle, kMaxBytes);
  if (!bytes) return unknown;
  try {
    ReadState state = state_from(json::from_cbor(*bytes));
    if (state.visibility != visibility) return unknown;
    state.handle = handle;
    return state;
  } catch (const std::exception&) {
    return unknown;
  }
}

}  // namespace callslip
