#include "plugin/tasks/task.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "plugin/utc_time.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr int kFormat = 2;
constexpr int kPollIntervalMs = 1000;

constexpr std::array<const char*, 5> kStatusNames{"working", "input_required", "completed",
                                                  "failed", "cancelled"};

}  // namespace

bool Task::belongs_to(const Principal& who) const {
  if (who.name != principal || who.credential != credential) return false;
  if (!who.collections) return true;
  if (!collections) return false;
  return std::all_of(collections->begin(), collections->end(), [&](const std::string& collection) {
    return std::find(who.collections->begin(), who.collections->end(), collection) !=
           who.collections->end();
  });
}

Principal Task::owner() const {
  Principal owner;
  owner.name = principal;
  owner.may_write = may_write;
  if (collections) {
    owner.collections = std::make_shared<const std::vector<std::string>>(*collections);
  }
  return owner;
}

json Task::described(bool detailed) const {
  json told{{"taskId", id},
            {"status", kStatusNames.at(static_cast<std::size_t>(status))},
            {"createdAt", utc_time(created_ms / 1000)},
            {"lastUpdatedAt", utc_time(updated_ms / 1000)},
            {"ttlMs", ttl_ms},
            {"pollIntervalMs", kPollIntervalMs}};
  if (!message.empty()) told["statusMessage"] = message;
  if (!detailed) return told;
  if (status == Status::completed) told["result"] = outcome;
  if (status == Status::failed) told["error"] = outcome;
  if (status == Status::input_required) told["inputRequests"] = input_requests;
  return told;
}

json Task::to_json() const {
  json j{{"format", kFormat},
         {"id", id},
         {"tool", tool},
         {"arguments", arguments},
         {"kept_as", kept_as},
         {"principal", principal},
         {"credential", credential},
         {"may_write", may_write},
         {"status", static_cast<int>(status)},
         {"message", message},
         {"created_ms", created_ms},
         {"updated_ms", updated_ms},
         {"ttl_ms", ttl_ms},
         {"outcome", outcome},
         {"runner", runner}};
  if (collections) j["collections"] = *collections;
  return j;
}

Task Task::from_json(const json& j) {
  if (j.at("format") != kFormat) throw std::runtime_error("a task of another version");
  Task task;
  task.id = j.at("id").get<std::string>();
  task.tool = j.at("tool").get<std::string>();
  task.arguments = j.at("arguments");
  task.kept_as = j.at("kept_as").get<std::string>();
  task.principal = j.at("principal").get<std::string>();
  task.credential = j.at("credential").get<std::string>();
  task.may_write = j.at("may_write").get<bool>();
  task.status = static_cast<Status>(std::clamp(j.at("status").get<int>(), 0, 4));
  task.message = j.at("message").get<std::string>();
  task.created_ms = j.at("created_ms").get<std::int64_t>();
  task.updated_ms = j.at("updated_ms").get<std::int64_t>();
  task.ttl_ms = j.at("ttl_ms").get<std::int64_t>();
  task.outcome = j.at("outcome");
  task.runner = j.at("runner").get<std::string>();
  if (j.contains("collections")) {
    task.collections = j.at("collections").get<std::vector<std::string>>();
  }
  return task;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace callslip
