// The concerns of a plan, in the order in which they run. Each reads the observation, adds what it
// found and asks for steps; none knows the ones after it.
//
// Pure. One file each, of the name given.
#pragma once

#include <string>

#include "controllers/link/plan/database_view.h"
#include "controllers/link/plan/draft.h"

namespace milink::link {

// readiness.cc: the replica, the managed instance, and the rights on it.
void CheckReadiness(Draft& draft);

// journal.cc: what the process saw succeed becomes Created; records for new databases; operations.
void SettleJournal(Draft& draft);

// network.cc: can the two sides reach each other? Tests it once, and when asked.
void PlanNetwork(Draft& draft);

// network_removal.cc: takes away what a test of the network may have left, as long as the journal
// says that one runs.
struct NetworkRemoval {
  bool done = true;     // nothing can be done now; false: it is under way
  std::string failure;  // what may be there still, and why; empty: nothing
};
NetworkRemoval RemoveNetworkTest(Draft& draft);
// The same before the finalizer goes. What cannot be reached is left, and told. True: it is done.
bool PlanNetworkRemoval(Draft& draft, Topic& topic);

// trust.cc: each side holds the other's certificate, and SQL Server the authorities behind the
// instance's.
void PlanTrust(Draft& draft);

// trust_upload.cc: the managed instance holds the certificates of SQL Server's endpoint, the next
// one included. REQUIRES: both sides were read.
void PlanUploads(Draft& draft);

// chain.cc: lets SQL Server say whether it can follow the chain of the instance's certificate.
// Advice for a link that does not come up; nothing waits for it.
void PlanChainCheck(Draft& draft);

// roles.cc: is the database writable where it was agreed to be? False: nothing may be done with it.
bool CheckRoles(Draft& draft, const DatabaseView& view);

// databases.cc: may the database be linked? Prepares it where the spec permits.
void PlanPreparation(Draft& draft, const DatabaseView& view);

// tde.cc: an encrypted database needs its certificate on the instance, before it is linked and as
// long as it is; brings it there where the spec permits. REQUIRES: view.database is there.
void PlanEncryption(Draft& draft, const DatabaseView& view);
// What stays on the instance when a link is taken apart.
void TellTdeCertificatesLeft(Draft& draft);

// groups.cc: the availability group and the distributed one.
void PlanGroups(Draft& draft, const DatabaseView& view);

// azure_link.cc: the link on the managed instance.
void PlanAzureLink(Draft& draft, const DatabaseView& view);

// progress.cc: connection, seeding, steady state.
void FollowProgress(Draft& draft, const DatabaseView& view);

// unlink.cc: takes one link apart, as far as policy and ownership permit. True: it is done.
// REQUIRES: SQL Server was read, and the instance's links too unless it does not exist any more.
bool PlanUnlink(Draft& draft, const DatabaseView& view, Topic& topic);

// teardown.cc: databases that left the spec.
void PlanRemovedDatabases(Draft& draft);
// The whole object is being deleted. True: the finalizer may go.
bool PlanDeletion(Draft& draft, Topic& topic);

// trust_teardown.cc: the certificates, once no link of ours is left. True: it is done.
// REQUIRES: SQL Server was read, and links and certificates of the instance as for PlanUnlink().
bool PlanTrustRemoval(Draft& draft, Topic& topic);

// summary.cc: conditions, phase and everything else that is told.
void Summarize(const Draft& draft, Plan& plan);
void SummarizeDeletion(const Draft& draft, const Topic& deletion, Plan& plan);

}  // namespace milink::link
