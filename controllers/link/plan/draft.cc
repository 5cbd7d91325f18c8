#include "controllers/link/plan/draft.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/reasons.h"
#include "core/api/error_reasons.h"
#include "core/azure/errors.h"
#include "core/azure/permissions.h"
#include "core/base/text.h"
#include "core/sql/urls.h"

namespace milink::link {
namespace {

bool Matches(const api::OwnedObject& entry, const ObjectRef& ref) {
  return entry.side == ref.side && entry.kind == ref.kind && entry.name == ref.name;
}

bool MustBeChangedByAPerson(ErrorKind kind) {
  return kind == ErrorKind::kInvalid || kind == ErrorKind::kUnsupported ||
         kind == ErrorKind::kUnauthorized || kind == ErrorKind::kUnsafe;
}

const char* NameOf(azure::InstancePart part) {
  switch (part) {
    case azure::InstancePart::kLinks:
      return "its links";
    case azure::InstancePart::kTrustCertificates:
      return "the certificates that it trusts";
    case azure::InstancePart::kEndpointCertificate:
      return "its endpoint certificate";
    case azure::InstancePart::kDatabaseNames:
      return "its databases";
    case azure::InstancePart::kPermissions:
      break;
  }
  return "the identity's rights";
}

std::string PartnerUrl(const Observation& seen) {
  if (seen.replica == nullptr) return {};
  const auto& endpoint = seen.replica->spec.endpoint;
  const std::string& address =
      endpoint.address.empty() ? seen.replica->spec.host : endpoint.address;
  // An endpoint that was there before may listen elsewhere than the spec says.
  const int port = seen.sql != nullptr && !seen.sql->endpoints.empty()
                       ? seen.sql->endpoints.front().port
                       : endpoint.port;
  if (port <= 0 || port > 65'535) return {};
  const auto url = sql::SqlServerListenerUrl(address, static_cast<std::uint16_t>(port));
  return url.ok() ? *url : std::string();
}

std::string InstanceUrl(const Observation& seen) {
  if (seen.instance == nullptr) return {};
  const auto url =
      sql::InstanceListenerUrl(seen.instance->instance.fqdn, seen.link->spec.managed_instance.name);
  return url.ok() ? *url : std::string();
}

}  // namespace

Draft::Draft(const Observation& observation, Obstacles obstacles)
    : seen(observation),
      spec(observation.link->spec),
      stored(observation.link->status),
      replica{api::condition_type::kReplicaReady, {}},
      instance{api::condition_type::kManagedInstanceReady, {}},
      authorized{api::condition_type::kAzureAuthorized, {}},
      network{api::condition_type::kNetworkVerified, {}},
      trust{api::condition_type::kTrustEstablished, {}},
      renewal{api::condition_type::kTrustEstablished, {}},
      prepared{api::condition_type::kDatabasesPrepared, {}},
      upkeep{api::condition_type::kDatabasesPrepared, {}},
      groups{api::condition_type::kAvailabilityGroupsReady, {}},
      link{api::condition_type::kLinkEstablished, {}},
      synchronized{api::condition_type::kSynchronized, {}},
      split_brain{api::condition_type::kSplitBrain, {}},
      partner_url(PartnerUrl(observation)),
      instance_url(InstanceUrl(observation)),
      entries(stored.owned_objects),
      records(stored.records),
      network_test(stored.network_test),
      obstacles_(std::move(obstacles)) {}

bool Draft::MayCreate() const {
  return replica.Clear() && instance.Clear() && authorized.Clear() && !partner_url.empty() &&
         !instance_url.empty();
}

std::string Draft::WhyHidden(azure::InstancePart part) const {
  constexpr std::size_t kQuoted = 400;
  return fmt::format("managed instance {} does not show {} without the right {} ({})",
                     spec.managed_instance.name, NameOf(part), azure::ActionToRead(part),
                     Shorten(seen.instance->refused.at(part).message, kQuoted));
}

std::string Draft::WhyUnread() const {
  const std::string cannot =
      fmt::format("managed instance {} cannot be read: ", spec.managed_instance.name);
  if (!seen.instance_error.has_value()) return cannot + "not read yet";
  const Error& error = *seen.instance_error;
  if (error.kind != ErrorKind::kNotFound || azure::SaysInstanceIsGone(error)) {
    return cannot + error.message;
  }
  if (error.reason == reason::kSubscriptionNotFound) {
    return cannot + fmt::format(
                        "Azure does not show subscription {} to this identity ({}: {}); correct "
                        "spec.managedInstance.subscriptionId, or, where the subscription was moved "
                        "to another tenant, use an identity of that one",
                        spec.managed_instance.subscription_id, error.reason, error.message);
  }
  return cannot + fmt::format(
                      "Azure answered 404 ({}: {}), which does not say that the instance "
                      "is gone; check what is between the operator and Azure",
                      error.reason, error.message);
}

void Draft::Propose(Topic& topic, const std::string& reason, Step step) {
  const DatabaseName database = DatabaseOf(step);
  if (spec.suspend) {
    topic.Add(Severity::kWaiting, reason::kSuspended, "suspended; would " + Describe(step),
              database);
    return;
  }
  if (const StepFailure* failure = Holding(KeyOf(step)); failure != nullptr) {
    const Severity severity =
        MustBeChangedByAPerson(failure->error.kind) ? Severity::kBlocked : Severity::kRetrying;
    topic.Add(severity, failure->error.reason,
              fmt::format("could not {}: {}", Describe(step), failure->error.message), database);
    WakeAfter(std::chrono::duration_cast<Duration>(failure->retry_at - seen.now));
    return;
  }
  if (ClassOf(step) != StepClass::kDrop && Obstructed(database)) {
    topic.Add(Severity::kWaiting, reason::kWaiting,
              fmt::format("waiting until what is wrong is corrected; then: {}", Describe(step)),
              database);
    return;
  }
  topic.Add(Severity::kProgressing, reason, "going to " + Describe(step), database);
  const std::optional<ObjectRef> entry = EntryOf(step);
  if (entry.has_value() && !Journal(*entry, IdentityMadeBy(step))) {
    waiting_for_journal = true;
    return;
  }
  steps.push_back(std::move(step));
}

void Draft::AnnounceEntry(const ObjectRef& ref, const DatabaseName& database) {
  if (!spec.suspend && !Obstructed(database)) static_cast<void>(Journal(ref, ""));
}

Obstacles Draft::FindObstacles() const {
  Obstacles found;
  bool fresh = true;
  for (const DatabaseSpec& names : spec.databases) {
    const DatabaseRecord* record = StoredRecord(names.name);
    if (record != nullptr && record->established) {
      fresh = false;
      continue;
    }
    for (const Topic* topic : {&prepared, &groups, &link}) {
      if (topic->HasFor(names.name, Severity::kBlocked)) found.databases.insert(names.name);
    }
  }
  found.all =
      fresh && (trust.Has(Severity::kBlocked) || found.databases.size() == spec.databases.size());
  return found;
}

bool Draft::Obstructed(const DatabaseName& database) const {
  return obstacles_.all || obstacles_.databases.contains(database);
}

bool Draft::Journal(const ObjectRef& ref, const std::string& identity) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return Matches(entry, ref); });
  if (found == entries.end()) {
    entries.push_back({ref.side, ref.kind, ref.name, identity, api::OwnedState::kPending});
    return false;
  }
  // What was made before is gone: the next one is another object.
  found->state = api::OwnedState::kPending;
  found->identity = identity;
  const api::OwnedObject* before = StoredEntry(ref);
  return before != nullptr && *before == *found;
}

