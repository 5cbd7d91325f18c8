#include "operator/app.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "controllers/link/controller.h"
#include "controllers/link/instance_poll.h"
#include "controllers/replica/controller.h"
#include "core/azure/instance_cache.h"
#include "core/azure/managed_instance_router.h"
#include "core/base/fence.h"
#include "core/base/random.h"
#include "core/kube/client.h"
#include "core/kube/events.h"
#include "core/kube/fenced_sender.h"
#include "core/kube/http_transport.h"
#include "core/kube/kubeconfig.h"
#include "core/kube/watch_driver.h"
#include "core/runtime/controller.h"
#include "core/runtime/engine_metrics.h"
#include "core/runtime/health_server.h"
#include "core/runtime/metrics.h"
#include "core/sql/odbc_connector.h"
#include "core/sql/sql_instance_hub.h"
#include "operator/azure_identity.h"
#include "operator/decodable_only.h"
#include "operator/election.h"
#include "operator/first_read.h"
#include "operator/health_checks.h"
#include "operator/objects.h"
#include "operator/replica_cache.h"
#include "operator/request_counter.h"
#include "operator/scope.h"
#include "operator/stop_limit.h"
#include "operator/telemetry.h"
#include "operator/trusted_roots.h"
#include "operator/version.h"

namespace milink::app {
namespace {

constexpr std::size_t kAzureConnections = 8;
// After the grace: what still runs is cancelled, and gets this long to end. Together with the
// default grace that is less than the 30 s after which Kubernetes kills a pod.
constexpr Duration kCancelLimit = std::chrono::seconds(3);
constexpr Duration kLastEvents = std::chrono::seconds(1);
constexpr Duration kReleaseLimit = std::chrono::seconds(3);
constexpr Duration kStopLimit = std::chrono::seconds(8);

std::string UserAgent() { return std::string("milink-operator/") + kProgramVersion; }

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "milink-operator";
}

std::optional<std::string> Variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before threads
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

// To the same API server. Each has its own credentials, so that whatever the others wait for, a
// plugin above all, holds up no renewal.
struct Dialers {
  std::shared_ptr<kube::Dialer> common;
  std::shared_ptr<kube::Dialer> lease;
};

Result<Dialers> MakeDialers(kube::ClusterAccess access, const Clock& clock, const Logger& log) {
  auto common = kube::Dialer::Make(access, UserAgent(), clock, log);
  if (!common) {
    return std::move(common).error();
  }
  access.notes.clear();  // they are told by now
  auto lease = kube::Dialer::Make(access, UserAgent(), clock, log);
  if (!lease) {
    return std::move(lease).error();
  }
  return Dialers{std::move(*common), std::move(*lease)};
}

// Null: this process works alone.
std::function<Status()> WatchdogOf(Election* election) {
  if (election == nullptr) {
    return nullptr;
  }
  return [election] { return election->elector().Watchdog(); };
}

}  // namespace

// In the order of making; the reverse is the order of going away.
struct App::Parts {
  Options options;
  Logger log;
  const Clock& clock;
  Leave leave;
  std::optional<StopLimit> stop_limit;  // outlives what it is to see the end of
  std::unique_ptr<Random> random = MakeSystemRandom();
  runtime::Metrics metrics;

  const Dialers dialers;
  RequestCounter requests{metrics, dialers.common->host()};
  std::unique_ptr<Election> election;  // null: this process works alone
  OpenFence open_fence;
  const Fence& fence;
  // Of the events, which go on when reconciles have been cut off.
  kube::HttpTransport event_transport;
  kube::FencedSender fenced_event_transport{event_transport, fence};
  kube::Client event_client{fenced_event_transport};
  kube::ApiEventRecorder events{event_client,          clock,      *random,
                                "milink.dev/operator", HostName(), log};
  kube::HttpTransport transport;
  kube::FencedSender fenced_transport{transport, fence};
  kube::Client client{fenced_transport};

  std::unique_ptr<azure::HttpClient> http;
  const azure::RouterSettings azure_settings;
  const std::unique_ptr<TrustedRoots> roots;
  azure::ManagedInstanceRouter api;
  azure::InstanceCache instances{api, clock};

  std::unique_ptr<sql::OdbcConnector> connector;
  sql::SqlInstanceHub hub;

  runtime::QueueMetrics replica_queue_metrics{metrics, "sqlserverreplica"};
  runtime::QueueMetrics link_queue_metrics{metrics, "managedinstancelink"};
  runtime::QueueMetrics instance_queue_metrics{metrics, "managedinstance"};
  runtime::WorkQueue replica_queue{clock, *random, &replica_queue_metrics};
  runtime::WorkQueue link_queue{clock, *random, &link_queue_metrics};
  runtime::WorkQueue instance_queue{clock, *random, &instance_queue_metrics};
  Objects objects{{replica_queue, link_queue, instance_queue}, options.scope.namespaces, log};

