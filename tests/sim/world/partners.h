// Whether the mirroring endpoints of two SQL Servers shake hands, as the replicas of an ordinary
// availability group must. Both choose among what both offer.
// Source: the T-SQL reference of CREATE ENDPOINT (authentication and encryption of partners).
#pragma once

#include <string>

#include "tests/sim/world/world.h"

namespace milink::sim {

// Windows authentication meets its own kind, and NEGOTIATE meets any; certificates meet where each
// side has the other's public key.
bool AuthenticationAgrees(const SqlServerInstance& a, const SqlServerInstance& b);
// A common algorithm; or none on either side, where neither requires one.
bool EncryptionAgrees(EncryptionAlgorithm a, EncryptionAlgorithm b);
// All of it, and `url` leads to the endpoint of `to`.
bool PartnersConnect(const SqlServerInstance& from, const SqlServerInstance& to,
                     const std::string& url);

}  // namespace milink::sim
