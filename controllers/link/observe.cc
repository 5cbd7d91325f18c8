#include "controllers/link/observe.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "controllers/link/act.h"
#include "controllers/link/age.h"
#include "controllers/link/network_runs.h"
#include "controllers/link/operations.h"
#include "controllers/link/reasons.h"
#include "controllers/link/sql_sight.h"
#include "core/api/codec.h"
#include "core/base/json.h"

namespace milink::link {
namespace {

bool IsOlder(TimePoint read_at, const std::optional<Duration>& max_age, TimePoint now) {
  return max_age.has_value() && AgeAt(now, read_at) > *max_age;
}

// Failures are visible in the snapshot, or in its absence; nothing more is to be said of them here.
template <typename T>
void Ignore(const Result<T>& outcome) {
  static_cast<void>(outcome);
}

void RefreshSql(const LinkSystems& systems, const ObjectKey& replica, const Freshness& wanted) {
  const auto snapshot = systems.hub.Snapshot(replica);
  // An instance that cannot be reached is the replica controller's business.
  if (snapshot == nullptr || !IsOlder(snapshot->read_at, wanted.sql, systems.clock.Now())) return;
  Ignore(systems.hub.Refresh(replica,
                             wanted.sql_all ? sql::RefreshScope::kAll : sql::RefreshScope::kFast));
}

// May the link have what the operator is trusted with in Azure?
Status MayAsk(const LinkSystems& systems, const api::ManagedInstanceLink& link) {
  const azure::ManagedInstanceRef instance = InstanceOf(link);
  return azure::IsVouchedForByOperator(instance.identity)
             ? systems.limits.Check(link.meta.key.namespace_name, instance.Id().str())
             : OkStatus();
}

void RefreshInstance(const LinkSystems& systems, const api::ManagedInstanceLink& link,
                     const Freshness& wanted) {
  if (!MayAsk(systems, link).ok()) return;
  const azure::ManagedInstanceRef instance = InstanceOf(link);
  const auto snapshot = systems.instances.Snapshot(instance);
  if (snapshot == nullptr) {
    const bool never_read = !systems.instances.LastError(instance).has_value();
    if (never_read) Ignore(systems.instances.Refresh(instance, azure::RefreshScope::kAll));
    return;
  }
  const TimePoint now = systems.clock.Now();
  const bool parts = IsOlder(snapshot->slow_read_at, wanted.instance_parts, now);
  if (!parts && !IsOlder(snapshot->read_at + snapshot->read_took, wanted.instance, now)) return;
  Ignore(systems.instances.Refresh(
      instance, parts ? azure::RefreshScope::kAll : azure::RefreshScope::kLinks));
}

// Would the next question to Azure fare as badly, and as slowly?
bool IsOutOfReach(const Error& error) {
  return error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kThrottled;
}

// Asks for the operations that are due, until Azure cannot be reached: each would take as long to
// say so, and what is left is still due in the next pass. True: one of them ended.
bool PollOperations(const LinkSystems& systems, FactStore& store, const LinkPointer& link,
                    const ProcessFacts& facts, const std::stop_token& stop) {
  if (!MayAsk(systems, *link).ok()) return false;
  const ObjectKey replica = ReplicaOf(*link);
  bool certificates = false;
  bool any = false;
  for (const auto& [key, fact] : facts.operations) {
    const TimePoint now = systems.clock.Now();
    if (fact.finished.has_value() || fact.poll_at > now) continue;
    if (stop.stop_requested()) break;
    const auto answer = systems.api.PollOperation(InstanceOf(*link), fact.poll_url);
    const std::string& name = key;
    bool ended = false;
    store.Update(link->meta, replica, [&](ProcessFacts& changed) {
      const std::int64_t generation = link->meta.generation;
      if (answer.ok()) {
        NotePoll(changed, name, *answer, now, generation, systems.random);
      } else {
        NotePollFailure(changed, name, answer.error(), now, generation, systems.random);
      }
      ended = changed.operations.contains(name) && changed.operations.at(name).finished.has_value();
    });
    if (ended) {
      any = true;
      certificates = certificates || name.find("Certificate/") != std::string::npos;
    }
    if (!answer.ok() && IsOutOfReach(answer.error())) break;
  }
  if (any) {
    Ignore(systems.instances.Refresh(
        InstanceOf(*link), certificates ? azure::RefreshScope::kAll : azure::RefreshScope::kLinks));
  }
  return any;
}

void TakeBackups(const LinkSystems& systems, FactStore& store, const LinkPointer& link) {
  const ObjectKey replica = ReplicaOf(*link);
  bool ended = false;
  for (const auto& names : link->spec.databases) {
    const std::string id = BackupId(*link, names.name);
    const auto [running, outcome] = systems.hub.TakeLong(replica, id);
    ended = ended || outcome.has_value();
    store.Update(link->meta, replica, [&](ProcessFacts& facts) {
      if (running) {
        facts.backups_running.insert(names.name);
      } else {
        facts.backups_running.erase(names.name);
      }
      if (!outcome.has_value()) return;
      const Step step = BackupDatabase{names.name, ""};
      if (outcome->ok()) {
        NoteSuccess(facts, step, systems.clock.Now());
      } else {
        NoteFailure(facts, KeyOf(step), outcome->error(), systems.clock.Now(),
                    link->meta.generation, systems.random);
      }
    });
  }
  if (ended) Ignore(systems.hub.Refresh(replica, sql::RefreshScope::kAll));
}

// A replica that the cache does not show may be in another shard. Asked of the API server, since
// only then a message can tell the two apart; seldom, since such a link waits.
void LookForMissing(const LinkSystems& systems, Observation& seen) {
  static const kube::ResourceType kReplicas{api::kGroup, api::kVersion, api::kReplicaPlural,
                                            api::kReplicaKind};
  const auto object = systems.objects.Get(kReplicas, ReplicaOf(*seen.link));
  if (!object.ok()) {
    if (object.error().kind != ErrorKind::kNotFound) seen.replica_error = object.error();
    return;
  }
  const nlohmann::json& labels = JsonChild(JsonChild(*object, "metadata"), "labels");
  const std::string shard = JsonText(labels, api::kShardLabel);
  if (shard != systems.shard) {
    seen.replica_shard = shard;
  } else {
    seen.replica_error = Error{ErrorKind::kTransient, reason::kReplicaNotReady,
                               "it was created a moment ago, or cannot be read", ""};
  }
}

void LookAtInstance(const LinkSystems& systems, Observation& seen) {
  const azure::ManagedInstanceRef instance = InstanceOf(*seen.link);
  if (const auto cloud = systems.clouds.Find(instance.cloud); cloud.ok()) {
    seen.dns_pattern = cloud->instance_dns_pattern;
  }
  if (const Status allowed = MayAsk(systems, *seen.link); !allowed.ok()) {
    seen.instance_error = allowed.error();
    return;
  }
  seen.instance = systems.instances.Snapshot(instance);
  if (seen.instance == nullptr) seen.instance_error = systems.instances.LastError(instance);
}

// Has it uploaded a certificate that is not its replica's now?
bool MayRemoveUploads(const Observation& seen) {
  if (seen.replica == nullptr || !seen.replica->status.certificate) return false;
  const std::string& current = seen.replica->status.certificate->current.thumbprint;
  return std::ranges::any_of(seen.link->status.owned_objects, [&](const auto& entry) {
    return entry.kind == "TrustCertificate" && entry.identity != current;
  });
}

std::set<std::string> UsedElsewhere(const LinkSystems& systems, const Observation& seen) {
  std::set<std::string> thumbprints;
  const ObjectKey own = ReplicaOf(*seen.link);
  for (const auto& other : seen.others) {
    const bool same_instance = InstanceOf(*other).Id() == InstanceOf(*seen.link).Id();
    if (!same_instance || ReplicaOf(*other) == own) continue;
    const auto replica = systems.directory.FindReplica(ReplicaOf(*other));
    if (replica == nullptr || !replica->status.certificate) continue;
    thumbprints.insert(replica->status.certificate->current.thumbprint);
    if (replica->status.certificate->next) {
      thumbprints.insert(replica->status.certificate->next->thumbprint);
    }
  }
  return thumbprints;
}

Observation Gather(const LinkSystems& systems, FactStore& store, const LinkPointer& link) {
  Observation seen;
  seen.link = link;
  seen.replica = systems.directory.FindReplica(ReplicaOf(*link));
  if (seen.replica == nullptr) LookForMissing(systems, seen);
  store.Meet(ReplicaOf(*link), seen.replica.get());
  SqlSight sight = LookAtSql(systems.hub.Snapshot(ReplicaOf(*link)), seen.replica);
  seen.sql = std::move(sight.sql);
  seen.sql_error = std::move(sight.error);
  LookAtInstance(systems, seen);
  seen.others = systems.directory.Sharing(*link);
  seen.undecodable = systems.directory.Undecodable(link->meta.key.namespace_name);
  if (MayRemoveUploads(seen)) seen.used_elsewhere = UsedElsewhere(systems, seen);
  seen.roots = systems.roots();
  seen.network = systems.network->Get(NetworkPairOf(*link));
  seen.now = systems.clock.Now();
  seen.facts = store.Get(link->meta, ReplicaOf(*link));
  return seen;
}

bool UsesBackups(const api::ManagedInstanceLink& link) {
  return link.spec.preparation.make_initial_backup;
}

}  // namespace

Result<LinkPointer> ReadLive(const LinkSystems& systems, const ObjectKey& key) {
  const auto object = systems.objects.Get(LinkType(), key);
  if (!object.ok()) {
    if (object.error().kind == ErrorKind::kNotFound) return LinkPointer();
    return object.error();
  }
  auto link = api::DecodeLink(*object);
  if (!link.ok()) return link.error();
  return std::make_shared<const api::ManagedInstanceLink>(*std::move(link));
}

std::string BackupId(const api::ManagedInstanceLink& link, const DatabaseName& database) {
  return "backup/" + link.meta.uid + "/" + database.str();
}

Observation Observe(const LinkSystems& systems, FactStore& facts, const LinkPointer& link,
                    const Freshness& wanted, const std::stop_token& stop) {
  RefreshSql(systems, ReplicaOf(*link), wanted);
  RefreshInstance(systems, *link, wanted);
  if (UsesBackups(*link)) TakeBackups(systems, facts, link);
  FollowNetworkTest(systems, *link);
  Observation seen = Gather(systems, facts, link);
  Refresh(seen.facts, seen);
  facts.Update(link->meta, ReplicaOf(*link), [&](ProcessFacts& stored) {
    stored.failures = seen.facts.failures;
    stored.operations = seen.facts.operations;
    stored.disconnected_since = seen.facts.disconnected_since;
    stored.tde_uploads = seen.facts.tde_uploads;
  });
  if (!PollOperations(systems, facts, link, seen.facts, stop)) {
    seen.facts = facts.Get(link->meta, ReplicaOf(*link));
    return seen;
  }
  return Gather(systems, facts, link);
}

}  // namespace milink::link
