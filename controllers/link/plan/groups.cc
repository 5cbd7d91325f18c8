#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/base/text.h"
#include "core/sql/version.h"

namespace milink::link {
namespace {

CreateGroup GroupStep(const Draft& draft, const DatabaseSpec& names) {
  const auto version = sql::ParseProductVersion(draft.seen.sql->properties.product_version);
  return {names.name, names.availability_group, draft.seen.sql->properties.server_name,
          draft.partner_url, !version.has_value() || version->major >= 14};
}

CreateDistributedGroup DistributedStep(const Draft& draft, const DatabaseSpec& names) {
  return {names.name,        names.distributed_availability_group, names.availability_group,
          draft.partner_url, names.instance_availability_group,    draft.instance_url};
}

bool CompareGroup(Draft& draft, const DatabaseView& view) {
  const auto differences = GroupDifferences(*view.group, view.names);
  if (differences.empty()) return true;
  draft.groups.Add(
      Severity::kBlocked, reason::kAvailabilityGroupDiffers,
      fmt::format("availability group {} exists and cannot be used: {}; change it, or name another "
                  "one in availabilityGroup",
                  view.group->name.str(), Join(differences, ", ")),
      view.names.name);
  return false;
}

bool CompareDistributed(Draft& draft, const DatabaseView& view) {
  const auto differences = DistributedDifferences(draft, *view.distributed, view.names);
  if (differences.empty()) return true;
  draft.groups.Add(
      Severity::kBlocked, reason::kDistributedGroupDiffers,
      fmt::format("availability group {} exists and is not this link: {}; drop it, or name another "
                  "one in distributedAvailabilityGroup",
                  view.distributed->name.str(), Join(differences, ", ")),
      view.names.name);
  return false;
}

}  // namespace

void PlanGroups(Draft& draft, const DatabaseView& view) {
  const DatabaseName& name = view.names.name;
  if (draft.seen.sql == nullptr) {
    draft.groups.Add(Severity::kUnknown, reason::kReplicaUnreachable, "SQL Server cannot be read",
                     name);
    return;
  }
  bool fits = view.group == nullptr || CompareGroup(draft, view);
  // Both addresses are needed for the comparison; without them nothing is known to differ.
  if (view.distributed != nullptr && !draft.partner_url.empty() && !draft.instance_url.empty()) {
    fits = CompareDistributed(draft, view) && fits;
  }
  if (!fits || (view.group != nullptr && view.distributed != nullptr)) return;
  if (draft.network_blocks) {
    draft.groups.Add(Severity::kWaiting, reason::kWaiting, "waiting until the network is verified",
                     name);
    return;
  }
  if (!draft.MayCreate() || !draft.trust.Clear() || !draft.prepared.ClearFor(name)) {
    draft.groups.Add(Severity::kWaiting, reason::kWaiting,
                     "waiting for readiness, trust and the database's preparation", name);
    return;
  }
  if (view.group == nullptr) {
    draft.Propose(draft.groups, reason::kCreatingGroups, GroupStep(draft, view.names));
    if (view.distributed == nullptr) {
      draft.AnnounceEntry({"SqlServer", "DistributedAvailabilityGroup",
                           view.names.distributed_availability_group.str()},
                          name);
    }
    return;
  }
  draft.Propose(draft.groups, reason::kCreatingGroups, DistributedStep(draft, view.names));
}

}  // namespace milink::link
