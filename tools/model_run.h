// ModelRun: the transfers of one ModelClient::run.
//
// Lives on the stack of the run and belongs to its thread; the stop token and other runs only wake
// its multi handle. Destroying it closes the connections of calls in flight.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "tools/call_slots.h"
#include "tools/model_client.h"
#include "tools/model_endpoints.h"

namespace callslip {

class ModelRun {
 public:
  struct Setting {
    const ModelClientOptions& options;
    const std::vector<Endpoint>& endpoints;
    const curl_slist* headers;
    CURLM* multi;
    CallSlots& slots;
  };

  ModelRun(const Setting& setting, std::size_t requests, const CallContext& context,
           const ModelClient::Body& body, const ModelClient::OnReply& on_reply);
  ~ModelRun();
  ModelRun(const ModelRun&) = delete;
  ModelRun& operator=(const ModelRun&) = delete;

  ReaderUsage run();

 private:
  using Clock = CallContext::Clock;

  /// A request that waits for its turn.
  struct Pending {
    std::size_t request = 0;
    std::size_t attempts = 0;  // made so far
    ModelEndpoints::Failed failed_at = 0;
    Clock::time_point due{};
    bool operator>(const Pending& other) const { return due > other.due; }
  };

  struct Transfer;

  struct Failure {
    Error error;
    bool retry = false;
    bool unreachable = false;    // no connection came about
    bool endpoint_wide = false;  // every call to this endpoint would fail so
    std::chrono::milliseconds wait{0};
  };

  void start_due();
  void start(const Pending& pending, std::size_t endpoint);
  void fail_rest(const Error& why);
  bool take_ended();
  void end(Transfer& transfer, CURLcode code);
  Result<ModelReply> read_reply(const Transfer& transfer, CURLcode code, Failure& failure) const;
  Failure transport_failure(const Transfer& transfer, CURLcode code) const;
  Failure http_failure(const Transfer& transfer, long status) const;
  void retry_or_report(const Pending& pending, std::size_t endpoint, const Failure& failure);
  void report(std::size_t request, const Result<ModelReply>& reply);
  void wait();
  std::chrono::milliseconds backoff(std::size_t attempts);
  std::string fit_to_show(std::string message) const;
  std::unique_ptr<Transfer> make_transfer();
  static std::size_t on_data(char* data, std::size_t size, std::size_t count, void* transfer);
  static int on_request_sent(void* run, char*, char*, int, int);

  const Setting setting_;
  const std::size_t requests_;
  const CallContext& context_;
  const ModelClient::Body& body_;
  const ModelClient::OnReply& on_reply_;

  std::size_t next_ = 0;  // the first request that was not started
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> retries_;
  std::vector<std::unique_ptr<Transfer>> transfers_;  // all of them
  std::vector<Transfer*> idle_;
  std::size_t in_flight_ = 0;
  ModelEndpoints endpoints_;
  std::minstd_rand random_;
  ReaderUsage usage_;
  CallSlots::Member slots_;
};

}  // namespace callslip
