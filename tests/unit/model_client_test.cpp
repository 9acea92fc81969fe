#include "tools/model_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scripted_http_server.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using testing_support::HttpReply;
using testing_support::HttpRequest;
using testing_support::ScriptedHttpServer;
using Fault = HttpReply::Fault;
using Next = ModelWork::Next;

const char* const secret = "sk-very/secret-key";

std::string chat(const std::string& text, int prompt = 7, int completion = 3) {
  return nlohmann::json{
      {"choices", {{{"message", {{"content", text}}}, {"finish_reason", "stop"}}}},
      {"usage", {{"prompt_tokens", prompt}, {"completion_tokens", completion}}}}
      .dump();
}

HttpReply replying(int status, std::string body = "", std::string headers = "") {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

HttpReply broken(Fault fault) {
  HttpReply reply = replying(200, chat("never seen in full"));
  reply.fault = fault;
  return reply;
}

ModelClientOptions options_for(const std::string& url) {
  ModelClientOptions options;
  options.urls = {url};
  options.api_key = secret;
  options.first_backoff = 1ms;
  options.longest_backoff = 4ms;
  return options;
}

/// The requests 0 to count - 1; the body of each is its number.
class Numbers : public ModelWork {
 public:
  explicit Numbers(std::size_t count) : count_(count) {}

  std::size_t max_calls = SIZE_MAX;
  std::map<std::size_t, std::string> texts;
  std::map<std::size_t, std::string> failures;

  std::optional<std::size_t> next() override {
    if (next_ == count_) return std::nullopt;
    return next_++;
  }
  bool may_call() override { return calls_++ < max_calls; }
  std::string body(std::size_t request) override { return std::to_string(request); }
  Next take(std::size_t request, const Result<ModelReply>& reply) override {
    EXPECT_EQ(texts.count(request) + failures.count(request), 0U) << "twice: " << request;
    if (reply.ok()) {
      texts[request] = reply->text;
    } else {
      failures[request] = reply.error().message;
      EXPECT_THAT(reply.error().message, Not(HasSubstr("secret")));
    }
    return Next::done;
  }

 private:
  const std::size_t count_;
  std::size_t next_ = 0;
  std::size_t calls_ = 0;
};

struct Outcome {
  std::map<std::size_t, std::string> texts;
  std::map<std::size_t, std::string> failures;
  ReaderUsage usage;
};

Outcome run(ModelClient& client, std::size_t requests, const CallContext& context = {}) {
  Numbers work(requests);
  Outcome outcome;
  outcome.usage = client.run(work, context);
  outcome.texts = std::move(work.texts);
  outcome.failures = std::move(work.failures);
  return outcome;
}

Outcome run(const ModelClientOptions& options, std::size_t requests,
            const CallContext& context = {}) {
  auto client = ModelClient::create(options);
  EXPECT_TRUE(client.ok());
  return run(**client, requests, context);
}

/// What every request fails with, where each fails.
std::string failure_of(const ScriptedHttpServer::Handler& handler, std::size_t* calls = nullptr) {
  ScriptedHttpServer server(handler);
  const Outcome outcome = run(options_for(server.url()), 1);
  if (calls != nullptr) *calls = server.calls();
  return outcome.failures.empty() ? "no failure" : outcome.failures.begin()->second;
}

TEST(ModelClient, PostsJsonWithTheKeyAndWithoutExpect) {
  HttpRequest seen;
  ScriptedHttpServer server([&](const HttpRequest& request) {
    seen = request;
    return replying(200, chat("hello"));
  });
  const Outcome outcome = run(options_for(server.url() + "/"), 1);
  EXPECT_EQ(outcome.texts.at(0), "hello");
  EXPECT_THAT(seen.head, HasSubstr("POST /v1/chat/completions HTTP/1.1"));
  EXPECT_EQ(seen.header("content-type"), "application/json");
  EXPECT_EQ(seen.header("authorization"), std::string("Bearer ") + secret);
  EXPECT_EQ(seen.header("expect"), "");
  EXPECT_EQ(seen.body, "0");
}

TEST(ModelClient, ReadsContentOfEveryShape) {
  const std::vector<std::pair<std::string, std::string>> shapes = {
      {R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},"b",{"x":1}]}}]})", "ab"},
      {R"({"choices":[{"message":{"content":null}}]})", ""},
      {R"({"choices":[{"text":"old"}],"usage":null})", "old"},
      {"{\"choices\":[{\"message\":{\"content\":\"cut \xE5\xAD\"}}]}", "cut \uFFFD\uFFFD"},
  };
  for (const auto& [body, text] : shapes) {
    const std::string sent = body;
    ScriptedHttpServer server([&](const HttpRequest&) { return replying(200, sent); });
    EXPECT_EQ(run(options_for(server.url()), 1).texts[0], text) << body;
  }
}

