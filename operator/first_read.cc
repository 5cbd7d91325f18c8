#include "operator/first_read.h"

#include <string>

namespace milink::app {

Status AwaitFirstRead(const Objects& objects,
                      const std::function<std::vector<kube::WatchHealth>()>& watches,
                      const Clock& clock, Duration limit, const std::stop_token& stop) {
  const auto deadline = clock.Monotonic() + limit;
  constexpr auto kSlice = std::chrono::milliseconds(100);
  while (!stop.stop_requested()) {
    if (objects.replicas.WaitSynced(kSlice) && objects.links.WaitSynced(kSlice)) {
      return OkStatus();
    }
    if (clock.Monotonic() >= deadline) {
      std::string why;
      for (const auto& watch : watches()) {
        if (watch.listed) continue;
        const bool slow = watch.failures == 0;
        why +=
            kube::NameOf(watch.spec) + ": " + (slow ? "still being read" : watch.last_error) + "; ";
      }
      return Error{
          ErrorKind::kTransient, "NotSynced",
          "the objects could not be read in time; check that the CRDs are installed and "
          "that the operator may list and watch them, in each of --namespaces; where they are "
          "still being read, raise --sync-timeout",
          why};
    }
  }
  return OkStatus();
}

}  // namespace milink::app
