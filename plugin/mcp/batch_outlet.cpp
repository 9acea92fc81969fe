#include "plugin/mcp/batch_outlet.h"

namespace callslip {

class BatchOutlet::Part final : public Outlet {
 public:
  explicit Part(std::shared_ptr<BatchOutlet> batch) : batch_(std::move(batch)) {}
  void send(std::string message) override { batch_->outlet_->send(std::move(message)); }
  void reply(std::string message, int) override { batch_->ended(message); }
  void abandon() override { batch_->ended({}); }
  bool streams() const override { return batch_->outlet_->streams(); }

 private:
  const std::shared_ptr<BatchOutlet> batch_;
};

std::shared_ptr<Outlet> BatchOutlet::part(const std::shared_ptr<BatchOutlet>& batch) {
  return std::make_shared<Part>(batch);
}

void BatchOutlet::ended(const std::string& answer) {
  std::string all;
  {
    const std::lock_guard lock(mutex_);
    if (!answer.empty()) answers_.append(answers_.empty() ? "[" : ",").append(answer);
    if (--left_ > 0) return;
    all = std::move(answers_);
  }
  if (all.empty()) {
    outlet_->abandon();
  } else {
    outlet_->reply(all + ']', 0);
  }
}

}  // namespace callslip
