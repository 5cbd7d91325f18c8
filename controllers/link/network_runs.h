// Carries out the parts of a test of the network, and takes their outcomes.
//
// Thread-safe for different links. Never waits: batches run as long statements, connections of this
// process on threads of their own; only what Azure says of the subnet is read at once.
#pragma once

#include <functional>

#include "controllers/link/observation.h"
#include "controllers/link/systems.h"

namespace milink::link {

// What becomes of it, failures too, stands in systems.network. `guard`: see sql::InstanceHub.
void BeginNetworkProbe(const LinkSystems& systems, const Observation& seen, const TestNetwork& step,
                       const std::function<Status()>& guard);

// Takes what has ended since.
void FollowNetworkTest(const LinkSystems& systems, const api::ManagedInstanceLink& link);

// Nobody is left who drives the tests of this link: forgets them and the logins they used, but
// those for the pair `kept`. False: a statement on a managed instance runs still and is not cut
// off, since it would leave its job there; ask again.
bool AbandonNetworkTests(const LinkSystems& systems, const ObjectKey& link,
                         const std::string& kept = {});

}  // namespace milink::link