TEST(ModelClient, BoundsConcurrencyAndKeepsConnections) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    HttpReply reply = replying(200, chat("r" + request.body));
    reply.delay = 2ms;
    return reply;
  });
  ModelClientOptions options = options_for(server.url());
  options.concurrency = 4;
  auto client = ModelClient::create(options);
  const Outcome outcome = run(**client, 60);
  EXPECT_EQ(outcome.texts.size(), 60U);
  for (const auto& [i, text] : outcome.texts) EXPECT_EQ(text, "r" + std::to_string(i));
  EXPECT_EQ(outcome.usage.calls, 60U);
  EXPECT_EQ(outcome.usage.prompt_tokens, 420U);
  EXPECT_EQ(outcome.usage.completion_tokens, 180U);
  EXPECT_LE(server.max_concurrency(), 4U);
  run(**client, 10);
  EXPECT_LE(server.connections(), 4U);  // the next run uses them, too
}

TEST(ModelClient, SharesItsConcurrencyBetweenThreads) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    HttpReply reply = replying(200, chat(request.body));
    reply.delay = 1ms;
    return reply;
  });
  ModelClientOptions options = options_for(server.url());
  options.concurrency = 3;
  auto client = ModelClient::create(options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&client] { EXPECT_EQ(run(**client, 15).texts.size(), 15U); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.calls(), 60U);
  EXPECT_LE(server.max_concurrency(), 3U);
}

TEST(ModelClient, TriesAgainAfterPassingFaults) {
  const std::vector<HttpReply> faults = {replying(408),
                                         replying(429),
                                         replying(500),
                                         replying(502),
                                         replying(503),
                                         replying(504),
                                         replying(200, "not json"),
                                         replying(200, "{}"),
                                         replying(200, ""),
                                         broken(Fault::reset),
                                         broken(Fault::close),
                                         broken(Fault::truncate)};
  for (const HttpReply& fault : faults) {
    std::atomic<int> calls = 0;
    ScriptedHttpServer server(
        [&](const HttpRequest&) { return ++calls < 3 ? fault : replying(200, chat("at last")); });
    const Outcome outcome = run(options_for(server.url()), 1);
    EXPECT_EQ(outcome.texts.size(), 1U) << fault.status << " " << fault.body;
    EXPECT_EQ(outcome.usage.calls, 3U);
    EXPECT_EQ(server.calls(), 3U);
  }
}

TEST(ModelClient, SaysWhyItFailedAfterAllAttempts) {
  std::size_t calls = 0;
  EXPECT_EQ(failure_of([](const HttpRequest&) { return replying(500); }, &calls), "HTTP 500");
  EXPECT_EQ(calls, 4U);
  EXPECT_EQ(failure_of([](const HttpRequest&) { return replying(503); }, &calls), "HTTP 503");
  EXPECT_EQ(calls, 4U);
  EXPECT_EQ(failure_of([](const HttpRequest&) { return replying(200, "<html>"); }, &calls),
            "the reply is not JSON");
  EXPECT_EQ(calls, 4U);
  EXPECT_THAT(failure_of([](const HttpRequest&) { return broken(Fault::reset); }, &calls),
              HasSubstr("connection lost"));
  EXPECT_EQ(calls, 4U);
  EXPECT_EQ(failure_of([](const HttpRequest&) {
              return replying(200, R"({"error":{"message":"no model"}})");
            }),
            "the endpoint says: no model");
}

