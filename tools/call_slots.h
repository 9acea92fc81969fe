// CallSlots: the bound on calls in flight over all reads of a client, shared out evenly.
//
// Self-synchronised: any thread. Each run takes part through a Member, which must end before the
// multi handle that it wakes does.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <mutex>
#include <vector>

namespace callslip {

class CallSlots {
 public:
  explicit CallSlots(std::size_t slots) : slots_(slots) {}

  class Member {
   public:
    /// `multi` is woken when a slot becomes free.
    Member(CallSlots& slots, CURLM* multi);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// False when all are taken, or this run has its share of them.
    bool try_take();
    void release();

   private:
    friend class CallSlots;
    CallSlots& slots_;
    CURLM* const multi_;
    std::size_t taken_ = 0;  // guarded by slots_.mutex_
  };

 private:
  void wake_others(const Member* but);  // mutex_ is held

  const std::size_t slots_;
  std::mutex mutex_;
  std::size_t taken_ = 0;         // guarded by mutex_
  std::vector<Member*> members_;  // guarded by mutex_
};

}  // namespace callslip
