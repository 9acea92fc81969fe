// Task: a call whose result a client fetches later (the extension io.modelcontextprotocol/tasks).
//
// A plain record, as it is kept on the disk; belongs to whoever holds it.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "plugin/access/principal.h"

namespace callslip {

struct Task {
  enum class Status { working, input_required, completed, failed, cancelled };

  std::string id;  // nobody can guess it
  std::string tool;
  nlohmann::json arguments = nlohmann::json::object();
  std::string kept_as;  // CallContext::keep_as of its call

  // Whose it is, and what that allowed when it was made.
  std::string principal;
  std::string credential;  // Principal::credential: a token made again is somebody else's
  std::optional<std::vector<std::string>> collections;  // none: all
  bool may_write = false;

  Status status = Status::working;
  std::string message;
  std::int64_t created_ms = 0;  // since 1970
  std::int64_t updated_ms = 0;
  std::int64_t ttl_ms = 0;
  nlohmann::json outcome;  // completed: the result; failed: the error
  nlohmann::json input_requests = nlohmann::json::object();
  std::string runner;  // who works on it; see task_store.h

  bool ended() const { return status != Status::working && status != Status::input_required; }
  bool expired(std::int64_t now_ms) const { return now_ms >= created_ms + ttl_ms; }

  /// Whether this principal may know of it: the same one, who sees no less than the task did.
  bool belongs_to(const Principal& who) const;
  Principal owner() const;

  /// What a client is told: `detailed` with the result, the error or what is asked.
  nlohmann::json described(bool detailed) const;

  nlohmann::json to_json() const;
  /// Throws where it is none of ours.
  static Task from_json(const nlohmann::json& json);
};

/// Milliseconds since 1970.
std::int64_t now_ms();

}  // namespace callslip
