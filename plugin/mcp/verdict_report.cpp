#include "plugin/mcp/verdict_report.h"

#include <algorithm>

namespace callslip {
namespace {

using nlohmann::json;

constexpr const char* kAskedBy = "callslip/verdicts";

char letter_of(JudgedChunk::Kind kind) {
  switch (kind) {
    case JudgedChunk::Kind::none:
      return 'n';
    case JudgedChunk::Kind::relevant:
      return 'r';
    case JudgedChunk::Kind::failed:
      return 'f';
  }
  return 'f';
}

}  // namespace

json to_json(std::vector<JudgedChunk> judged) {
  std::sort(judged.begin(), judged.end(),
            [](const JudgedChunk& a, const JudgedChunk& b) { return a.position < b.position; });
  json runs = json::array();
  json relevant = json::array();
  for (std::size_t at = 0; at < judged.size();) {
    const std::size_t first = judged[at].position;
    std::string letters;
    for (; at < judged.size() && judged[at].position == first + letters.size(); ++at) {
      letters.push_back(letter_of(judged[at].kind));
      if (judged[at].kind != JudgedChunk::Kind::relevant) continue;
      relevant.push_back({{"position", judged[at].position},
                          {"chunk_id", judged[at].chunk_id},
                          {"document", judged[at].document}});
    }
    runs.push_back({first, letters});
  }
  return {{"runs", std::move(runs)}, {"relevant", std::move(relevant)}};
}

std::function<void(const std::vector<JudgedChunk>&)> verdicts_to(const McpCall& call) {
  const json* meta = call.param("_meta");
  if (meta == nullptr || !meta->is_object()) return {};
  const auto asked = meta->find(kAskedBy);
  if (asked == meta->end() || *asked != true) return {};
  return [outlet = call.outlet, stop = call.context.stop,
          id = call.request->id](const std::vector<JudgedChunk>& judged) {
    if (stop.stop_requested()) return;
    json params = to_json(judged);
    params["requestId"] = id;
    outlet->send(rpc_notification("notifications/callslip/verdicts", std::move(params)));
  };
}

}  // namespace callslip
