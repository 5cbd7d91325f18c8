// The whole simulated world under one lock: SQL Server instances, managed instances, the network
// between them and the clock that drives them. Same seed and same calls give the same names,
// identifiers and numbers (keys and certificates excepted: they are real and new each time).
//
// Thread-safe through Enter(): a Guard holds the lock, and the world is brought to the clock's
// present before the caller sees it. Never hold a Guard while waiting for anything.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "tests/sim/world/managed_instance.h"
#include "tests/sim/world/network.h"
#include "tests/sim/world/sql_server.h"
#include "tests/sim/world/switches.h"

namespace milink::sim {

// Someone who can sign in to Azure.
struct Principal {
  std::string tenant_id;
  std::string client_id;
  std::string object_id;
  std::string secret;           // empty: signs in by assertion only
  std::string certificate_pem;  // uploaded to the application: assertions signed with its key
  // Whose federated tokens are taken ("system:serviceaccount:ns:name"); empty: anybody's.
  std::string federated_subject;
  // Known to the metadata service of the machine: "System" is the machine's own, "User" a further
  // one.
  std::string managed_identity;
};

struct WorldState {
  TimePoint now;
  TimePoint advanced_to;  // how far link_dynamics has come
  SimSwitches switches;
  SimTimings timings;
  std::unique_ptr<Random> random;
  Network network;
  // Pointers, so that references stay good while others are added.
  std::vector<std::unique_ptr<SqlServerInstance>> instances;
  std::vector<std::unique_ptr<ManagedInstance>> managed_instances;
  std::vector<Principal> principals;
  std::vector<Operation> operations;
  // Secrets that the systems were told or gave away: tests look for them where they must not be.
  // Written by whoever has the lock, also while it only reads the world.
  mutable std::vector<std::string> confided;

  SqlServerInstance* FindInstance(std::string_view server_name);
  const SqlServerInstance* FindInstance(std::string_view server_name) const;
  // What listens to T-SQL under this name: an instance, or the T-SQL side of a managed one.
  SqlServerInstance* FindSqlSide(std::string_view name);
  ManagedInstance* FindManagedInstance(std::string_view name);
  const ManagedInstance* FindManagedInstance(std::string_view name) const;
  // By the host of an endpoint URL (the instance's fully qualified name).
  ManagedInstance* FindManagedInstanceByFqdn(std::string_view fqdn);
  const ManagedInstance* FindManagedInstanceByFqdn(std::string_view fqdn) const;
  Operation* FindOperation(std::string_view id);
  std::string NewId();  // a GUID in lower case
};

class World {
 public:
  // `clock` must outlive the world.
  explicit World(const Clock& clock, std::uint64_t seed = 1);

  class Guard {
   public:
    WorldState* operator->() const { return state_; }
    WorldState& operator*() const { return *state_; }

   private:
    friend class World;
    Guard(std::unique_lock<std::mutex> lock, WorldState* state)
        : lock_(std::move(lock)), state_(state) {}
    std::unique_lock<std::mutex> lock_;
    WorldState* state_;
  };
  Guard Enter();
  // Forgets everything and begins again with the same seed.
  void Reset();

 private:
  const Clock& clock_;
  std::uint64_t seed_;
  std::mutex mutex_;
  std::unique_ptr<WorldState> state_;
};

// Adds parts to a world. An instance gets its service master key, a started endpoint its socket; a
// managed instance its certificates. The reference is good as long as the world is not reset.
SqlServerInstance& AddInstance(WorldState& world, SqlServerInstance instance);
ManagedInstance& AddManagedInstance(WorldState& world, ManagedInstance instance);
// A new endpoint certificate by the same authority, as the service renews it. Connections go on.
void RotateEndpointCertificate(WorldState& world, ManagedInstance& instance);
Database& AddDatabase(WorldState& world, SqlServerInstance& instance, Database database,
                      std::int64_t size_bytes = 1LL << 30);

}  // namespace milink::sim
