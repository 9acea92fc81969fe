#include "plugin/commands/local_serving.h"

#include <iostream>
#include <thread>
#include <utility>

#include "plugin/commands/commands.h"
#include "plugin/commands/serving_profile.h"
#include "plugin/transports/local_endpoint.h"
#include "plugin/transports/local_socket_transport.h"
#include "plugin/transports/stdio_bridge.h"

namespace callslip {
namespace {

/// A server greets at once; one that hangs, or has too many connections, does not.
constexpr std::chrono::milliseconds kGreetingTime{2000};

void say(const std::string& line) { std::cerr << "callslip: " + line + "\n"; }

std::string join(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

}  // namespace

std::optional<int> serve_through_running_server(const Settings& settings,
                                                const std::string& index_directory,
                                                const std::stop_token& stop) {
  auto socket = connect_to_local_endpoint(local_endpoint_folders(index_directory));
  if (!socket) {
    if (socket.error().kind != ErrorKind::not_found) {
      say("the server of this index cannot be reached (" + socket.error().message +
          "); serving without it");
    }
    return std::nullopt;
  }
  const auto line = read_one_line(socket->get(), kGreetingTime);
  const auto server = line ? ServingProfile::from_greeting(*line) : std::nullopt;
  if (!server) {
    say("the server of this index does not answer; serving without it");
    return std::nullopt;
  }
  const std::string who = "the server of this index (process " + std::to_string(server->pid) + ")";
  const auto differences = ServingProfile::of(settings).differences_from(*server);
  if (!differences.empty()) {
    say(who + " was started with something else for " + join(differences) + "; serving without it");
    return std::nullopt;
  }
  auto streams = OwnStreams::take_over();
  if (!streams) return fail(streams.error());
  say("attached to " + who);
  StdioBridge bridge(std::move(*streams), std::move(*socket));
  if (const Status passed = bridge.run(stop); !passed) return fail(passed.error());
  return 0;
}

struct LocalServing::Service {
  std::unique_ptr<LocalSocketTransport> transport;
  std::jthread thread;
};

LocalServing::LocalServing(const Settings& settings, const std::string& index_directory,
                           ConnectionHandler& handler) {
  LocalSocketOptions options;
  options.folders = local_endpoint_folders(index_directory);
  options.greeting = ServingProfile::of(settings).greeting();
  options.max_message_bytes = settings.max_message_bytes;
  auto transport = LocalSocketTransport::open(std::move(options));
  if (!transport) {
    say("serve --stdio cannot attach to this server: " + transport.error().message);
    return;
  }
  service_ = std::make_unique<Service>();
  service_->transport = std::move(*transport);
  service_->thread = std::jthread([&served = *service_->transport, &handler] {
    if (const Status status = served.run(handler); !status) {
      say("serve --stdio cannot attach to this server: " + status.error().message);
    }
  });
}

LocalServing::~LocalServing() {
  if (service_) service_->transport->stop();
}

}  // namespace callslip
