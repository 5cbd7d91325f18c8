// Tests of the network between a replica and a managed instance: what this process has found out
// about each pair. All links of a pair share one test; the one that began it drives it.
//
// The structs are plain values. NetworkTests is thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/azure/models.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/object.h"
#include "core/sql/network_probe.h"

namespace milink::link {

// The parts of a test, each begun at once and followed until it ends.
enum class NetworkProbe {
  kRules,        // what Azure says of the instance's subnet and its security group
  kNode,         // to which node the instance's endpoint sends on
  kToInstance,   // by a job on SQL Server
  kDirect,       // the same from this process, where SQL Server cannot
  kToSqlServer,  // by a job on the managed instance
  // What a job that was cut off may have left is taken away.
  kRemoveFromSqlServer,
  kRemoveFromInstance,
};
const char* ToString(NetworkProbe probe);
constexpr bool IsRemoval(NetworkProbe probe) {
  return probe == NetworkProbe::kRemoveFromSqlServer || probe == NetworkProbe::kRemoveFromInstance;
}

struct NetworkOutcome {
  bool running = true;
  TimePoint ended;             // when it does not run any more
  std::optional<Error> error;  // set: nothing below is known, but for job_may_stay
  bool job_may_stay = false;   // it was cut off, and so perhaps its job was not removed
  sql::NetworkJobResult job;   // kToInstance, kDirect, kToSqlServer
  std::optional<sql::NetworkTarget> node;
  azure::Subnet subnet;
  std::optional<azure::SecurityGroup> group;  // nothing: the subnet has none
};

struct NetworkRun {
  ObjectKey owner;
  std::string request;  // the annotation that asked for it; empty: nobody did
  TimePoint started;
  std::map<NetworkProbe, NetworkOutcome> probes;
  // Nobody waits for its result any more: it only goes on until nothing of it is left.
  bool given_up = false;

  const NetworkOutcome* Find(NetworkProbe probe) const;
  // Null while it runs, and when it was not begun.
  const NetworkOutcome* Ended(NetworkProbe probe) const;
  bool AnyRunning() const;
  TimePoint EndedAt() const;  // when the last part that has ended did so; the start without one
};

// After this a test that does not end belongs to nobody any more.
inline constexpr auto kNetworkTestLimit = std::chrono::minutes(5);
// How often whoever waits for a test looks whether it has ended.
inline constexpr Duration kNetworkTestPoll = std::chrono::seconds(2);

class NetworkTests {
 public:
  // A copy; nothing: this process knows of no test of the pair.
  std::optional<NetworkRun> Get(const std::string& pair) const;
  // False: another link's test runs, so that nothing may be begun. Of this link's own earlier one
  // the parts that run still are kept when it is given up, and forgotten otherwise.
  bool Begin(const std::string& pair, NetworkRun run);
  // False: not this owner's test, or the part was begun before.
  bool BeginProbe(const std::string& pair, const ObjectKey& owner, NetworkProbe probe);
  void End(const std::string& pair, NetworkProbe probe, NetworkOutcome outcome);
  // The pairs whose newest test this link drives, or has driven.
  std::vector<std::string> PairsOf(const ObjectKey& owner) const;
  void Forget(const std::string& pair, const ObjectKey& owner);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, NetworkRun> runs_;
};

}  // namespace milink::link