  replica::ReplicaController replica_reconciler;
  link::LinkController link_reconciler;
  link::InstancePoll instance_reconciler;
  DecodableOnly decodable_replicas{
      replica_reconciler,
      kReplicas,
      [this](const ObjectKey& key) { return objects.replicas.WhyUndecodable(key); },
      client,
      events,
      clock};
  DecodableOnly decodable_links{link_reconciler,
                                kLinks,
                                [this](const ObjectKey& key) { return objects.links.WhyUndecodable(key); },
                                client,
                                events,
                                clock};
  runtime::Controller replica_controller;
  runtime::Controller link_controller;
  runtime::Controller instance_controller;

  kube::WatchDriver watches{dialers.common, clock, *random, log};
  runtime::HealthServer health{log};

  Parts(Options chosen, const Clock& time, Logger logger, Leave leave_at_once, Dialers dial,
        std::unique_ptr<sql::OdbcConnector> odbc, std::unique_ptr<TrustedRoots> trusted_roots)
      : options(std::move(chosen)),
        log(std::move(logger)),
        clock(time),
        leave(std::move(leave_at_once)),
        dialers(std::move(dial)),
        election(options.election.enabled
                     ? std::make_unique<Election>(
                           options, HostName(), dialers.lease, clock, *random, log, metrics,
                           [this](const Error& /*why*/) { leave(ExitCode::kLostLeadership); })
                     : nullptr),
        fence(election ? election->elector().fence() : static_cast<const Fence&>(open_fence)),
        event_transport(dialers.common, clock, log, {.max_connections = 1, .max_idle = 1}),
        transport(dialers.common, clock, log),
        http(azure::MakeHttpClient(options.azure.ca_file, kAzureConnections, clock)),
        azure_settings(AzureSettings(options.azure, Variable, UserAgent(), log)),
        roots(std::move(trusted_roots)),
        api(azure_settings, {*http, [this](const ObjectKey& key) { return client.GetSecret(key); },
                             clock, *random, log, fence}),
        connector(std::move(odbc)),
        hub(*connector, clock, {.fence = &fence}),
        replica_reconciler(ReplicaCacheOf(objects, *roots), client, events, hub, clock, *random),
        link_reconciler(LinkSystemsOf()),
        instance_reconciler(instances, objects.directory, clock, {options.instance_interval},
                            azure::IdentityLimits(options.azure.identity_limits)),
        replica_controller({"sqlserverreplica", api::kReplicaKind, options.replica_workers},
                           replica_queue, decodable_replicas, log, {metrics, "sqlserverreplica"},
                           clock, *random),
        link_controller({"managedinstancelink", api::kLinkKind, options.link_workers}, link_queue,
                        decodable_links, log, {metrics, "managedinstancelink"}, clock, *random),
        instance_controller({"managedinstance", "ManagedInstance", options.link_workers / 4 + 1},
                            instance_queue, instance_reconciler, log, {metrics, "managedinstance"},
                            clock, *random) {
    dialers.common->Observe(requests);
    dialers.lease->Observe(requests);
    replica_queue_metrics.Watch(metrics, replica_queue);
    link_queue_metrics.Watch(metrics, link_queue);
    instance_queue_metrics.Watch(metrics, instance_queue);
    roots->OnChange([this] { objects.WakeAllLinks(); });
    hub.Subscribe([this](const ObjectKey& replica) { objects.WakeLinksOfReplica(replica); });
    instances.Subscribe([this](const azure::ManagedInstanceRef& instance) {
      objects.WakeLinksOfInstance(instance);
    });
    Watch(kReplicas, objects.replicas);
    Watch(kLinks, objects.links);
    AddTelemetry(metrics, {.objects = objects,
                           .hub = hub,
                           .instances = instances,
                           .events = [this] { return events.Counts(); },
                           .watches = [this] { return watches.Health(); },
                           .clock = clock});
    AddHealthChecks(health, {.objects = objects,
                             .watches = [this] { return watches.Health(); },
                             .watch_loop = [this] { return watches.CheckLoop(); },
                             .leadership = WatchdogOf(election.get()),
                             .clock = clock});
    health.ServeMetrics([this] { return metrics.Serialize(); }, runtime::Metrics::kContentType);
  }

  template <typename T>
  void Watch(const kube::ResourceType& type, kube::InformerSet<T>& informers) {
    for (const auto& [namespace_name, informer] : informers.parts()) {
      watches.Add({type, namespace_name, LabelSelectorOf(options.scope), ""}, *informer);
    }
  }

