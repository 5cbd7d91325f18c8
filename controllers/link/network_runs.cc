#include "controllers/link/network_runs.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "controllers/link/reasons.h"
#include "core/base/digest.h"

namespace milink::link {
namespace {

// The job gives itself up before that. A batch that is cut off cannot clean up after itself.
constexpr Duration kJobTimeout = std::chrono::seconds(150);
constexpr Duration kShortTimeout = std::chrono::seconds(30);

constexpr NetworkProbe kProbesOnInstance[] = {NetworkProbe::kNode, NetworkProbe::kToSqlServer,
                                              NetworkProbe::kRemoveFromInstance};

NetworkOutcome FailedOutcome(Error error) {
  NetworkOutcome outcome;
  outcome.error = std::move(error);
  return outcome;
}

bool OnManagedInstance(NetworkProbe probe) {
  return std::ranges::find(kProbesOnInstance, probe) != std::end(kProbesOnInstance);
}

bool RunsJob(NetworkProbe probe) {
  return probe == NetworkProbe::kToInstance || probe == NetworkProbe::kToSqlServer;
}

std::string ShortName(const std::string& pair) { return Sha256Hex(pair).substr(0, 12); }

std::string IdOf(NetworkProbe probe, const std::string& pair) {
  return std::string("network/") + ToString(probe) + "/" + ShortName(pair);
}

// No object can have this name.
ObjectKey InstanceKeyOf(const std::string& namespace_name, const std::string& pair) {
  return {namespace_name, "managed-instance:" + ShortName(pair)};
}

// One pair's test in all its places.
class PairTest {
 public:
  PairTest(const LinkSystems& systems, const api::ManagedInstanceLink& link)
      : systems_(systems), link_(link), pair_(NetworkPairOf(link)) {}

  void Begin(const TestNetwork& step, const Observation& seen,
             const std::function<Status()>& guard) const {
    const ObjectKey& owner = link_.meta.key;
    if (step.first &&
        !systems_.network->Begin(
            pair_, {owner, step.request, systems_.clock.Now(), {}, IsRemoval(step.probe)})) {
      return;
    }
    if (!systems_.network->BeginProbe(pair_, owner, step.probe)) return;
    switch (step.probe) {
      case NetworkProbe::kRules:
        End(step.probe, ReadRules(step.subnet_id));
        return;
      case NetworkProbe::kDirect:
        systems_.direct->Start(IdOf(step.probe, pair_), step.targets);
        return;
      case NetworkProbe::kNode:
      case NetworkProbe::kToSqlServer:
      case NetworkProbe::kToInstance:
      case NetworkProbe::kRemoveFromSqlServer:
      case NetworkProbe::kRemoveFromInstance:
        if (const Status started = Start(step, seen, guard); !started.ok()) {
          End(step.probe, FailedOutcome(started.error()));
        }
        return;
    }
  }

  void Follow() const {
    const auto run = systems_.network->Get(pair_);
    if (!run.has_value()) return;
    bool instance_in_use = false;
    for (const auto& [probe, outcome] : run->probes) {
      if (!outcome.running) continue;
      std::optional<NetworkOutcome> ended =
          probe == NetworkProbe::kDirect ? TakeDirect() : TakeLong(probe);
      if (ended.has_value()) {
        End(probe, *std::move(ended));
      } else {
        instance_in_use = instance_in_use || OnManagedInstance(probe);
      }
    }
    // Its password is kept no longer than it is needed.
    if (!instance_in_use) systems_.hub.Remove(InstanceKey());
  }

 private:
  void End(NetworkProbe probe, NetworkOutcome outcome) const {
    outcome.ended = systems_.clock.Now();
    systems_.network->End(pair_, probe, std::move(outcome));
  }

  ObjectKey InstanceKey() const { return InstanceKeyOf(link_.meta.key.namespace_name, pair_); }
  ObjectKey KeyOf(NetworkProbe probe) const {
    return OnManagedInstance(probe) ? InstanceKey() : ReplicaOf(link_);
  }