TEST(ModelClient, WaitsLongerForAnEndpointThatAnswersOthers) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    return request.body == "1" ? replying(503) : replying(200, chat("ok"));
  });
  ModelClientOptions options = options_for(server.url());
  options.concurrency = 1;
  const Outcome outcome = run(options, 2);
  EXPECT_EQ(outcome.failures.at(1), "HTTP 503");
  EXPECT_EQ(outcome.usage.calls, 1U + 10U);  // to be asked to wait uses up few attempts
}

TEST(ModelClient, DoesNotTryAgainWhatCannotSucceed) {
  std::size_t calls = 0;
  const std::string body = R"({"error":{"message":"bad\nthing, key sk-very\/secret-key"}})";
  const auto with_status = [&](int status) {
    return failure_of([&, status](const HttpRequest&) { return replying(status, body); }, &calls);
  };
  for (const int status : {401, 403}) {
    EXPECT_EQ(with_status(status), "HTTP " + std::to_string(status) +
                                       ": the endpoint refuses the key in CALLSLIP_READER_KEY");
    EXPECT_EQ(calls, 1U);
  }
  EXPECT_EQ(with_status(400), "HTTP 400: bad thing, key ***");
  EXPECT_EQ(calls, 1U);
  EXPECT_EQ(with_status(404),
            "HTTP 404: bad thing, key ***; check --reader-url and --reader-model");
  EXPECT_EQ(calls, 1U);
  EXPECT_THAT(with_status(302), HasSubstr("HTTP 302"));
  EXPECT_EQ(calls, 1U);
}

TEST(ModelClient, SaysWhichVariableHoldsTheKeyThatIsMissing) {
  ScriptedHttpServer server([](const HttpRequest&) { return replying(401); });
  ModelClientOptions options = options_for(server.url());
  options.api_key.clear();
  EXPECT_EQ(run(options, 1).failures.at(0),
            "HTTP 401: the endpoint wants a key: set CALLSLIP_READER_KEY");
}

TEST(ModelClient, StopsCallingAnEndpointThatRefusesTheKey) {
  ScriptedHttpServer server([](const HttpRequest&) { return replying(401); });
  ModelClientOptions options = options_for(server.url());
  options.concurrency = 2;
  const Outcome outcome = run(options, 50);
  EXPECT_EQ(outcome.failures.size(), 50U);
  EXPECT_LE(server.calls(), 3U);
}

TEST(ModelClient, WaitsAsLongAsTheEndpointAsksUpToItsCap) {
  for (const char* header :
       {"Retry-After: 5\r\n", "Retry-After: Fri, 31 Dec 2066 23:59:59 GMT\r\n"}) {
    std::mutex mutex;
    std::vector<std::chrono::steady_clock::time_point> times;
    ScriptedHttpServer server([&](const HttpRequest&) {
      const std::lock_guard lock(mutex);
      times.push_back(std::chrono::steady_clock::now());
      return times.size() <= 2 ? replying(429, "", header) : replying(200, chat("ok"));
    });
    ModelClientOptions options = options_for(server.url());
    options.longest_retry_after = 60ms;
    options.concurrency = 1;
    EXPECT_EQ(run(options, 3).texts.size(), 3U);
    ASSERT_EQ(times.size(), 5U);
    // Asked for the second time, it is left in peace: the third request has not been sent before.
    EXPECT_GE(times[2] - times[1], 55ms);
  }
}

TEST(ModelClient, GoesOnWithOtherRequestsWhileOneWaits) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    return request.body == "0" ? replying(429, "", "Retry-After: 3600\r\n")
                               : replying(200, chat("ok"));
  });
  std::stop_source stop;
  CallContext context;
  context.stop = stop.get_token();
  auto client = ModelClient::create(options_for(server.url()));
  class Stopping : public Numbers {
   public:
    explicit Stopping(std::stop_source& stop) : Numbers(50), stop_(stop) {}
    Next take(std::size_t request, const Result<ModelReply>& reply) override {
      const Next next = Numbers::take(request, reply);
      if (texts.size() == 49) stop_.request_stop();
      return next;
    }

   private:
    std::stop_source& stop_;
  } work(stop);
  (*client)->run(work, context);
  EXPECT_THAT(work.failures, IsEmpty());
  EXPECT_EQ(work.texts.size(), 49U);
}

