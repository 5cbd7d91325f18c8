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

int ObservedGeneration(const json& object) {
  const auto status = object.find("status");
  return status != object.end() && status->is_object() ? status->value("observedGeneration", 0) : 0;
}

}  // namespace

// It sleeps until then: whoever asks again and again takes the processor from what is measured.
bool Spy::WaitObserved(const std::string& name, int generation, Duration limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] {
    const auto found = seen_.find(name);
    return found != seen_.end() && ObservedGeneration(found->second) >= generation;
  });
}

std::string Spy::LastDifference() const {
  const std::lock_guard lock(mutex_);
  const auto last = seen_.find(last_name_);
  if (last == seen_.end()) {
    return "none";
  }
  return last_name_ + ": " +
         (before_last_.is_null() ? "new" : json::diff(before_last_, last->second).dump());
}

void Spy::Keep(json object) {
  json now = Essence(std::move(object));
  {
    const std::lock_guard lock(mutex_);
    last_name_ = now.at("metadata").at("name").get<std::string>();
    before_last_ = std::exchange(seen_[last_name_], std::move(now));
  }
  changed_.notify_all();
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