  NetworkOutcome ReadRules(const std::string& subnet_id) const {
    const azure::ManagedInstanceRef instance = InstanceOf(link_);
    NetworkOutcome outcome;
    auto subnet = systems_.api.GetSubnet(instance, subnet_id);
    if (!subnet.ok()) return FailedOutcome(subnet.error());
    outcome.subnet = *std::move(subnet);
    if (outcome.subnet.security_group_id.empty()) return outcome;
    auto group = systems_.api.GetSecurityGroup(instance, outcome.subnet.security_group_id);
    if (group.ok()) {
      outcome.group = *std::move(group);
    } else {
      outcome.error = group.error();
    }
    return outcome;
  }

  // A name that no other pair has, and the same one after a crash.
  sql::NetworkJob JobOf(const TestNetwork& step, const Observation& seen) const {
    const std::string uid = seen.replica == nullptr ? std::string() : seen.replica->meta.uid;
    sql::NetworkJob job;
    job.name = "milink-network-test-" + Sha256Hex(uid + "|" + pair_).substr(0, 16);
    job.description = "Made by milink-operator to test the network between SqlServerReplica " +
                      ToString(ReplicaOf(link_)) + " and managed instance " +
                      link_.spec.managed_instance.name + "; it is removed when the test ends.";
    job.targets = step.targets;
    job.on_managed_instance = OnManagedInstance(step.probe);
    return job;
  }

  Result<sql::SqlBatch> BatchOf(const TestNetwork& step, const Observation& seen) const {
    if (step.probe == NetworkProbe::kNode) return sql::EndpointNodeBatch();
    return IsRemoval(step.probe) ? sql::RemoveNetworkJob(JobOf(step, seen))
                                 : sql::RunNetworkJob(JobOf(step, seen));
  }

  Status Start(const TestNetwork& step, const Observation& seen,
               const std::function<Status()>& guard) const {
    if (OnManagedInstance(step.probe)) {
      auto target = InstanceTarget(seen);
      if (!target.ok()) return target.error();
      systems_.hub.SetTarget(InstanceKey(), *std::move(target));
    }
    auto batch = BatchOf(step, seen);
    if (!batch.ok()) return batch.error();
    const ObjectKey key = KeyOf(step.probe);
    const std::string id = IdOf(step.probe, pair_);
    // What an earlier test has left there tells nothing about this one.
    static_cast<void>(systems_.hub.TakeLong(key, id));
    return systems_.hub.StartLong(key, id, *std::move(batch),
                                  RunsJob(step.probe) ? kJobTimeout : kShortTimeout, guard);
  }

  Result<sql::SqlTarget> InstanceTarget(const Observation& seen) const {
    const ObjectKey key{link_.meta.key.namespace_name,
                        link_.spec.managed_instance.sql_credentials_secret};
    const std::string named =
        "Secret " + ToString(key) + ", named in spec.managedInstance.sqlCredentialsSecretRef,";
    const auto secret = systems_.objects.GetSecret(key);
    if (!secret.ok()) {
      return secret.error().kind == ErrorKind::kNotFound
                 ? Error{ErrorKind::kInvalid, reason::kSecretNotFound,
                         named + " does not exist; create it with the keys username and password",
                         ""}
                 : Error{secret.error().kind, reason::kReferenceUnreadable,
                         named + " cannot be read: " + secret.error().message, ""};
    }
    const auto text = [&](const char* name) {
      const auto found = secret->find(name);
      return found == secret->end() ? std::string() : std::string(found->second.Reveal());
    };
    sql::SqlTarget target;
    target.user = text("username");
    if (target.user.empty() || !secret->contains("password")) {
      return Error{ErrorKind::kInvalid, reason::kSecretKeyMissing,
                   named + " needs the keys username and password", ""};
    }
    target.password = secret->at("password");
    const std::string host = text("host");
    target.host = host.empty() ? seen.instance->instance.fqdn : host;
    if (const std::string port = text("port"); !port.empty()) {
      const auto [end, error] =
          std::from_chars(port.data(), port.data() + port.size(), target.port);
      if (error != std::errc() || end != port.data() + port.size() || target.port == 0) {
        return Error{ErrorKind::kInvalid, reason::kSecretKeyMissing,
                     named + " has no port number under the key port", ""};
      }
    }
    if (std::string authority = text("ca.crt"); !authority.empty()) {
      target.ca_pem = std::move(authority);
    }
    return target;
  }