  link::LinkSystems LinkSystemsOf() {
    return {.directory = objects.directory,
            .objects = client,
            .events = events,
            .hub = hub,
            .api = api,
            .instances = instances,
            .clock = clock,
            .random = *random,
            .roots = [this] { return roots->Now(); },
            .clouds = azure_settings.clouds,
            .limits = azure::IdentityLimits(options.azure.identity_limits),
            .shard = options.scope.shard};
  }

  // Caches are kept warm meanwhile: who takes over begins at once.
  bool Lead(const std::stop_token& stop) const {
    log.Info("Caches are complete",
             {{"replicas", objects.replicas.size()}, {"links", objects.links.size()}});
    if (!election) {
      return true;
    }
    election->elector().Start();
    return election->elector().WaitUntilLeading(stop);
  }

  void StartControllers() {
    replica_controller.Start();
    instance_controller.Start();
    link_controller.Start();
  }

  // In this order: no new work, running work ends or is cancelled, its last events, which only a
  // leader may send, the Lease. Whatever is still under way is of no use then.
  void Stop() {
    log.Info("Stopping");
    stop_limit.emplace(options.shutdown_grace + kStopLimit, [this] {
      log.Error("Work did not end in time, leaving at once");
      leave(ExitCode::kNotDrained);
    });
    if (!Drain()) {
      log.Error("Work did not end although it was cancelled, leaving at once");
      leave(ExitCode::kNotDrained);  // and the Lease ends by itself
    }
    if (!events.Stop(kLastEvents)) {
      log.Warning("The last events were not sent in time");
    }
    if (election && !election->elector().Release(kReleaseLimit)) {
      log.Warning("The Lease was not given back; the next leader waits until it ends");
    }
    event_transport.Shutdown();
    watches.Stop();
    health.Stop();
  }

  // True: nothing runs any more.
  bool Drain() {
    const auto end = clock.Monotonic() + options.shutdown_grace;
    const auto left = [&] {
      return std::max(std::chrono::duration_cast<Duration>(end - clock.Monotonic()),
                      Duration::zero());
    };
    for (auto* queue : {&link_queue, &instance_queue, &replica_queue}) {
      queue->Abort();
    }
    for (auto* controller : {&link_controller, &instance_controller, &replica_controller}) {
      controller->Stop(left());
    }
    // Whatever a worker still waits for; the hub last, since it waits for the end of its
    // statements.
    transport.Shutdown();
    http->Shutdown();
    hub.Shutdown();  // long statements ask the caches whether they may start
    bool idle = true;
    for (auto* queue : {&link_queue, &instance_queue, &replica_queue}) {
      idle = queue->WaitIdle(kCancelLimit) && idle;
    }
    return idle;
  }
};

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::Make(const Options& options, const Clock& clock,
                                       const Logger& log, Leave leave) {
  auto access =
      kube::LoadClusterAccess({options.kubeconfig, options.context}, kube::ProcessEnvironment());
  if (!access) {
    return std::move(access).error();
  }
  auto dialers = MakeDialers(*std::move(access), clock, log);
  if (!dialers) {
    return std::move(dialers).error();
  }
  auto driver = sql::FindOdbcDriver(options.odbc_driver);
  if (!driver) {
    return std::move(driver).error();
  }
  log.Info("Connecting to SQL Servers by ODBC",
           {{"driver", std::string(driver->profile->name())}, {"library", driver->library}});
  auto connector = sql::OdbcConnector::Make(*std::move(driver));
  if (!connector) {
    return std::move(connector).error();
  }
  auto roots = TrustedRoots::Make(options.azure.root_authorities_file, clock, log);
  if (!roots) {
    return std::move(roots).error();
  }
  return std::unique_ptr<App>(
      new App(std::make_unique<Parts>(options, clock, log, std::move(leave), std::move(*dialers),
                                      std::move(*connector), std::move(*roots))));
}

Status App::Run(const runtime::ShutdownSignals& signals) {
  Parts& parts = *parts_;
  const std::stop_token stop = signals.Token();
  parts.health.AddReadyCheck("shutdown", [stop]() -> Status {
    return stop.stop_requested() ? Status(Error{ErrorKind::kTransient, "Stopping",
                                                "the process was told to stop", ""})
                                 : OkStatus();
  });
  auto address = runtime::ParseListenAddress(parts.options.health_address);
  if (!address) {
    return std::move(address).error();
  }
  auto port = parts.health.Start(*address);
  if (!port) {
    return std::move(port).error();
  }
  parts.log.Info("Serving health and metrics", {{"port", *port}});
  parts.watches.Start();
  Status status = AwaitFirstRead(
      parts.objects, [&parts] { return parts.watches.Health(); }, parts.clock,
      parts.options.sync_timeout, stop);
  // A stop that comes while standing by must not begin anything.
  if (status && !stop.stop_requested() && parts.Lead(stop)) {
    parts.StartControllers();
    signals.Wait();
  }
  parts.Stop();
  return status;
}

}  // namespace milink::app
