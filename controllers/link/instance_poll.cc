#include "controllers/link/instance_poll.h"

#include <algorithm>

namespace milink::link {

ObjectKey PollKey(const azure::ManagedInstanceRef& instance) {
  return {instance.subscription_id + "/" + instance.resource_group, instance.name};
}

azure::ManagedInstanceRef InstanceOfKey(const ObjectKey& key) {
  const std::size_t slash = key.namespace_name.find('/');
  if (slash == std::string::npos) return {key.namespace_name, "", key.name};
  return {key.namespace_name.substr(0, slash), key.namespace_name.substr(slash + 1), key.name};
}

runtime::Outcome InstancePoll::Reconcile(const ObjectKey& key,
                                         const runtime::ReconcileContext& context) {
  const azure::ManagedInstanceRef instance = InstanceOfKey(key);
  if (directory_.LinksOfInstance(instance).empty()) {
    cache_.Forget(instance);
    return runtime::Outcome::Success();
  }
  const auto before = cache_.Snapshot(instance);
  const TimePoint now = clock_.Now();
  // A link that waits reads on its own account: what is new enough serves both.
  if (before != nullptr && now - before->read_at < intervals_.links / 2 &&
      now - before->slow_read_at < intervals_.all) {
    return runtime::Outcome::RequeueAfter(intervals_.links / 2);
  }
  const bool all = before == nullptr || now - before->slow_read_at >= intervals_.all;
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
