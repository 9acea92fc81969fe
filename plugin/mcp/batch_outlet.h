// BatchOutlet: gathers the answers to the messages of a batch, which go out together.
//
// Any thread may call. Each message has an outlet of its own, which must be told one way or another
// how its message ended.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "plugin/mcp/outlet.h"

namespace callslip {

class BatchOutlet {
 public:
  /// `answers` is how many of the messages are to be answered.
  static std::shared_ptr<BatchOutlet> make(std::shared_ptr<Outlet> outlet, std::size_t answers) {
    return std::shared_ptr<BatchOutlet>(new BatchOutlet(std::move(outlet), answers));
  }

  /// For one of the messages.
  static std::shared_ptr<Outlet> part(const std::shared_ptr<BatchOutlet>& batch);

 private:
  class Part;
  BatchOutlet(std::shared_ptr<Outlet> outlet, std::size_t answers)
      : outlet_(std::move(outlet)), left_(answers) {}

  /// Empty: the message gets no answer.
  void ended(const std::string& answer);

  const std::shared_ptr<Outlet> outlet_;

  std::mutex mutex_;
  std::string answers_;   // guarded by mutex_
  std::size_t left_ = 0;  // guarded by mutex_
};

}  // namespace callslip
