#include "controllers/link/network_tests.h"

#include <algorithm>
#include <utility>

namespace milink::link {

const char* ToString(NetworkProbe probe) {
  switch (probe) {
    case NetworkProbe::kRules:
      return "Rules";
    case NetworkProbe::kNode:
      return "Node";
    case NetworkProbe::kToInstance:
      return "ToInstance";
    case NetworkProbe::kDirect:
      return "Direct";
    case NetworkProbe::kToSqlServer:
      return "ToSqlServer";
  }
  return "Rules";
}

const NetworkOutcome* NetworkRun::Find(NetworkProbe probe) const {
  const auto found = probes.find(probe);
  return found == probes.end() ? nullptr : &found->second;
}

const NetworkOutcome* NetworkRun::Ended(NetworkProbe probe) const {
  const NetworkOutcome* outcome = Find(probe);
  return outcome == nullptr || outcome->running ? nullptr : outcome;
}

bool NetworkRun::AnyRunning() const {
  return std::any_of(probes.begin(), probes.end(),
                     [](const auto& probe) { return probe.second.running; });
}

std::optional<NetworkRun> NetworkTests::Get(const std::string& pair) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pair);
  return found == runs_.end() ? std::nullopt : std::optional(found->second);
}

bool NetworkTests::Begin(const std::string& pair, NetworkRun run) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pair);
  if (found != runs_.end() && found->second.owner != run.owner &&
      run.started - found->second.started < kNetworkTestLimit &&
      std::any_of(
          found->second.probes.begin(), found->second.probes.end(),
          [](const auto& probe) { return probe.second.running; })) {
    return false;
  }
  runs_.insert_or_assign(pair, std::move(run));
  return true;
}

bool NetworkTests::BeginProbe(const std::string& pair, const ObjectKey& owner, NetworkProbe probe) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pair);
  if (found == runs_.end() || found->second.owner != owner) return false;
  return found->second.probes.try_emplace(probe).second;
}

void NetworkTests::End(const std::string& pair, NetworkProbe probe, NetworkOutcome outcome) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pair);
  if (found == runs_.end()) return;
  const auto begun = found->second.probes.find(probe);
  if (begun == found->second.probes.end() || !begun->second.running) return;
  outcome.running = false;
  begun->second = std::move(outcome);
}

}  // namespace milink::link
