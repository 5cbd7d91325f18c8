#include "controllers/replica/status.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "controllers/replica/tell.h"
#include "core/api/codec.h"
#include "core/base/json.h"

namespace milink::replica {
namespace {

const kube::ResourceType kReplicaType{api::kGroup, api::kVersion, api::kReplicaPlural,
                                      api::kReplicaKind};

Result<std::string> VersionOf(const Result<nlohmann::json>& written) {
  if (!written) {
    return written.error();
  }
  return JsonText(JsonChild(*written, "metadata"), "resourceVersion");
}

}  // namespace

Result<std::string> WriteJournal(kube::ObjectClient& objects, kube::EventRecorder& events,
                                 const api::SqlServerReplica& replica,
                                 const api::SqlServerReplicaStatus& wanted) {
  auto version =
      VersionOf(objects.MergeStatus(kReplicaType, replica.meta.key, api::kJournalManager,
                                    replica.meta.resource_version, api::EncodeJournal(wanted)));
  if (version) {
    TellApproval(events, replica, wanted);
  }
  return version;
}

Result<std::string> WriteStatus(kube::ObjectClient& objects, kube::EventRecorder& events,
                                const api::SqlServerReplica& replica,
                                const api::SqlServerReplicaStatus& wanted,
                                const std::optional<FailedStep>& failed) {
  const auto json = api::EncodeStatus(wanted);
  if (json == api::EncodeStatus(replica.status)) {
    return std::string();
  }
  auto version =
      VersionOf(objects.ApplyStatus(kReplicaType, replica.meta, api::kStatusManager, json));
  if (version) {
    TellTransitions(events, replica, wanted, failed);
    TellPlan(events, replica, wanted);
  }
  return version;
}

bool HasFinalizer(const ObjectMeta& meta) {
  return std::ranges::find(meta.finalizers, api::kReplicaFinalizer) != meta.finalizers.end();
}

Result<std::string> WriteFinalizer(kube::ObjectClient& objects,
                                   const api::SqlServerReplica& replica, bool present) {
  auto finalizers = replica.meta.finalizers;
  std::erase(finalizers, api::kReplicaFinalizer);
  if (present) {
    finalizers.emplace_back(api::kReplicaFinalizer);
  }
  return VersionOf(objects.SetFinalizers(kReplicaType, replica.meta, finalizers));
}

}  // namespace milink::replica