TEST(ModelClient, GivesUpCallsThatHang) {
  ScriptedHttpServer server([](const HttpRequest&) { return broken(Fault::hang); });
  ModelClientOptions options = options_for(server.url());
  options.request_timeout = 50ms;
  options.max_attempts = 2;
  const Outcome outcome = run(options, 3);
  EXPECT_EQ(outcome.failures.size(), 3U);
  EXPECT_EQ(outcome.failures.at(0), "timed out after 0.0 s");
  EXPECT_EQ(outcome.usage.calls, 6U);
  EXPECT_TRUE(server.wait_for_aborted(6));
}

TEST(ModelClient, BoundsTheSizeOfAReply) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return replying(200, chat(std::string(100000, 'x'))); });
  ModelClientOptions options = options_for(server.url());
  options.max_reply_bytes = 5000;
  EXPECT_EQ(run(options, 1).failures.at(0), "the reply is larger than 5000 bytes");
  EXPECT_EQ(server.calls(), 1U);
}

TEST(ModelClient, ReadsRepliesThatComeInSmallPieces) {
  ScriptedHttpServer server([](const HttpRequest&) { return broken(Fault::trickle); });
  EXPECT_EQ(run(options_for(server.url()), 2).texts.size(), 2U);
}

TEST(ModelClient, FailsEachRequestOnceWhenNobodyListens) {
  std::string url;
  {
    const ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
    url = server.url();
  }
  const Outcome outcome = run(options_for(url), 300);
  EXPECT_EQ(outcome.failures.size(), 300U);
  EXPECT_THAT(outcome.failures.at(299), HasSubstr("no connection to 127.0.0.1:"));
  EXPECT_EQ(outcome.usage.calls, 0U);
}

TEST(ModelClient, UsesAllEndpointsAndGoesAroundOneThatIsDown) {
  const auto handler = [](const HttpRequest& request) {
    HttpReply reply = replying(200, chat(request.body));
    reply.delay = 2ms;
    return reply;
  };
  ScriptedHttpServer one(handler);
  ScriptedHttpServer two(handler);
  std::string dead;
  {
    const ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; });
    dead = server.url();
  }
  ModelClientOptions options = options_for(one.url());
  options.urls = {dead, one.url(), two.url()};
  EXPECT_EQ(run(options, 80).texts.size(), 80U);
  EXPECT_GE(one.calls(), 20U);
  EXPECT_GE(two.calls(), 20U);
}

TEST(ModelClient, GoesAroundAnEndpointThatFails) {
  ScriptedHttpServer good(
      [](const HttpRequest& request) { return replying(200, chat(request.body)); });
  ScriptedHttpServer bad([](const HttpRequest&) { return replying(500); });
  ScriptedHttpServer unknown([](const HttpRequest&) { return replying(404); });
  ModelClientOptions options = options_for(good.url());
  options.urls = {bad.url(), unknown.url(), good.url()};
  options.max_attempts = 3;
  options.concurrency = 3;
  EXPECT_EQ(run(options, 30).texts.size(), 30U);
  EXPECT_LE(unknown.calls(), 3U);
}

TEST(ModelClient, ClosesItsConnectionsWhenCancelled) {
  ScriptedHttpServer server([](const HttpRequest&) { return broken(Fault::hang); });
  std::stop_source stop;
  CallContext context;
  context.stop = stop.get_token();
  std::thread canceller([&] {
    EXPECT_TRUE(server.wait_for_active(8));
    stop.request_stop();
  });
  const Outcome outcome = run(options_for(server.url()), 100, context);
  canceller.join();
  EXPECT_TRUE(outcome.texts.empty());
  EXPECT_TRUE(outcome.failures.empty());
  EXPECT_EQ(outcome.usage.calls, 8U);
  EXPECT_TRUE(server.wait_for_aborted(8));
}

