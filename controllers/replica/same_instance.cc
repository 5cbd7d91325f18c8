#include "controllers/replica/same_instance.h"

#include <utility>

#include "controllers/replica/reasons.h"
#include "core/base/text.h"
#include "core/sql/identity.h"

namespace milink::replica {
namespace {

bool IsOlder(const api::SqlServerReplica& a, const api::SqlServerReplica& b) {
  return std::pair(a.meta.creation_time, a.meta.key) < std::pair(b.meta.creation_time, b.meta.key);
}

bool SaysNo(const api::SqlServerReplica& replica, const char* type) {
  const auto* condition = api::FindCondition(replica.status.conditions, type);
  return condition != nullptr && condition->status == api::ConditionStatus::kFalse;
}

bool SameAddress(const api::SqlServerReplicaSpec& a, const api::SqlServerReplicaSpec& b) {
  return a.port == b.port && EqualsIgnoreCaseAscii(a.instance_name, b.instance_name) &&
         EqualsIgnoreCaseAscii(a.host, b.host);
}

// Does `other` have the instance that `replica` has reached and that looks like this? Who has
// pinned it keeps it. Before that the address tells, so that of two resources which come at once
// only one begins; a resource that cannot even connect is in nobody's way.
bool HasInstance(const api::SqlServerReplica& other, const api::SqlServerReplica& replica,
                 const sql::InstanceProperties& instance) {
  if (other.status.identity) {
    return other.status.identity->server_name == instance.server_name &&
           !sql::KeysDiffer(other.status.identity->service_master_key_guid,
                            instance.service_master_key_guid) &&
           (!replica.status.identity || IsOlder(other, replica));
  }
  const bool hopeful = !SaysNo(other, kReachable) && !SaysNo(other, kPermissionsGranted);
  return !replica.status.identity && hopeful && IsOlder(other, replica) &&
         SameAddress(other.spec, replica.spec);
}

}  // namespace

std::vector<std::string> SameInstance(const std::vector<ReplicaPointer>& all,
                                      const api::SqlServerReplica& replica,
                                      const sql::InstanceProperties& instance) {
  std::vector<std::string> out;
  for (const auto& other : all) {
    if (other->meta.uid != replica.meta.uid && HasInstance(*other, replica, instance)) {
      out.push_back(ToString(other->meta.key));
    }
  }
  return out;
}

}  // namespace milink::replica
