#include "controllers/link/instance_poll.h"

#include <algorithm>

#include "controllers/link/age.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

// Nothing that a name in Azure or Kubernetes may hold.
constexpr char kSeparator = '/';

// Is a right awaited, without which links stand still? The one to list rights may never come.
bool AwaitsRights(const azure::ManagedInstanceSnapshot& snapshot) {
  return std::ranges::any_of(snapshot.refused, [](const auto& item) {
    return item.first != azure::InstancePart::kPermissions;
  });
}

}  // namespace

ObjectKey PollKey(const azure::ManagedInstanceRef& instance) {
  const azure::IdentityRef& identity = instance.identity;
  return {Join({instance.subscription_id, instance.resource_group, instance.cloud,
                identity.kind ? azure::ToString(*identity.kind) : "", identity.client_id,
                identity.tenant_id, identity.namespace_name, identity.secret},
               std::string(1, kSeparator)),
          instance.name};
}

azure::ManagedInstanceRef InstanceOfKey(const ObjectKey& key) {
  auto parts = Split(key.namespace_name, kSeparator);
  parts.resize(8);
  return {parts[0],
          parts[1],
          key.name,
          parts[2],
          {azure::ParseIdentityKind(parts[3]), parts[4], parts[5], parts[6], parts[7]}};
}

bool InstancePoll::IsWanted(const azure::ManagedInstanceRef& instance) const {
  const auto links = directory_.LinksOfInstance(instance);
  return std::any_of(links.begin(), links.end(), [&](const ObjectKey& key) {
    const LinkPointer link = directory_.FindLink(key);
    if (link == nullptr || InstanceOf(*link).Key() != instance.Key()) return false;
    return !azure::IsVouchedForByOperator(instance.identity) ||
           limits_.Check(key.namespace_name, instance.Id().str()).ok();
  });
}

runtime::Outcome InstancePoll::Reconcile(const ObjectKey& key,
                                         const runtime::ReconcileContext& context) {
  const azure::ManagedInstanceRef instance = InstanceOfKey(key);
  if (!IsWanted(instance)) {
    cache_.Forget(instance);
    return runtime::Outcome::Success();
  }
  const auto before = cache_.Snapshot(instance);
  const TimePoint now = clock_.Now();
  // A link that waits reads on its own account: what is new enough serves both.
  if (before != nullptr && AgeAt(now, before->read_at) < intervals_.links / 2 &&
      AgeAt(now, before->slow_read_at) < intervals_.all) {
    return runtime::Outcome::RequeueAfter(intervals_.links / 2);
  }
  const bool all = before == nullptr || AgeAt(now, before->slow_read_at) >= intervals_.all ||
                   AwaitsRights(*before);
  const auto read =
      cache_.Refresh(instance, all ? azure::RefreshScope::kAll : azure::RefreshScope::kLinks);
  if (!read.ok()) {
    context.log.Warning("Could not read a managed instance",
                        {{"instance", instance.name}, {"error", ToString(read.error())}});
    return runtime::Outcome::RequeueAfter(
        std::max(intervals_.links, read.error().retry_after.value_or(Duration(0))));
  }
  return runtime::Outcome::RequeueAfter(intervals_.links);
}

}  // namespace milink::link