const api::OwnedObject* Draft::StoredEntry(const ObjectRef& ref) const {
  const auto found =
      std::find_if(stored.owned_objects.begin(), stored.owned_objects.end(),
                   [&](const api::OwnedObject& entry) { return Matches(entry, ref); });
  return found == stored.owned_objects.end() ? nullptr : &*found;
}

bool Draft::Owns(const ObjectRef& ref, const std::string& identity) const {
  const api::OwnedObject* entry = StoredEntry(ref);
  return entry != nullptr && entry->state == api::OwnedState::kCreated && !identity.empty() &&
         entry->identity == identity;
}

DatabaseRecord& Draft::Record(const DatabaseName& database) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const auto& record) { return record.name == database; });
  if (found != records.end()) return *found;
  DatabaseRecord record;
  record.name = database;
  return records.emplace_back(std::move(record));
}

const DatabaseRecord* Draft::StoredRecord(const DatabaseName& database) const {
  const auto found = std::find_if(stored.records.begin(), stored.records.end(),
                                  [&](const auto& record) { return record.name == database; });
  return found == stored.records.end() ? nullptr : &*found;
}

const OperationFact* Draft::OperationOf(const std::string& key) const {
  const auto found = seen.facts.operations.find(key);
  return found == seen.facts.operations.end() ? nullptr : &found->second;
}

std::string Draft::WhyUnread(const OperationFact* operation) {
  constexpr int kNews = 2;
  constexpr std::size_t kQuoted = 400;
  if (operation == nullptr || !operation->unread || operation->failed_polls < kNews) return {};
  const Error& error = *operation->unread;
  const bool refused = error.reason == reason::kAuthorizationFailed;
  return fmt::format("; how far it is cannot be read{}: {}",
                     refused ? fmt::format(" without the right {}", azure::kActionToPoll) : "",
                     Shorten(error.message, kQuoted));
}

const StepFailure* Draft::Holding(const std::string& key) const {
  const auto found = seen.facts.failures.find(key);
  if (found == seen.facts.failures.end()) return nullptr;
  const StepFailure& failure = found->second;
  const bool holds =
      failure.retry_at > seen.now && failure.generation == seen.link->meta.generation;
  return holds ? &failure : nullptr;
}

void Draft::WakeAfter(Duration delay) {
  // What is due already is not looked at without a pause.
  if (delay <= Duration::zero()) delay = std::chrono::seconds(1);
  if (!requeue_after.has_value() || delay < *requeue_after) requeue_after = delay;
}

void Draft::WantSql(Duration max_age) {
  if (!freshness.sql.has_value() || max_age < *freshness.sql) freshness.sql = max_age;
  WakeAfter(max_age);
}

void Draft::WantInstance(Duration max_age) {
  if (!freshness.instance.has_value() || max_age < *freshness.instance) {
    freshness.instance = max_age;
  }
  WakeAfter(max_age);
}

void Draft::WantInstanceParts(Duration max_age) {
  if (!freshness.instance_parts.has_value() || max_age < *freshness.instance_parts) {
    freshness.instance_parts = max_age;
  }
  if (seen.instance == nullptr) return;
  const auto due_in =
      std::chrono::duration_cast<Duration>(seen.instance->slow_read_at + max_age - seen.now);
  WakeAfter(std::clamp<Duration>(due_in, std::chrono::seconds(1), max_age));
}

}  // namespace milink::link