TEST(ModelClient, StopsAtTheDeadlineAlsoBetweenAttempts) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return replying(429, "", "Retry-After: 3600\r\n"); });
  CallContext context;
  context.deadline = CallContext::Clock::now() + 60ms;
  const Outcome outcome = run(options_for(server.url()), 20, context);
  EXPECT_TRUE(outcome.failures.empty());
  context.deadline = CallContext::Clock::now();
  EXPECT_EQ(run(options_for(server.url()), 20, context).usage.calls, 0U);
}

TEST(ModelClient, PostsAgainWhatTheCallerWantsAgain) {
  ScriptedHttpServer server(
      [](const HttpRequest& request) { return replying(200, chat(request.body)); });
  auto client = ModelClient::create(options_for(server.url()));
  class Insisting : public Numbers {
   public:
    Insisting() : Numbers(1) {}
    std::vector<std::string> replies;
    std::string body(std::size_t) override { return std::to_string(++asked_); }
    Next take(std::size_t, const Result<ModelReply>& reply) override {
      replies.push_back(reply->text);
      return replies.size() < 3 ? Next::again : Next::done;
    }

   private:
    int asked_ = 0;
  } work;
  (*client)->run(work, {});
  EXPECT_THAT(work.replies, ElementsAre("1", "2", "3"));
}

TEST(ModelClient, TakesRequestsThatAreMadeFromReplies) {
  ScriptedHttpServer server(
      [](const HttpRequest& request) { return replying(200, chat(request.body)); });
  // Each reply but the last brings one more request: there is none before it.
  class Chain : public Numbers {
   public:
    Chain() : Numbers(0) {}
    std::optional<std::size_t> next() override {
      if (texts.size() != made_ || made_ == 5) return std::nullopt;
      return made_++;
    }

   private:
    std::size_t made_ = 0;
  } work;
  auto client = ModelClient::create(options_for(server.url()));
  (*client)->run(work, {});
  EXPECT_EQ(work.texts.size(), 5U);
}

TEST(ModelClient, EndsOnceNoCallMayBeMade) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    return request.body == "3" ? replying(500) : replying(200, chat(request.body));
  });
  auto client = ModelClient::create(options_for(server.url()));
  Numbers work(50);
  work.max_calls = 12;
  const ReaderUsage usage = (*client)->run(work, {});
  EXPECT_EQ(usage.calls, 12U);
  EXPECT_EQ(server.calls(), 12U);
  // What was under way is waited for; what was to be tried again, and the rest, are left.
  EXPECT_THAT(work.failures, IsEmpty());
  EXPECT_GE(work.texts.size(), 8U);
  EXPECT_EQ(work.texts.count(3), 0U);
  Numbers none(50);
  none.max_calls = 0;
  EXPECT_EQ((*client)->run(none, {}).calls, 0U);
  EXPECT_EQ(server.calls(), 12U);
}

TEST(ModelClient, KnowsItsLatencyFromTheFirstReplyOn) {
  ScriptedHttpServer server([](const HttpRequest&) {
    HttpReply reply = replying(200, chat("ok"));
    reply.delay = 20ms;
    return reply;
  });
  auto client = ModelClient::create(options_for(server.url()));
  EXPECT_FALSE((*client)->typical_latency().has_value());
  run(**client, 3);
  ASSERT_TRUE((*client)->typical_latency().has_value());
  EXPECT_GE(*(*client)->typical_latency(), 20ms);
}

