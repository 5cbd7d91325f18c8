#include "core/runtime/health_server.h"

#include <charconv>
#include <thread>
#include <utility>
#include <vector>

#include <httplib.h>

namespace milink::runtime {
namespace {

// A probe, a scraper and a person at the same time; more would only cost memory.
constexpr std::size_t kThreads = 3;
constexpr int kIdleSeconds = 2;
constexpr const char* kPlainText = "text/plain; charset=utf-8";

struct NamedCheck {
  std::string name;
  HealthServer::Check check;
};

struct Report {
  bool healthy = true;
  std::string text;  // one line per check
};

Report RunChecks(const std::string& endpoint, const std::vector<NamedCheck>& checks,
                 const Logger& log) {
  Report report;
  for (const auto& [name, check] : checks) {
    const Status status = check();
    if (status.ok()) {
      report.text += "[+]" + name + " ok\n";
      continue;
    }
    report.healthy = false;
    report.text += "[-]" + name + " failed: reason withheld\n";
    log.Warning("Failed a health check", {{"endpoint", endpoint},
                                          {"check", name},
                                          {"reason", status.error().reason},
                                          {"error", status.error().message}});
  }
  report.text += endpoint + (report.healthy ? " check passed\n" : " check failed\n");
  return report;
}

void Answer(const httplib::Request& request, httplib::Response& response, const Report& report) {
  response.status = report.healthy ? 200 : 500;
  const bool verbose = request.has_param("verbose") || !report.healthy;
  response.set_content(verbose ? report.text : "ok", kPlainText);
}

void Configure(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // owned by the server
  // One request per connection: an idle one would hold a thread, and delay Stop.
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(kIdleSeconds);
  server.set_read_timeout(kIdleSeconds);
  server.set_write_timeout(kIdleSeconds);
  server.set_payload_max_length(1024);
  // The default is SO_REUSEPORT, with which two processes share a port without noticing.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    const int no = 0;  // "::" takes IPv4 as well, whatever the node's default; fails on IPv4
    setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
  });
}

// The bound port; negative: none.
int Bind(httplib::Server& server, const std::string& host, int port) {
  if (port == 0) {
    return server.bind_to_any_port(host);
  }
  return server.bind_to_port(host, port) ? port : -1;
}

// The kubelet probes the pod's first address, of whatever family. A node may have no IPv6.
int BindAll(httplib::Server& server, int port) {
  const int bound = Bind(server, "::", port);
  return bound >= 0 ? bound : Bind(server, "0.0.0.0", port);
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const Error malformed{ErrorKind::kInvalid, "InvalidAddress",
                        "'" + std::string(text) + "' is not of the form host:port or :port", ""};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return malformed;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of("[]:") != std::string_view::npos) {
    return malformed;
  }
  int port = -1;
  const auto [end, problem] = std::from_chars(digits.begin(), digits.end(), port);
  if (problem != std::errc() || end != digits.end() || port < 0 || port > 65535) {
    return malformed;
  }
  return ListenAddress{std::string(host), port};
}

struct HealthServer::State {
  explicit State(Logger logger) : log(std::move(logger)) { Configure(server); }

  Logger log;
  httplib::Server server;
  std::vector<NamedCheck> live;
  std::vector<NamedCheck> ready;
  std::function<std::string()> metrics;
  std::string metrics_type;
  std::jthread thread;
};

HealthServer::HealthServer(Logger log) : state_(std::make_unique<State>(std::move(log))) {}

HealthServer::~HealthServer() { Stop(); }

void HealthServer::AddLiveCheck(const std::string& name, Check check) {
  state_->live.push_back({name, std::move(check)});
}

void HealthServer::AddReadyCheck(const std::string& name, Check check) {
  state_->ready.push_back({name, std::move(check)});
}

void HealthServer::ServeMetrics(std::function<std::string()> text,
                                const std::string& content_type) {
  state_->metrics = std::move(text);
  state_->metrics_type = content_type;
}

Result<int> HealthServer::Start(const ListenAddress& address) {
  State& state = *state_;
  const auto serve = [&state](const char* path, const std::string& name,
                              const std::vector<NamedCheck>& checks) {
    state.server.Get(path, [&state, name, &checks](const httplib::Request& request,
                                                   httplib::Response& response) {
      Answer(request, response, RunChecks(name, checks, state.log));
    });
  };
  serve("/healthz", "healthz", state.live);
  serve("/readyz", "readyz", state.ready);
  if (state.metrics) {
    state.server.Get("/metrics", [&state](const httplib::Request&, httplib::Response& response) {
      response.set_content(state.metrics(), state.metrics_type);
    });
  }

  const int port = address.host.empty() ? BindAll(state.server, address.port)
                                        : Bind(state.server, address.host, address.port);
  if (port < 0) {
    return Error{ErrorKind::kInvalid, "AddressInUse",
                 "cannot listen on " + address.host + ":" + std::to_string(address.port) +
                     "; is the address ours and the port free?",
                 ""};
  }
  state.thread = std::jthread([&state] { state.server.listen_after_bind(); });
  // The socket accepts since bind; this is for Stop, which a server that is not yet running
  // ignores.
  while (!state.server.is_running()) {
    std::this_thread::yield();
  }
  state.log.Info("Started the health server", {{"host", address.host}, {"port", port}});
  return port;
}

void HealthServer::Stop() {
  if (!state_->thread.joinable()) {
    return;
  }
  state_->server.stop();
  state_->thread.join();
}

}  // namespace milink::runtime
