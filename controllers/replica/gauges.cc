#include "controllers/replica/gauges.h"

#include "controllers/replica/reasons.h"

namespace milink::replica {
namespace {

enum Family : std::size_t { kInfo, kIsReady, kIsReachable, kObserved, kCertificateEnd };

double IsTrue(const api::SqlServerReplica& replica, const char* type) {
  const auto* condition = api::FindCondition(replica.status.conditions, type);
  return condition != nullptr && condition->status == api::ConditionStatus::kTrue ? 1 : 0;
}

double UnixSeconds(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

std::vector<runtime::MetricFamily> ReplicaGauges() {
  return {
      {"milink_replica_info", "One for each SqlServerReplica, with what runs there"},
      {"milink_replica_ready", "Is the replica Ready?"},
      {"milink_replica_reachable", "Did the instance answer when it was last looked at?"},
      {"milink_replica_observed_timestamp_seconds", "When the instance was last read"},
      {"milink_replica_certificate_expiration_timestamp_seconds",
       "When the endpoint's certificate ends"},
  };
}

void AddReplicaSamples(const api::SqlServerReplica& replica, const sql::InstanceSnapshot* sql,
                       std::vector<runtime::Samples>& samples) {
  const std::string& space = replica.meta.key.namespace_name;
  const std::string& name = replica.meta.key.name;
  const auto& status = replica.status;
  const std::string server = status.identity ? status.identity->server_name : "";
  samples[kInfo].Add({{"namespace", space},
                      {"name", name},
                      {"server", server},
                      {"version", status.product_version},
                      {"edition", status.edition}},
                     1);
  const auto add = [&](Family family, double value) {
    samples[family].Add({{"namespace", space}, {"name", name}}, value);
  };
  add(kIsReady, IsTrue(replica, kReady));
  add(kIsReachable, IsTrue(replica, kReachable));
  if (sql != nullptr) {
    add(kObserved, UnixSeconds(sql->read_at));
  }
  if (status.certificate && status.certificate->current.not_after) {
    add(kCertificateEnd, UnixSeconds(*status.certificate->current.not_after));
  }
}

}  // namespace milink::replica
