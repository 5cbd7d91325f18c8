#include "controllers/replica/live_look.h"

#include <nlohmann/json.hpp>

#include "controllers/replica/reasons.h"
#include "core/api/codec.h"

namespace milink::replica {
namespace {

Error Changed(const std::string& what) {
  return {ErrorKind::kConflict, reason::kObjectChanged, what + " meanwhile", ""};
}

}  // namespace

Result<api::SqlServerReplica> ReadLive(kube::ObjectClient& objects, const ObjectKey& key) {
  const auto object =
      objects.Get({api::kGroup, api::kVersion, api::kReplicaPlural, api::kReplicaKind}, key);
  return object ? api::DecodeReplica(*object) : object.error();
}

Status SameObject(const api::SqlServerReplica& decided, const api::SqlServerReplica& now) {
  if (now.meta.uid != decided.meta.uid) {
    return Changed("another resource has taken the name");
  }
  if (now.meta.generation != decided.meta.generation ||
      now.meta.deletion_time != decided.meta.deletion_time ||
      now.meta.annotations != decided.meta.annotations) {
    return Changed("the resource was changed");
  }
  return OkStatus();
}

Status LookLive(kube::ObjectClient& objects, const api::SqlServerReplica& decided) {
  const auto now = ReadLive(objects, decided.meta.key);
  if (!now) {
    return now.error();
  }
  if (const Status same = SameObject(decided, *now); !same) {
    return same;
  }
  const bool same_journal = api::EncodeJournal(now->status) == api::EncodeJournal(decided.status);
  return same_journal ? OkStatus() : Status(Changed("the journal was changed"));
}

}  // namespace milink::replica
