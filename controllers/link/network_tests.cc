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
    case NetworkProbe::kRemoveFromSqlServer:
      return "RemoveFromSqlServer";
    case NetworkProbe::kRemoveFromInstance:
      return "RemoveFromInstance";
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

TimePoint NetworkRun::EndedAt() const {
  TimePoint end = started;
  for (const auto& [probe, outcome] : probes) end = std::max(end, outcome.ended);
  return end;
}

std::optional<NetworkRun> NetworkTests::Get(const std::string& pair) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pair);
  return found == runs_.end() ? std::nullopt : std::optional(found->second);
}

bool NetworkTests::Begin(const std::string& pair, NetworkRun run) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pair);
  if (found != runs_.end() && found->second.owner != run.owner && found->second.AnyRunning() &&
      run.started - found->second.started < kNetworkTestLimit) {
    return false;
  }
  if (found != runs_.end() && found->second.owner == run.owner && run.given_up) {
    run.probes = std::move(found->second.probes);
    std::erase_if(run.probes, [](const auto& probe) { return !probe.second.running; });
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

std::vector<std::string> NetworkTests::PairsOf(const ObjectKey& owner) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> pairs;
  for (const auto& [pair, run] : runs_) {
    if (run.owner == owner) pairs.push_back(pair);
  }
  return pairs;
}

void NetworkTests::Forget(const std::string& pair, const ObjectKey& owner) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(pair);
  if (found != runs_.end() && found->second.owner == owner) runs_.erase(found);
}

}  // namespace milink::link
