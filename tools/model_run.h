// ModelRun: the transfers of one ModelClient::run.
//
// Lives on the stack of the run and belongs to its thread; the stop token and other runs only wake
// its multi handle. Destroying it closes the connections of calls in flight.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "tools/endpoint_pool.h"
#include "tools/model_client.h"

namespace callslip {

class ModelRun {
 public:
  struct Setting {
    const ModelClientOptions& options;
    EndpointPool& endpoints;
    const curl_slist* headers;
    CURLM* multi;
  };

  ModelRun(const Setting& setting, ModelWork& work, const CallContext& context);
  ~ModelRun();
  ModelRun(const ModelRun&) = delete;
  ModelRun& operator=(const ModelRun&) = delete;

  ReaderUsage run();

 private:
  using Clock = CallContext::Clock;

  /// A request that waits for its turn.
  struct Pending {
    std::size_t request = 0;
    std::size_t attempts = 0;   // made so far
    std::size_t overloads = 0;  // of the attempts
    EndpointPool::Member::Failed failed_at = 0;
    Clock::time_point due{};
    bool operator>(const Pending& other) const { return due > other.due; }
  };

  struct Transfer;

  using Outcome = EndpointPool::Outcome;

  struct Failure {
    Error error;
    Outcome outcome = Outcome::refused;
    bool retry = false;
    bool endpoint_wide = false;  // every call to this endpoint would fail so
    std::chrono::milliseconds wait{0};
  };

  bool start_next();
  void start(const Pending& pending, std::size_t endpoint);
  void fail_rest(const Error& why);
  bool take_ended();
  void end(Transfer& transfer, CURLcode code);
  Result<ModelReply> read_reply(const Transfer& transfer, CURLcode code, Failure& failure) const;
  Failure transport_failure(const Transfer& transfer, CURLcode code) const;
  Failure http_failure(const Transfer& transfer, long status) const;
  void retry_or_report(Pending pending, std::size_t endpoint, Failure failure);
  void report(std::size_t request, const Result<ModelReply>& reply);
  void wait();
  std::chrono::milliseconds backoff(std::size_t attempts);
  std::string without_key(std::string message) const;
  std::unique_ptr<Transfer> make_transfer();
  static std::size_t on_data(char* data, std::size_t size, std::size_t count, void* transfer);
  static int on_request_sent(void* transfer, char*, char*, int, int);

  const Setting setting_;
  ModelWork& work_;
  const CallContext& context_;

  std::optional<std::size_t> fresh_;  // a request that was not started
  bool bounded_ = false;              // no call may be made any more
  bool answered_ = false;             // some call was
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> retries_;
  std::vector<std::unique_ptr<Transfer>> transfers_;  // all of them
  std::vector<Transfer*> idle_;
  std::size_t in_flight_ = 0;
  EndpointPool::Member endpoints_;
  std::minstd_rand random_;
  ReaderUsage usage_;
};

}  // namespace callslip
