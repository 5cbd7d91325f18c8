#include <algorithm>

#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

// Two-way needs the same generation on both sides, and a SQL Server that can take the database
// back.
std::string FailoverMode(const Observation& seen) {
  const std::string& version = seen.sql->properties.product_version;
  const std::string& format = seen.instance->instance.database_format;
  const bool same_generation = (version.starts_with("16.") && format == "SQLServer2022") ||
                               (version.starts_with("17.") && format == "SQLServer2025");
  const auto& capabilities = seen.replica->status.capabilities;
  const bool can_take_back = std::find(capabilities.begin(), capabilities.end(),
                                       "ManagedInstancePrimary") != capabilities.end();
  return same_generation && can_take_back ? "Manual" : "None";
}

bool Compare(Draft& draft, const DatabaseView& view) {
  const auto differences = LinkDifferences(draft, *view.link, view.names);
  if (differences.empty()) return true;
  draft.link.Add(
      Severity::kBlocked, reason::kAzureLinkDiffers,
      fmt::format("link {} exists on the managed instance and is another one: {}; remove it, or "
                  "name another one in distributedAvailabilityGroup",
                  view.link->name.str(), Join(differences, ", ")),
      view.names.name);
  return false;
}

void Create(Draft& draft, const DatabaseView& view) {
  const DatabaseSpec& names = view.names;
  const CreateLink step{names.name,
                        names.distributed_availability_group,
                        names.availability_group,
                        names.instance_availability_group,
                        draft.partner_url,
                        FailoverMode(draft.seen)};
  DatabaseRecord& record = draft.Record(names.name);
  if (record.operation.has_value() && record.operation->kind == "DeleteLink") {
    draft.link.Add(Severity::kProgressing, reason::kUnlinking,
                   "waiting until the former link is gone", names.name);
    draft.WantInstance(std::chrono::seconds(15));
    return;
  }
  const OperationFact* running = draft.OperationOf(KeyOf(step));
  const bool accepted =
      running != nullptr || (record.operation.has_value() && !record.operation->poll_url.empty());
  if (record.operation.has_value() && accepted) {
    draft.link.Add(
        Severity::kProgressing, reason::kCreatingLink,
        fmt::format("the managed instance is creating link {}{}",
                    names.distributed_availability_group.str(), Draft::WhyUnread(running)),
        names.name);
    return;
  }
  // The request is journalled before it is sent, entry and operation in one write.
  const bool journalled = view.record != nullptr && view.record->operation.has_value() &&
                          view.record->operation->kind == "CreateLink";
  if (!draft.spec.suspend && !journalled && draft.Holding(KeyOf(step)) == nullptr) {
    record.operation = Operation{"Azure", "CreateLink", names.distributed_availability_group.str(),
                                 "", draft.seen.now};
  }
  draft.Propose(draft.link, reason::kCreatingLink, step);
}

}  // namespace

void PlanAzureLink(Draft& draft, const DatabaseView& view) {
  const DatabaseName& name = view.names.name;
  if (draft.seen.instance == nullptr) {
    draft.link.Add(Severity::kUnknown, reason::kManagedInstanceNotRead,
                   "the managed instance cannot be read", name);
    return;
  }
  if (!view.sees_link) {
    draft.link.Add(Severity::kUnknown, reason::kActionsMissing,
                   draft.WhyHidden(azure::InstancePart::kLinks), name);
    return;
  }
  if (view.link != nullptr) {
    static_cast<void>(Compare(draft, view));
    return;
  }
  if (draft.network_blocks || draft.seen.sql == nullptr || !draft.groups.ClearFor(name) ||
      !draft.MayCreate() || !draft.trust.Clear() || !draft.prepared.ClearFor(name)) {
    draft.link.Add(Severity::kWaiting, reason::kWaiting,
                   "waiting for readiness, trust, the database and its groups", name);
    return;
  }
  Create(draft, view);
}

}  // namespace milink::link