TEST(ModelClient, AsksEachEndpointOnceForTheContextWindow) {
  std::mutex mutex;
  std::vector<std::string> paths;
  const auto telling = [&](int tokens) {
    return [&, tokens](const HttpRequest& request) {
      const std::lock_guard lock(mutex);
      paths.push_back(request.head.substr(0, request.head.find(" HTTP")));
      EXPECT_EQ(request.header("authorization"), std::string("Bearer ") + secret);
      if (request.head.find("/models") == std::string::npos) return replying(404);
      const nlohmann::json model = {{"id", "toy"}, {"max_model_len", tokens}};
      return replying(200, nlohmann::json{{"data", {model}}}.dump());
    };
  };
  ScriptedHttpServer large(telling(16384));
  ScriptedHttpServer small(telling(4096));
  ModelClientOptions options = options_for(large.url());
  options.urls = {large.url(), small.url()};
  auto client = ModelClient::create(options);
  EXPECT_EQ((*client)->context_window("toy", {}), 4096U);
  EXPECT_EQ((*client)->context_window("toy", {}), 4096U);
  EXPECT_THAT(paths,
              UnorderedElementsAre("GET /v1/models", "GET /props", "GET /v1/models", "GET /props"));
}

TEST(ModelClient, DoesNotWaitForAWindowWhenCancelled) {
  ScriptedHttpServer server([](const HttpRequest&) { return broken(Fault::hang); });
  auto client = ModelClient::create(options_for(server.url()));
  std::stop_source stop;
  stop.request_stop();
  CallContext context;
  context.stop = stop.get_token();
  EXPECT_EQ((*client)->context_window("toy", context), std::nullopt);
}

TEST(ModelClient, SaysOfATooLongPromptWhatTheWindowIsAndDoesNotTryAgain) {
  std::size_t calls = 0;
  for (const int status : {400, 500}) {
    EXPECT_EQ(failure_of(
                  [status](const HttpRequest&) {
                    return replying(status, R"({"error":{"code":400,"message":"the request )"
                                            R"(exceeds the available context size","type":)"
                                            R"("exceed_context_size_error","n_ctx":512}})");
                  },
                  &calls),
              "HTTP " + std::to_string(status) +
                  ": the prompt exceeds the model's context window (512 tokens)");
    EXPECT_EQ(calls, 1U);
  }
}

TEST(ModelClient, TakesALimitOfTokensPerMinuteForAnOverload) {
  std::atomic<int> calls = 0;
  ScriptedHttpServer server([&](const HttpRequest&) {
    return ++calls < 3 ? replying(429, R"({"message":"Too many tokens, please wait"})")
                       : replying(200, chat("ok"));
  });
  EXPECT_EQ(run(options_for(server.url()), 1).texts.size(), 1U);
}

TEST(ModelClient, SurvivesACallerThatThrows) {
  ScriptedHttpServer server(
      [](const HttpRequest& request) { return replying(200, chat(request.body)); });
  auto client = ModelClient::create(options_for(server.url()));
  class Throwing : public Numbers {
   public:
    Throwing() : Numbers(20) {}
    Next take(std::size_t, const Result<ModelReply>&) override {
      throw std::runtime_error("a bug");
    }
  } work;
  EXPECT_THROW((*client)->run(work, {}), std::runtime_error);
  EXPECT_EQ(run(**client, 20).texts.size(), 20U);
}

TEST(ModelClient, SaysWhichOptionIsUnusable) {
  const auto message = [](ModelClientOptions options) {
    auto client = ModelClient::create(std::move(options));
    return client.ok() ? "" : client.error().message;
  };
  EXPECT_THAT(message(options_for("localhost:8080/v1")), HasSubstr("'localhost:8080/v1'"));
  EXPECT_THAT(message(options_for("ftp://host/v1")), HasSubstr("http://HOST:PORT/v1"));
  EXPECT_THAT(message(options_for("http://user:secret@ ")), Not(HasSubstr("secret")));
  ModelClientOptions options = options_for("http://localhost:1/v1");
  options.api_key = "two\nlines: secret";
  EXPECT_THAT(message(options), AllOf(HasSubstr("CALLSLIP_READER_KEY"), Not(HasSubstr("secret"))));
  options.api_key = "key\n";
  EXPECT_EQ(message(options), "");
  options.concurrency = 0;
  EXPECT_THAT(message(options), HasSubstr("concurrency"));
  EXPECT_THAT(message({}), HasSubstr("URL"));
}

}  // namespace
}  // namespace callslip
