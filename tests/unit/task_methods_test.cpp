#include <filesystem>
#include <future>
#include <semaphore>

#include "plugin/mcp/tool_task.h"
#include "tests/unit/served_folder.h"

namespace callslip {
namespace {

using nlohmann::json;

const json kTasks{{"extensions", {{"io.modelcontextprotocol/tasks", json::object()}}}};

/// A server with tools whose calls the test ends, and a service that makes tasks of them at once.
class TaskMethods : public testing::Test {
 protected:
  TaskMethods() {
    Tool job;
    job.name = "job";
    job.waits = true;
    job.input_schema = {{"type", "object"}, {"properties", json::object()}};
    job.output_schema = job.input_schema;
    job.may_take_long = [](const json& arguments) { return !arguments.contains("quick"); };
    job.forget = [this](const std::string& kept_as) { forgotten_.insert(kept_as); };
    job.call = [this](const json& arguments, const CallContext& context) -> Result<ToolOutput> {
      kept_as_ = context.keep_as;
      seen_collections_ = context.collections;
      begun_.release();
      if (context.progress) context.progress(1, 4, "a quarter");
      told_.release();
      while (!arguments.contains("quick") && !go_.try_acquire_for(std::chrono::milliseconds(1))) {
        if (context.cancelled()) return Error{ErrorKind::cancelled, "cancelled"};
      }
      if (arguments.contains("throw")) throw std::runtime_error("a bug");
      if (arguments.contains("fail")) return Error{ErrorKind::invalid_argument, "fail: is given"};
      return ToolOutput{"done", {{"done", true}}};
    };
    tools_ = {job};
    start();
  }
  ~TaskMethods() override {
    end();
    std::filesystem::remove_all(directory_);
  }

  void start(std::chrono::milliseconds grace = std::chrono::milliseconds(0)) {
    TaskService::Options options;
    options.grace = grace;
    options.max_tasks = 4;
    options.max_running_of_principal = 3;
    tasks_.emplace(directory_, work_of_tools(tools_), options);
    McpServices services{tools_, nullptr, "1.2.3"};
    services.tasks = &*tasks_;
    server_.emplace(services, pool_, waiting_, McpServer::Options());
    transport_.emplace();
    io_ = std::jthread([this] { (void)transport_->run(*server_); });
    client_.emplace(transport_->connect());
    tasks_->resume();
  }
  void end() {
    if (!transport_) return;
    transport_->stop();
    io_.join();
    server_->drain(std::chrono::seconds(10));
    tasks_->stop(std::chrono::seconds(10));
    client_.reset();
    server_.reset();
    tasks_.reset();
    transport_.reset();
  }

