#include "plugin/mcp/mcp_server.h"

#include <algorithm>

#include "plugin/mcp/batch_outlet.h"
#include "plugin/mcp/envelope.h"
#include "plugin/mcp/protocol_names.h"
#include "plugin/tasks/task_service.h"

namespace callslip {
namespace {

using nlohmann::json;

const json* member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// A stream carries everything, in order.
class ConnectionOutlet final : public Outlet {
 public:
  explicit ConnectionOutlet(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  void send(std::string message) override { connection_->send(std::move(message)); }
  void reply(std::string message, int) override { connection_->send(std::move(message)); }
  void abandon() override {}

 private:
  const std::shared_ptr<Connection> connection_;
};

}  // namespace

McpServer::McpServer(const McpServices& services, WorkerPool& pool, WorkerPool& waiting,
                     Options options)
    : pool_(pool),
      waiting_(waiting),
      options_(options),
      lifecycle_(services.version),
      subscriptions_(services.changes),
      services_([&] {
        McpServices own = services;
        own.subscriptions = &subscriptions_;
        return own;
      }()) {
  std::vector<MethodGroup> groups = make_methods(services_);
  groups.push_back(lifecycle_.methods());
  for (MethodGroup& group : groups) {
    lifecycle_.add(group);
    for (const auto& [tool, schema] : group.tool_schemas) param_headers_.add(tool, schema);
    for (Method& method : group.methods) methods_[method.name].push_back(std::move(method));
  }
  const json& capabilities = lifecycle_.modern_capabilities();
  const auto lists = [&](const char* name) {
    const json* of = member(capabilities, name);
    return of != nullptr && of->value("listChanged", false);
  };
  subscriptions_.offer({lists("tools"), lists("prompts"), lists("resources"), {}});
  if (services_.tasks != nullptr) {
    services_.tasks->listen([this](const Task& task) { subscriptions_.task_changed(task); });
  }
}

McpServer::~McpServer() {
  if (services_.tasks != nullptr) services_.tasks->listen({});
}

McpServer::Entry McpServer::entry_of(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  Entry& entry = connections_[connection.get()];
  if (!entry.session) {
    entry.outlet = std::make_shared<ConnectionOutlet>(connection);
    entry.session = std::make_shared<McpSession>(connection->principal(), entry.outlet);
  }
  return entry;
}

void McpServer::on_open(const std::shared_ptr<Connection>& connection) { entry_of(connection); }

void McpServer::on_message(const std::shared_ptr<Connection>& connection, std::string message) {
  const Entry entry = entry_of(connection);
  handle(entry.session, parse_rpc(message), entry.outlet);
}

void McpServer::on_close(const std::shared_ptr<Connection>& connection) {
  SessionPtr session;
  {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(connection.get());
    if (found == connections_.end()) return;
    session = found->second.session;
    connections_.erase(found);
  }
  session->requests().close();
  if (connection->still_listens()) session->wait_until_idle();
  session->cancel_all();
}

void McpServer::handle(const SessionPtr& session, RpcMessage message,
                       const std::shared_ptr<Outlet>& outlet) {
  if (const auto* error = std::get_if<RpcError>(&message)) {
    outlet->refuse(rpc_error_reply(*error), error->code);
  } else if (auto* reply = std::get_if<RpcReply>(&message)) {
    session->requests().answered(std::move(*reply));
  } else if (auto* batch = std::get_if<RpcBatch>(&message)) {
    handle_batch(session, std::move(*batch), outlet);
  } else if (auto* request = std::get_if<RpcRequest>(&message)) {
    if (request->is_notification()) {
      notified(session, *request);
    } else {
      answer(session, std::move(*request), outlet);
    }
  }
}

void McpServer::handle_batch(const SessionPtr& session, RpcBatch batch,
                             const std::shared_ptr<Outlet>& outlet) {
  if (session->legacy_version() != mcp::kBatchVersion) {
    // Also where nothing in it wants an answer: nobody would learn that it was not read.
    outlet->refuse(rpc_error_reply({rpc_error::invalid_request,
                                    "batches are not supported; send one message each",
                                    {},
                                    {}}),
                   rpc_error::invalid_request);
    return;
  }
  std::vector<RpcMessage> messages;
  for (RpcItem& item : batch.items) {
    messages.push_back(std::visit(
        [](auto&& one) { return RpcMessage(std::forward<decltype(one)>(one)); }, std::move(item)));
  }
  const auto answers = static_cast<std::size_t>(std::count_if(
      messages.begin(), messages.end(), [](const auto& one) { return wants_answer(one); }));
  const auto gathered = BatchOutlet::make(outlet, answers);
  for (RpcMessage& message : messages) {
    handle(session, std::move(message), BatchOutlet::part(gathered));
  }
}

void McpServer::drain(std::chrono::milliseconds timeout) {
  subscriptions_.close();
  for (const auto& hook : drain_hooks_) hook();
  std::unique_lock lock(mutex_);
  if (idle_.wait_for(lock, timeout, [this] { return in_flight_ == 0; })) return;
  std::vector<SessionPtr> busy;
  for (auto& [key, entry] : busy_) {
    if (SessionPtr session = entry.first.lock()) busy.push_back(std::move(session));
  }
  lock.unlock();
  for (const SessionPtr& session : busy) session->cancel_all();
  lock.lock();
  idle_.wait_for(lock, timeout, [this] { return in_flight_ == 0; });
}

void McpServer::notified(const SessionPtr& session, const RpcRequest& request) {
  if (request.method == "notifications/cancelled") {
    if (const json* id = member(request.params, "requestId")) session->cancel(*id);
  } else if (request.method == "notifications/initialized") {
    subscriptions_.join(session);
  }  // the others ask for nothing
}

const Method* McpServer::find(const std::string& name, bool modern) const {
  const auto found = methods_.find(name);
  if (found == methods_.end()) return nullptr;
  const auto unwanted = modern ? Method::Era::legacy : Method::Era::modern;
  for (const Method& method : found->second) {
    if (method.era != unwanted) return &method;
  }
  return nullptr;
}

void McpServer::answer(const SessionPtr& session, RpcRequest request,
                       const std::shared_ptr<Outlet>& outlet) {
  const auto era = read_envelope(request);
  if (const auto* error = std::get_if<RpcError>(&era)) {
    outlet->refuse(rpc_error_reply(*error), error->code);
    return;
  }
  const bool modern = std::get<bool>(era);
  const auto owned = std::make_shared<const RpcRequest>(std::move(request));
  McpCall call{owned, modern, session, outlet, {}};
  const Method* method = find(owned->method, modern);
  if (method == nullptr) {
    const RpcError error{rpc_error::unknown_method,
                         "unknown method \"" + owned->method.substr(0, 80) + "\"",
                         {},
                         owned->id};
    outlet->refuse(rpc_error_reply(error), error.code);
    return;
  }
  const Method::Runs where = method->runs ? method->runs(call) : Method::Runs::at_once;
  if (where == Method::Runs::at_once) {
    finish(call, method->answer(call));
  } else {
    run(*method, where, std::move(call));
  }
}

void McpServer::run(const Method& method, Method::Runs where, McpCall call) {
  const SessionPtr& session = call.session;
  if (session->in_flight() >= options_.max_calls_per_connection) {
    finish(call, RpcError{rpc_error::internal,
                          "busy: " + std::to_string(options_.max_calls_per_connection) +
                              " calls of this connection are in flight; wait for one",
                          {},
                          {}});
    return;
  }
  auto stop = session->begin(call.request->id);
  if (!stop) {
    finish(call, RpcError{rpc_error::invalid_request, "a call with this id is in flight", {}, {}});
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
    auto& [weak, count] = busy_[session.get()];
    weak = session;
    ++count;
  }
  const auto done = [this, session] {
    {
      const std::lock_guard lock(mutex_);
      --in_flight_;
      const auto found = busy_.find(session.get());
      if (--found->second.second == 0) busy_.erase(found);
      idle_.notify_all();
    }
    session->end();
  };
  call.context.stop = *stop;  // its clock starts now, in the queue
  call.context.collections = session->principal().collections;
  call.context.may_write = session->principal().may_write;
  WorkerPool& pool = where == Method::Runs::waiting ? waiting_ : pool_;
  const bool taken = pool.submit([this, &method, call, done]() mutable {
    MethodAnswer answer = NoAnswer{};
    try {
      if (!call.context.cancelled()) answer = method.answer(call);
    } catch (const std::exception& e) {  // the one place where a bug is caught
      answer = RpcError{rpc_error::internal, method.name + ": internal error: " + e.what(), {}, {}};
    }
    if (!std::holds_alternative<Deferred>(answer)) {
      call.session->release(call.request->id);
      finish(call, std::move(answer));
    }
    done();
  });
  if (taken) return;
  session->release(call.request->id);
  done();
  finish(call, RpcError{rpc_error::internal, "busy: too many calls wait; try again", {}, {}});
}

void McpServer::finish(const McpCall& call, MethodAnswer answer) const {
  if (std::holds_alternative<NoAnswer>(answer)) {
    call.outlet->abandon();
  } else if (auto* error = std::get_if<RpcError>(&answer)) {
    error->id = call.request->id;
    call.outlet->reply(rpc_error_reply(*error), error->code);
  } else if (auto* result = std::get_if<json>(&answer)) {
    if (call.modern) {
      result->emplace("resultType", "complete");
      (*result)["_meta"][mcp::kServerInfoKey] = lifecycle_.server_info();
    }
    call.outlet->reply(rpc_result(call.request->id, *result), 0);
  }
}

}  // namespace callslip
