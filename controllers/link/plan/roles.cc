#include <fmt/format.h>

#include "controllers/link/plan/concerns.h"
#include "controllers/link/reasons.h"

namespace milink::link {
namespace {

bool CheckLost(Draft& draft, const DatabaseView& view) {
  if (!view.Established() || (view.distributed != nullptr && view.link != nullptr)) return true;
  const std::string& name = view.names.distributed_availability_group.str();
  std::string where = view.link == nullptr ? "on the managed instance" : "on SQL Server";
  if (view.distributed == nullptr && view.link == nullptr) where = "on both sides";
  draft.link.Add(Severity::kBlocked, reason::kLinkLost,
                 fmt::format("link {} was established and is gone {}; it is not created again. "
                             "Remove what is left of it, then take the database out of "
                             "spec.databases and add it again",
                             name, where),
                 view.names.name);
  return false;
}

// Objects under our names that are not this link say nothing of its roles; they are named by the
// concerns that stumble over them.
bool IsAnotherLink(const Draft& draft, const DatabaseView& view) {
  if (draft.partner_url.empty() || draft.instance_url.empty()) return false;
  const bool group_differs = view.distributed != nullptr &&
                             !DistributedDifferences(draft, *view.distributed, view.names).empty();
  return group_differs ||
         (view.link != nullptr && !LinkDifferences(draft, *view.link, view.names).empty());
}

}  // namespace

bool CheckRoles(Draft& draft, const DatabaseView& view) {
  if (draft.seen.sql == nullptr || !view.sees_link) return true;  // reported apart
  const DatabaseName& name = view.names.name;
  if (!CheckLost(draft, view)) return false;
  if (IsAnotherLink(draft, view)) return true;
  const Primary primary = PrimaryOf(view);
  if (primary == Primary::kBoth) {
    const std::string text =
        "writable on SQL Server and on the managed instance; nothing is done until a person "
        "decides which side's changes are kept";
    draft.split_brain.Add(Severity::kBlocked, reason::kBothPrimary, text, name);
    draft.link.Add(Severity::kBlocked, reason::kBothPrimary, text, name);
    return false;
  }
  if (primary == Primary::kNone || primary == Primary::kUnknown) {
    draft.link.Add(Severity::kDegraded, reason::kRoleUnclear,
                   fmt::format("roles are {} on SQL Server and {} on the managed instance; "
                               "waiting until one side is primary",
                               view.local == nullptr || view.local->role.empty() ? "unknown"
                                                                                 : view.local->role,
                               view.link == nullptr ? "unknown" : view.link->instance_role),
                   name);
    draft.WantSql(std::chrono::seconds(15));
    draft.WantInstance(std::chrono::seconds(30));
    return false;
  }
  const std::string accepted = view.record == nullptr || view.record->accepted_primary.empty()
                                   ? draft.spec.primary
                                   : view.record->accepted_primary;
  if (primary != Primary::kNotLinked && ToString(primary) != accepted) {
    draft.link.Add(Severity::kBlocked, reason::kPrimaryDrifted,
                   fmt::format("the primary is {}, and {} was agreed; nothing is changed. Set "
                               "spec.primary to what is true, or move the primary back",
                               ToString(primary), accepted),
                   name);
    return false;
  }
  if (draft.spec.primary != "SqlServer" || accepted != "SqlServer") {
    draft.link.Add(Severity::kBlocked, reason::kPrimaryDrifted,
                   fmt::format("spec.primary is {}, and {} was agreed; only SqlServer can be "
                               "primary",
                               draft.spec.primary, accepted),
                   name);
    return false;
  }
  return true;
}

}  // namespace milink::link