  json ask(LoopbackClient& client, const std::string& method, json params,
           const json& capabilities = kTasks) {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = capabilities;
    client.send(json{
        {"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", std::move(params)}}
                    .dump());
    for (;;) {
      const auto reply = client.receive(std::chrono::seconds(20));
      if (!reply) return json();
      json message = json::parse(*reply);
      if (message.contains("id")) return message;
      notified_.push_back(std::move(message));
    }
  }
  json ask(const std::string& method, json params, const json& capabilities = kTasks) {
    return ask(*client_, method, std::move(params), capabilities);
  }
  json call(const json& arguments = json::object()) {
    return ask("tools/call", {{"name", "job"}, {"arguments", arguments}}).at("result");
  }
  json get(const std::string& id) { return ask("tasks/get", {{"taskId", id}}).at("result"); }
  json wait_for_end(const std::string& id) {
    for (;;) {
      json task = get(id);
      if (task.at("status") != "working") return task;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  static int code(const json& reply) { return reply.at("error").at("code").get<int>(); }

  const std::string directory_ =
      (std::filesystem::temp_directory_path() / ("callslip-tasks-" + new_task_id())).string();
  std::counting_semaphore<> begun_{0};
  std::counting_semaphore<> told_{0};
  std::counting_semaphore<> go_{0};
  std::string kept_as_;
  std::shared_ptr<const std::vector<std::string>> seen_collections_;
  std::set<std::string> forgotten_;
  std::vector<json> notified_;
  std::vector<Tool> tools_;
  WorkerPool pool_{2, 64};
  WorkerPool waiting_{4, 64};
  std::optional<TaskService> tasks_;
  std::optional<McpServer> server_;
  std::optional<LoopbackTransport> transport_;
  std::jthread io_;
  std::optional<LoopbackClient> client_;
  int last_id_ = 0;
};

TEST_F(TaskMethods, ALongCallIsATaskWhoseResultIsFetchedLater) {
  const json task = call();
  EXPECT_EQ(task.at("resultType"), "task");
  EXPECT_EQ(task.at("status"), "working");
  EXPECT_TRUE(task.at("ttlMs").is_number_integer());
  EXPECT_TRUE(task.at("pollIntervalMs").is_number_integer());
  EXPECT_TRUE(task.at("createdAt").get<std::string>().ends_with("Z"));
  EXPECT_FALSE(task.contains("result"));
  const std::string id = task.at("taskId");
  told_.acquire();
  const json working = get(id);
  EXPECT_EQ(working.at("resultType"), "complete");
  EXPECT_EQ(working.at("status"), "working");
  EXPECT_EQ(working.at("statusMessage"), "a quarter");
  go_.release();
  const json done = wait_for_end(id);
  EXPECT_EQ(done.at("status"), "completed");
  EXPECT_EQ(done.at("result").at("content").at(0).at("text"), "done");
  EXPECT_EQ(done.at("result").at("structuredContent").at("done"), true);
  EXPECT_TRUE(forgotten_.contains(kept_as_)) << "what was kept on the way is not needed any more";
  EXPECT_EQ(get(id).at("result"), done.at("result")) << "it can be fetched again";
}

TEST_F(TaskMethods, IsAdvertisedAsAnExtensionOfTheModernEraAlone) {
  const json modern = ask("server/discover", json::object()).at("result").at("capabilities");
  EXPECT_TRUE(modern.at("extensions").contains("io.modelcontextprotocol/tasks"));
  EXPECT_FALSE(modern.contains("tasks"));
  client_->send(R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{}})");
  const json legacy = json::parse(*client_->receive()).at("result").at("capabilities");
  EXPECT_FALSE(legacy.contains("extensions"));
  client_->send(R"({"jsonrpc":"2.0","id":"g","method":"tasks/get","params":{"taskId":"x"}})");
  EXPECT_EQ(code(json::parse(*client_->receive())), -32601);
}

TEST_F(TaskMethods, WhoDoesNotKnowTasksWaitsForTheResult) {
  go_.release();
  const json answer =
      ask("tools/call", {{"name", "job"}, {"arguments", json::object()}}, json::object());
  EXPECT_EQ(answer.at("result").at("resultType"), "complete");
  EXPECT_EQ(answer.at("result").at("content").at(0).at("text"), "done");
  for (const char* method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
    const json refused =
        ask(method, {{"taskId", "x"}, {"inputResponses", json::object()}}, json::object());
    EXPECT_EQ(code(refused), -32021) << method;
    EXPECT_TRUE(refused.at("error")
                    .at("data")
                    .at("requiredCapabilities")
                    .at("extensions")
                    .contains("io.modelcontextprotocol/tasks"));
  }
  EXPECT_EQ(code(ask("tasks/result", {{"taskId", "x"}})), -32601);
  EXPECT_EQ(code(ask("tasks/list", json::object())), -32601);
}

TEST_F(TaskMethods, WhatEndsAtOnceIsAnsweredAtOnce) {
  end();
  start(std::chrono::seconds(20));
  go_.release(3);
  EXPECT_EQ(call().at("resultType"), "complete");
  EXPECT_EQ(call({{"quick", true}}).at("content").at(0).at("text"), "done");
  EXPECT_EQ(call({{"fail", true}}).at("isError"), true);
  EXPECT_EQ(code(ask("tools/call", {{"name", "job"}, {"arguments", {{"throw", 1}}}})), -32603);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/tasks")) << "nothing was written";
}

TEST_F(TaskMethods, ProgressIsToldUntilItIsATask) {
  end();
  start(std::chrono::seconds(20));
  go_.release();
  (void)ask("tools/call", {{"name", "job"}, {"_meta", {{"progressToken", 7}}}});
  ASSERT_EQ(notified_.size(), 1U);
  EXPECT_EQ(notified_[0].at("params").at("message"), "a quarter");
}

TEST_F(TaskMethods, ToolErrorsAreResultsAndBugsAreFailures) {
  const std::string fails = call({{"fail", true}}).at("taskId");
  go_.release();
  const json failed = wait_for_end(fails);
  EXPECT_EQ(failed.at("status"), "completed");
  EXPECT_EQ(failed.at("result").at("isError"), true);
  const std::string breaks = call({{"throw", true}}).at("taskId");
  go_.release();
  const json broken = wait_for_end(breaks);
  EXPECT_EQ(broken.at("status"), "failed");
  EXPECT_EQ(broken.at("error").at("code"), -32603);
  EXPECT_FALSE(broken.contains("result"));
}

TEST_F(TaskMethods, ACancelledTaskStopsAndStaysCancelled) {
  const std::string id = call().at("taskId");
  begun_.acquire();
  const json ack = ask("tasks/cancel", {{"taskId", id}}).at("result");
  EXPECT_EQ(ack.at("resultType"), "complete");
  EXPECT_FALSE(ack.contains("taskId"));
  EXPECT_EQ(get(id).at("status"), "cancelled");
  EXPECT_EQ(ask("tasks/cancel", {{"taskId", id}}).at("result").at("resultType"), "complete");
  EXPECT_EQ(get(id).at("status"), "cancelled");
  go_.release();
  EXPECT_EQ(get(id).at("status"), "cancelled");
}

TEST_F(TaskMethods, CancellingTheRequestCancelsTheCallThatIsNoTaskYet) {
  end();
  start(std::chrono::seconds(20));
  json params{{"name", "job"}};
  params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                     {"io.modelcontextprotocol/clientCapabilities", kTasks}};
  client_->send(
      json{{"jsonrpc", "2.0"}, {"id", 99}, {"method", "tools/call"}, {"params", params}}.dump());
  begun_.acquire();
  client_->send(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}})");
  const json next = ask("tasks/get", {{"taskId", "none"}});
  EXPECT_EQ(next.at("id"), last_id_) << "the cancelled call got no answer";
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/tasks"));
}

