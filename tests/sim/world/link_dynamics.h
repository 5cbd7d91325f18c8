// How links live: trust is checked, the two sides connect, databases are seeded and replicated,
// and all of it breaks when its ground is taken away. Driven by the world's clock alone.
// Call with the World's lock held (World::Enter does).
// Source: LINK-LIFECYCLE P11-P13 and 11, ERRORS 5 and 6, ARM 2 and 3.
#pragma once

#include <string>

#include "tests/sim/world/world.h"

namespace milink::sim {

// Moves logs, links and operations from where they are to `world.now`.
void Advance(WorldState& world);

// Why a link cannot connect now.
struct LinkProblem {
  AzureError error;    // what the create operation ends with; an empty code: no problem
  bool final = false;  // ends the operation at once; otherwise only after the time limit
  int sql_number = 0;  // what SQL Server shows as last connect error; 0: it notices nothing
  std::string sql_text;

  bool any() const { return !error.code.empty(); }
};
// Checks everything, opening a real connection to the partner's endpoint.
LinkProblem CheckLink(WorldState& world, const ManagedInstance& instance, const Link& link);

// Can SQL Server follow the chain of a certificate to an authority? False also where it may not
// fetch revocation data.
bool ChainValidated(const WorldState& world, const SqlServerInstance& server,
                    const Certificate& certificate);

// The endpoint of a server was changed: its connections are made anew at once, and those for which
// something is not right any more are lost.
void ConnectAnew(WorldState& world, const SqlServerInstance& server);
// Is SQL Server's certificate valid now?
bool EndpointCertificateValid(const WorldState& world, const SqlServerInstance& server);

// The distributed group on SQL Server that is the other half of a link; null when there is none.
const AvailabilityGroup* GroupOfLink(const WorldState& world, const Link& link);
// The link that is the other half of a distributed group; null while there is none or it belongs
// to another server.
const Link* LinkOfGroup(const WorldState& world, const SqlServerInstance& instance,
                        const AvailabilityGroup& group);
// The source of a linked database; null when it is gone.
const Database* SourceOf(const WorldState& world, const Link& link, const LinkDatabase& database);

// Takes the link away; its database on the instance stays, read-write, when it was seeded.
void RemoveLink(ManagedInstance& instance, const std::string& name);

}  // namespace milink::sim
