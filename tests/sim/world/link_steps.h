// The steps of a link's life that link_dynamics.cc puts together. Call with the World's lock held.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/world/world.h"

namespace milink::sim {

// Whole bytes that `rate` makes in `step`, keeping the rest for the next time.
std::uint64_t Flow(std::uint64_t rate, Duration step, std::uint64_t& carry);
// Succeeded when the error has no code. Nothing happens for an unknown id.
void EndOperation(WorldState& world, const std::string& id, const AzureError& error);
// The creation has failed: the operation ends, the link goes (or stays, as the switch says).
void FailCreation(WorldState& world, ManagedInstance& instance, Link& link,
                  const AzureError& error);
// The instance's member of the link's distributed group on SQL Server; null when there is none.
GroupReplica* RemoteMemberOf(WorldState& world, const Link& link);
// The newest attempt to seed; null before the first.
Seeding* SeedingOf(WorldState& world, const Link& link, const LinkDatabase& database);
void StartSeeding(WorldState& world, const ManagedInstance& instance, Link& link,
                  LinkDatabase& database, TimePoint at);
// The database is encrypted by what the instance does not have.
bool LacksProtector(const ManagedInstance& instance, const Database& database);
// Does the copy wait for what protects its database now? Notes it, and its end.
bool StopsForProtector(const WorldState& world, const ManagedInstance& instance, const Link& link,
                       LinkDatabase& database);
// One step of copying. True when the link was removed.
bool Seed(WorldState& world, ManagedInstance& instance, Link& link, Duration step, TimePoint at);
// One step of sending the log.
void ReplicateDatabase(WorldState& world, const Link& link, LinkDatabase& database, Duration step,
                       TimePoint at);

}  // namespace milink::sim