TEST_F(TaskMethods, UnknownTasksAreInvalidParams) {
  for (const json& id : {json("nothing"), json("../../manifest"), json(std::string(32, '0')),
                         json(7), json(), json(std::string(10'000, 'a'))}) {
    EXPECT_EQ(code(ask("tasks/get", {{"taskId", id}})), -32602) << id;
    EXPECT_EQ(code(ask("tasks/cancel", {{"taskId", id}})), -32602) << id;
    EXPECT_EQ(code(ask("tasks/update", {{"taskId", id}, {"inputResponses", json::object()}})),
              -32602)
        << id;
  }
}

TEST_F(TaskMethods, ATaskIsKnownToItsPrincipalAlone) {
  Principal alice{"alice", false, nullptr};
  alice.collections = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"letters", "papers"});
  LoopbackClient hers = transport_->connect(alice);
  const std::string id = ask(hers, "tools/call", {{"name", "job"}}).at("result").at("taskId");
  begun_.acquire();
  told_.acquire();
  EXPECT_EQ(*seen_collections_, *alice.collections) << "it sees what she sees";
  Principal narrowed = alice;
  narrowed.collections =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"papers"});
  Principal made_again = alice;
  made_again.credential = "another token of this name";
  LoopbackClient later = transport_->connect(made_again);
  LoopbackClient other = transport_->connect(Principal{"bob", false, nullptr});
  LoopbackClient less = transport_->connect(narrowed);
  LoopbackClient again = transport_->connect(alice);
  for (LoopbackClient* client : {&other, &less, &later, &*client_}) {
    EXPECT_EQ(code(ask(*client, "tasks/get", {{"taskId", id}})), -32602);
    EXPECT_EQ(code(ask(*client, "tasks/cancel", {{"taskId", id}})), -32602);
  }
  EXPECT_EQ(ask(again, "tasks/get", {{"taskId", id}}).at("result").at("status"), "working");
}

