#include "controllers/replica/observe.h"

#include <algorithm>
#include <utility>

#include "controllers/replica/plan/removal.h"
#include "controllers/replica/plan/renewal.h"
#include "controllers/replica/reasons.h"
#include "controllers/replica/same_instance.h"
#include "core/api/error_reasons.h"
#include "core/sql/errors.h"

namespace milink::replica {
namespace {

constexpr auto kSlowPartsAfter = std::chrono::minutes(10);

using SnapshotPointer = std::shared_ptr<const sql::InstanceSnapshot>;

// Nine tenths, so that a reconcile that comes a little early does not read half an interval late.
bool Due(const sql::InstanceSnapshot* snapshot, Duration interval, TimePoint now) {
  return snapshot == nullptr || now - snapshot->read_at >= interval * 9 / 10 ||
         snapshot->read_at > now;
}

// Another reads it in this moment, or it was to be reached otherwise: no news of the instance.
bool SaysNothing(const Error& error) {
  return error.reason == reason::kLaneBusy || error.reason == reason::kTargetChanged;
}

Result<SnapshotPointer> Refresh(const Sources& sources, const api::SqlServerReplica& replica,
                                sql::RefreshScope scope) {
  auto fresh = sources.hub.Refresh(replica.meta.key, scope);
  if (fresh || !sql::IsLoginRefusal(fresh.error())) {
    return fresh;
  }
  // The password may have been changed a moment ago, in both places. Where the Secret has the same
  // one still, the hub holds the login back.
  auto newer = sources.targets.ReadNow(replica);
  if (!newer) {
    return fresh;
  }
  sources.hub.SetTarget(replica.meta.key, std::move(newer->target));
  return sources.hub.Refresh(replica.meta.key, scope);
}

Result<SnapshotPointer> ReadInstance(const Sources& sources, const api::SqlServerReplica& replica,
                                     Facts& facts, Look& look) {
  auto reading = sources.targets.Read(replica);
  if (!reading) {
    // Without it the instance is unknown to its links, too; what runs on it, a backup for hours,
    // needs it no more.
    sources.hub.ForgetTarget(replica.meta.key);
    return std::move(reading).error();
  }
  look.observed.login_error = std::move(reading->refusal);
  sources.hub.SetTarget(replica.meta.key, std::move(reading->target));
  auto snapshot = sources.hub.Snapshot(replica.meta.key);
  const TimePoint now = sources.clock.Now();
  // What is removed is decided by what is there now.
  const bool removing = replica.meta.deletion_time && RemovesOwned(replica);
  const Duration interval = removing ? Duration::zero() : replica.spec.observe_interval;
  // Where the clock was set back, the step was made at some time before now.
  facts.acted_at = std::min(facts.acted_at, now);
  const bool outdated = snapshot != nullptr && snapshot->read_at < facts.acted_at;
  if (!reading->changed && !outdated && !Due(snapshot.get(), interval, now)) {
    return snapshot;
  }
  const bool slow = snapshot == nullptr || now - snapshot->slow_read_at >= kSlowPartsAfter;
  auto fresh = Refresh(sources, replica, slow ? sql::RefreshScope::kAll : sql::RefreshScope::kFast);
  if (fresh || !SaysNothing(fresh.error())) {
    return fresh;
  }
  look.postponed = true;
  if (reading->changed) {
    facts.acted_at = now;  // what was read with the login before is no news
  }
  return removing || outdated || snapshot == nullptr ? fresh : snapshot;
}

// May the password be read that a master key which cannot be used needs?
std::optional<Error> MasterKeyError(const Sources& sources, const api::SqlServerReplica& replica,
                                    const sql::InstanceSnapshot& snapshot) {
  const bool usable = snapshot.master_key.exists && snapshot.master_key.encrypted_by_service_key;
  if (usable || !replica.spec.master_key_password) {
    return std::nullopt;
  }
  auto password = sources.targets.MasterKeyPassword(replica);
  return password ? std::nullopt : std::optional(std::move(password).error());
}

void LookAtInstance(const Sources& sources, Facts& facts, Look& look) {
  Observation& observed = look.observed;
  const auto& replica = *observed.replica;
  auto snapshot = ReadInstance(sources, replica, facts, look);
  if (!snapshot) {
    observed.sql_error = std::move(snapshot).error();
    return;
  }
  observed.sql = std::move(*snapshot);
  observed.same_instance = SameInstance(sources.cache.list(), replica, observed.sql->properties);
  observed.master_key_error = MasterKeyError(sources, replica, *observed.sql);
}

std::vector<LinkTrust> TrustOf(const std::vector<LinkPointer>& links) {
  std::vector<LinkTrust> trust;
  for (const auto& link : links) {
    const bool active =
        !link->spec.suspend && !link->meta.deletion_time && !link->status.records.empty();
    if (active) {
      auto& told = trust.emplace_back();
      told.link = link->meta.key.name;
      told.instance = link->spec.managed_instance.name;
      if (link->status.trust) {
        told.thumbprints = link->status.trust->sql_thumbprints;
      }
      for (const auto& database : link->spec.databases) {
        told.groups.push_back(database.distributed_availability_group);
      }
    }
  }
  return trust;
}

}  // namespace

Look Observe(const Sources& sources, const ReplicaPointer& replica, Facts& facts) {
  const ReplicaCache& cache = sources.cache;
  const ObjectMeta& meta = replica->meta;
  Look look;
  Observation& observed = look.observed;
  observed.replica = replica;
  observed.links = cache.count_links(meta.key);
  for (const auto& key : cache.undecodable_links(meta.key.namespace_name)) {
    observed.undecodable_links.push_back(key.name);
  }
  if (AwaitsLinks(replica->status)) {
    observed.trust = TrustOf(cache.links(meta.key));
  }
  // A deletion that nothing waits for needs neither Secret nor instance.
  if (!meta.deletion_time || observed.links > 0 || RemovesOwned(*replica)) {
    LookAtInstance(sources, facts, look);
  }
  if (facts.failed && facts.error_generation == meta.generation) {
    observed.failed = facts.failed;
  }
  observed.confirmed = facts.confirmed;
  observed.now = sources.clock.Now();
  return look;
}

}  // namespace milink::replica
