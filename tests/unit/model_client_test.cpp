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
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing_support::HttpReply;
using testing_support::HttpRequest;
using testing_support::ScriptedHttpServer;
using Fault = HttpReply::Fault;
using Next = ModelClient::Next;

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

struct Outcome {
  std::map<std::size_t, std::string> texts;
  std::map<std::size_t, std::string> failures;
  ReaderUsage usage;
};

Outcome run(ModelClient& client, std::size_t requests, const CallContext& context = {}) {
  Outcome outcome;
  outcome.usage = client.run(
      requests, context, [](std::size_t i) { return std::to_string(i); },
      [&outcome](std::size_t i, const Result<ModelReply>& reply) {
        EXPECT_EQ(outcome.texts.count(i) + outcome.failures.count(i), 0U) << "twice: " << i;
        if (reply.ok()) {
          outcome.texts[i] = reply->text;
        } else {
          outcome.failures[i] = reply.error().message;
          EXPECT_THAT(reply.error().message, Not(HasSubstr("secret")));
        }
        return Next::done;
      });
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

TEST(ModelClient, DoesNotTryAgainWhatCannotSucceed) {
  std::size_t calls = 0;
  const std::string body = R"({"error":{"message":"bad\nthing, key sk-very\/secret-key"}})";
  const auto with_status = [&](int status) {
    return failure_of([&, status](const HttpRequest&) { return replying(status, body); }, &calls);
  };
  EXPECT_EQ(with_status(401), "HTTP 401: set CALLSLIP_READER_KEY");
  EXPECT_EQ(calls, 1U);
  EXPECT_EQ(with_status(400), "HTTP 400: bad thing, key ***");
  EXPECT_EQ(calls, 1U);
  EXPECT_EQ(with_status(403), "HTTP 403: bad thing, key ***");
  EXPECT_EQ(calls, 1U);
  EXPECT_EQ(with_status(404),
            "HTTP 404: bad thing, key ***; check --reader-url and --reader-model");
  EXPECT_EQ(calls, 1U);
  EXPECT_THAT(with_status(302), HasSubstr("HTTP 302"));
  EXPECT_EQ(calls, 1U);
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
  std::size_t replies = 0;
  (*client)->run(
      50, context, [](std::size_t i) { return std::to_string(i); },
      [&](std::size_t, const Result<ModelReply>& reply) {
        EXPECT_TRUE(reply.ok());
        if (++replies == 49) stop.request_stop();
        return Next::done;
      });
  EXPECT_EQ(replies, 49U);
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
  int asked = 0;
  std::vector<std::string> replies;
  (*client)->run(
      1, {}, [&](std::size_t) { return std::to_string(++asked); },
      [&](std::size_t, const Result<ModelReply>& reply) {
        replies.push_back(reply->text);
        return replies.size() < 3 ? Next::again : Next::done;
      });
  EXPECT_THAT(replies, testing::ElementsAre("1", "2", "3"));
}

TEST(ModelClient, SurvivesACallerThatThrows) {
  ScriptedHttpServer server(
      [](const HttpRequest& request) { return replying(200, chat(request.body)); });
  auto client = ModelClient::create(options_for(server.url()));
  const auto body = [](std::size_t) { return std::string("1"); };
  const auto thrower = [](std::size_t, const Result<ModelReply>&) -> Next {
    throw std::runtime_error("a bug");
  };
  EXPECT_THROW((*client)->run(20, {}, body, thrower), std::runtime_error);
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
