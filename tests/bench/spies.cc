#include "tests/bench/spies.h"

#include <cstdio>
#include <utility>

namespace milink::bench {
namespace {

using nlohmann::json;

constexpr auto kSettleWindow = std::chrono::seconds(5);
constexpr auto kSettleLimit = std::chrono::minutes(10);

// What nobody decides by and what changes with every write.
json Essence(json object) {
  object["metadata"].erase("managedFields");
  object["metadata"].erase("resourceVersion");
  return object;
}

}  // namespace

int Spy::Observed(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto it = seen_.find(name);
  const auto status = it == seen_.end() ? json() : it->second.value("status", json::object());
  return status.is_object() ? status.value("observedGeneration", 0) : 0;
}

std::string Spy::LastDifference() const {
  const std::lock_guard lock(mutex_);
  return last_difference_;
}

void Spy::Keep(json object) {
  const std::lock_guard lock(mutex_);
  json now = Essence(std::move(object));
  json& known = seen_[now.at("metadata").at("name")];
  last_difference_ = now.at("metadata").at("name").get<std::string>() + ": " +
                     (known.is_null() ? "new" : json::diff(known, now).dump());
  known = std::move(now);
}

Spies::Spies(Cluster& cluster)
    : driver_(*kube::Dialer::Make(cluster.AdminAccess(), "milink-bench", clock_, Logger()), clock_,
              *random_, Logger()) {
  driver_.Add({kReplicaType, "", "", ""}, replicas_);
  driver_.Add({kLinkType, "", "", ""}, links_);
  driver_.Add({{"events.k8s.io", "v1", "events", "Event"}, "", "", ""}, notices_);
  driver_.Start();
  e2e::Eventually([this] { return replicas_.ready() && links_.ready() && notices_.ready(); },
                  kSettleLimit);
}

void Spies::TellLast() const {
  for (const Spy* spy : {&replicas_, &links_, &notices_}) {
    std::fprintf(stderr, "last change of %d: %s\n", spy->events(), spy->LastDifference().c_str());
  }
}

bool Spies::WaitQuiet() const {
  int seen = writes();
  auto since = std::chrono::steady_clock::now();
  return e2e::Eventually(
      [&] {
        if (const int now = writes(); now != seen) {
          seen = now;
          since = std::chrono::steady_clock::now();
        }
        return std::chrono::steady_clock::now() - since >= kSettleWindow;
      },
      kSettleLimit);
}

}  // namespace milink::bench