  std::optional<NetworkOutcome> TakeDirect() const {
    auto seen = systems_.direct->Take(IdOf(NetworkProbe::kDirect, pair_));
    if (seen.running) return std::nullopt;
    if (!seen.outcome.has_value()) return FailedOutcome(Interrupted());
    NetworkOutcome outcome;
    outcome.job.trials = *std::move(seen.outcome);
    return outcome;
  }

  std::optional<NetworkOutcome> TakeLong(NetworkProbe probe) const {
    const auto seen = systems_.hub.TakeLong(KeyOf(probe), IdOf(probe, pair_));
    if (seen.running) return std::nullopt;
    const Result<sql::SqlReply> reply = seen.outcome.value_or(Interrupted());
    NetworkOutcome outcome = reply.ok() ? Read(probe, *reply) : FailedOutcome(reply.error());
    // With a login that is refused nothing was made.
    outcome.job_may_stay = RunsJob(probe) && outcome.error.has_value() &&
                           outcome.error->kind != ErrorKind::kUnauthorized;
    return outcome;
  }

  static NetworkOutcome Read(NetworkProbe probe, const sql::SqlReply& reply) {
    NetworkOutcome outcome;
    if (probe == NetworkProbe::kNode) {
      const auto node = sql::ReadEndpointNode(reply);
      if (!node.ok()) return FailedOutcome(node.error());
      outcome.node = *node;
      return outcome;
    }
    auto job = sql::ReadNetworkJob(reply);
    if (!job.ok()) return FailedOutcome(job.error());
    outcome.job = *std::move(job);
    return outcome;
  }

  // It does not run and left no outcome: the connection was closed.
  static Error Interrupted() {
    return {ErrorKind::kTransient, reason::kFailed, "the test was interrupted", ""};
  }

  const LinkSystems& systems_;
  const api::ManagedInstanceLink& link_;
  const std::string pair_;
};

}  // namespace

void BeginNetworkProbe(const LinkSystems& systems, const Observation& seen, const TestNetwork& step,
                       const std::function<Status()>& guard) {
  PairTest(systems, *seen.link).Begin(step, seen, guard);
}

void FollowNetworkTest(const LinkSystems& systems, const api::ManagedInstanceLink& link) {
  const std::string pair = NetworkPairOf(link);
  const auto& record = link.status.network_test;
  if (record.has_value() && record->state == "Running") {
    // With other credentials it is another pair.
    static_cast<void>(AbandonNetworkTests(systems, link.meta.key, pair));
  }
  const auto run = systems.network->Get(pair);
  // The link that drives it alone: whoever takes an outcome also closes what is not needed any
  // more.
  if (!run.has_value() || !run->AnyRunning() || run->owner != link.meta.key) return;
  PairTest(systems, link).Follow();
}

bool AbandonNetworkTests(const LinkSystems& systems, const ObjectKey& link,
                         const std::string& kept) {
  bool all = true;
  for (const std::string& pair : systems.network->PairsOf(link)) {
    if (pair == kept) continue;
    const ObjectKey key = InstanceKeyOf(link.namespace_name, pair);
    const bool in_use = std::ranges::any_of(kProbesOnInstance, [&](NetworkProbe probe) {
      return systems.hub.TakeLong(key, IdOf(probe, pair)).running;
    });
    all = all && !in_use;
    if (in_use) continue;
    systems.hub.Remove(key);
    systems.network->Forget(pair, link);
  }
  return all;
}

}  // namespace milink::link
