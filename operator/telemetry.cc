#include "operator/telemetry.h"

#include "controllers/link/gauges.h"
#include "controllers/link/sql_sight.h"
#include "controllers/replica/gauges.h"
#include "operator/version.h"

namespace milink::app {
namespace {

using runtime::Samples;

void AddLinks(runtime::Metrics& metrics, const TelemetrySources& sources) {
  metrics.AddGauges(link::LinkGauges(), [sources](std::vector<Samples>& samples) {
    for (const auto& link : sources.objects.links.List()) {
      const ObjectKey replica = link::ReplicaOf(*link);
      const auto sight = link::LookAtSql(sources.hub.Snapshot(replica),
                                         sources.objects.directory.FindReplica(replica));
      link::AddLinkSamples(link, sight.sql, sources.instances.Snapshot(link::InstanceOf(*link)),
                           samples);
    }
  });
}

void AddReplicas(runtime::Metrics& metrics, const TelemetrySources& sources) {
  metrics.AddGauges(replica::ReplicaGauges(), [sources](std::vector<Samples>& samples) {
    for (const auto& replica : sources.objects.replicas.List()) {
      replica::AddReplicaSamples(*replica, sources.hub.Snapshot(replica->meta.key).get(), samples);
    }
  });
}

void AddCaches(runtime::Metrics& metrics, const TelemetrySources& sources) {
  metrics.AddGauges({{"milink_objects", "Objects in the cache"},
                     {"milink_objects_undecodable", "Objects that this version cannot read"}},
                    [&objects = sources.objects](std::vector<Samples>& samples) {
                      const auto add = [&](const char* kind, const auto& informer) {
                        samples[0].Add({{"kind", kind}}, static_cast<double>(informer.size()));
                        samples[1].Add({{"kind", kind}},
                                       static_cast<double>(informer.undecodable()));
                      };
                      add(api::kReplicaKind, objects.replicas);
                      add(api::kLinkKind, objects.links);
                    });
}

void AddWatches(runtime::Metrics& metrics, const TelemetrySources& sources) {
  enum Family : std::size_t { kAge, kConnected, kFailures, kSkipped };
  metrics.AddGauges(
      {{"milink_watch_last_byte_age_seconds",
        "Time since the watch of a resource last heard its server"},
       {"milink_watch_connected", "Whether the watch of a resource is open (1) or not (0)"},
       {"milink_watch_failures", "Failures of the watch of a resource in a row"},
       {"milink_watch_skipped_objects",
        "Events and objects passed over since the start because they made no sense"}},
      [watches = sources.watches, &clock = sources.clock](std::vector<Samples>& samples) {
        for (const auto& watch : watches()) {
          const auto add = [&](Family family, double value) {
            samples[family].Add(
                {{"resource", watch.spec.type.plural}, {"namespace", watch.spec.namespace_name}},
                value);
          };
          const std::chrono::duration<double> age = clock.Monotonic() - watch.last_byte;
          add(kAge, age.count());
          add(kConnected, watch.watching ? 1 : 0);
          add(kFailures, watch.failures);
          add(kSkipped, static_cast<double>(watch.skipped));
        }
      });
}

void AddEvents(runtime::Metrics& metrics, const TelemetrySources& sources) {
  metrics.AddCounterOf("milink_events_written_total", "Event objects made or brought up to date",
                       {}, [events = sources.events] { return events().written; });
  const auto dropped = [&](const char* cause, std::uint64_t kube::EventCounts::* count) {
    metrics.AddCounterOf("milink_events_dropped_total", "Events that were not written, by cause",
                         {{"cause", cause}},
                         [events = sources.events, count] { return events().*count; });
  };
  dropped("queue_full", &kube::EventCounts::overflowed);
  dropped("too_many_about_object", &kube::EventCounts::limited);
  dropped("refused", &kube::EventCounts::refused);
}

}  // namespace

void AddTelemetry(runtime::Metrics& metrics, const TelemetrySources& sources) {
  metrics.AddGauge("milink_build_info", "One, with the version", {{"version", kProgramVersion}})
      .Set(1);
  AddReplicas(metrics, sources);
  AddLinks(metrics, sources);
  AddCaches(metrics, sources);
  AddWatches(metrics, sources);
  AddEvents(metrics, sources);
}

}  // namespace milink::app
