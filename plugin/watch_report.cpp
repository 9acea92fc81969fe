#include "plugin/watch_report.h"

#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "index/files/atomic_file.h"
#include "index/files/file_lock.h"
#include "plugin/utc_time.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr std::uint64_t kMaxBytes = 64U << 10;

std::string report_path(const std::string& index_directory) { return index_directory + "/watch"; }

}  // namespace

std::string describe(const WatchReport& report) {
  const WatchStatus& status = report.status;
  std::string text =
      status.notified ? "inotify, " + quantity(status.directories, "folder") : "polling";
  if (!status.polled_because.empty()) {
    text += status.notified ? "; polling the rest, because " : ", because ";
    text += status.polled_because;
  }
  if (report.last_change != 0) text += "; the last change " + utc_time(report.last_change);
  return text;
}

std::optional<WatchReport> load_watch_report(const std::string& index_directory) {
  const auto lock =
      FileLock::acquire(index_directory + "/watch.lock", std::chrono::milliseconds(0));
  if (lock || lock.error().kind != ErrorKind::locked) return std::nullopt;
  const auto bytes = read_file(report_path(index_directory), kMaxBytes);
  if (!bytes) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(*bytes);
    WatchReport report;
    report.status.notified = json.at("notified").get<bool>();
    report.status.polled_because = json.at("polled_because").get<std::string>();
    report.status.directories = json.at("directories").get<std::size_t>();
    report.status.overflows = json.at("overflows").get<std::uint64_t>();
    report.process = json.at("process").get<int>();
    report.last_change = json.at("last_change").get<std::int64_t>();
    report.refreshes = json.at("refreshes").get<std::uint64_t>();
    return report;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

WatchBoard::WatchBoard(std::string index_directory)
    : index_directory_(std::move(index_directory)) {}

void WatchBoard::post(std::optional<WatchReport> report) {
  if (report) {
    report->process = ::getpid();
    const nlohmann::json json{{"notified", report->status.notified},
                              {"polled_because", report->status.polled_because},
                              {"directories", report->status.directories},
                              {"overflows", report->status.overflows},
                              {"process", report->process},
                              {"last_change", report->last_change},
                              {"refreshes", report->refreshes}};
    const std::string text = json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
    // For people only: nothing depends on it.
    (void)write_file_atomically(report_path(index_directory_), text + "\n").ok();
  }
  const std::lock_guard lock(mutex_);
  report_ = std::move(report);
}

std::optional<WatchReport> WatchBoard::own() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

}  // namespace callslip
