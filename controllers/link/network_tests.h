// Tests of the network between a replica and a managed instance: what this process has found out
// about each pair. All links of a pair share one test; the one that began it drives it.
//
// The structs are plain values. NetworkTests is thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

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
};
const char* ToString(NetworkProbe probe);

struct NetworkOutcome {
  bool running = true;
  TimePoint ended;             // when it does not run any more
  std::optional<Error> error;  // set: nothing below is known
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

  const NetworkOutcome* Find(NetworkProbe probe) const;
  // Null while it runs, and when it was not begun.
  const NetworkOutcome* Ended(NetworkProbe probe) const;
  bool AnyRunning() const;
};

// After this a test that does not end belongs to nobody any more.
inline constexpr auto kNetworkTestLimit = std::chrono::minutes(5);

class NetworkTests {
 public:
  // A copy; nothing: this process knows of no test of the pair.
  std::optional<NetworkRun> Get(const std::string& pair) const;
  // False: another link's test runs, so that nothing may be begun.
  bool Begin(const std::string& pair, NetworkRun run);
  // False: not this owner's test, or the part was begun before.
  bool BeginProbe(const std::string& pair, const ObjectKey& owner, NetworkProbe probe);
  void End(const std::string& pair, NetworkProbe probe, NetworkOutcome outcome);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, NetworkRun> runs_;
};

}  // namespace milink::link