TEST_F(TaskMethods, ATaskSurvivesARestartOfTheServer) {
  const std::string id = call().at("taskId");
  begun_.acquire();
  const std::string kept_as = kept_as_;
  EXPECT_FALSE(kept_as.empty());
  end();  // interrupted, not cancelled
  EXPECT_FALSE(forgotten_.contains(kept_as));
  start();
  begun_.acquire();
  EXPECT_EQ(kept_as_, kept_as) << "it goes on from what was kept";
  EXPECT_EQ(get(id).at("status"), "working");
  go_.release();
  EXPECT_EQ(wait_for_end(id).at("result").at("content").at(0).at("text"), "done");
  end();
  start();
  EXPECT_EQ(get(id).at("status"), "completed");
}

TEST_F(TaskMethods, ATaskOfAToolThatIsGoneFails) {
  const std::string id = call().at("taskId");
  begun_.acquire();
  end();
  tools_[0].name = "another";
  start();
  const json task = get(id);
  EXPECT_EQ(task.at("status"), "failed");
  EXPECT_EQ(task.at("error").at("code"), -32603);
}

TEST_F(TaskMethods, AnotherProcessSeesTheTaskAndMayCancelIt) {
  const std::string id = call().at("taskId");
  begun_.acquire();
  TaskService other(directory_, work_of_tools(tools_));
  other.resume();
  const auto seen = other.find(id, Principal::owner());
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->status, Task::Status::working);
  EXPECT_FALSE(begun_.try_acquire()) << "one of them works on it";
  EXPECT_TRUE(other.cancel(id, Principal::owner()));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/tasks/" + id + ".cancel"));
}

TEST_F(TaskMethods, WithoutRoomForATaskTheCallIsAnsweredAsEver) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(call().at("taskId"));
  LoopbackClient other = transport_->connect();
  auto answer = std::async(std::launch::async, [&] {
    return ask(other, "tools/call", {{"name", "job"}, {"arguments", json::object()}});
  });
  for (int i = 0; i < 4; ++i) begun_.acquire();
  go_.release(4);
  EXPECT_EQ(answer.get().at("result").at("resultType"), "complete") << "three of one principal run";
  for (const std::string& id : ids) (void)wait_for_end(id);
  const std::string fourth = call().at("taskId");
  go_.release();
  (void)wait_for_end(fourth);
  go_.release();
  EXPECT_EQ(call().at("resultType"), "complete") << "four are kept";
}

TEST_F(TaskMethods, AnExpiredTaskIsGone) {
  TaskStore store(directory_ + "/tasks", 10);
  Task task;
  task.id = new_task_id();
  task.status = Task::Status::completed;
  task.principal = "owner";
  task.created_ms = now_ms() - 1000;
  task.ttl_ms = 999;
  ASSERT_TRUE(store.save(task).ok());
  EXPECT_EQ(code(ask("tasks/get", {{"taskId", task.id}})), -32602);
  EXPECT_TRUE(store.has_room());
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/tasks/" + task.id)) << "it was swept";
}

TEST_F(TaskMethods, ADamagedTaskIsNone) {
  const std::string id = call().at("taskId");
  go_.release();
  (void)wait_for_end(id);
  end();
  start();
  std::ofstream(directory_ + "/tasks/" + id, std::ios::binary) << "nonsense";
  EXPECT_EQ(code(ask("tasks/get", {{"taskId", id}})), -32602);
}

}  // namespace
}  // namespace callslip
