// The single questions that a plan asks, each answered with a condition. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controllers/replica/observation.h"
#include "controllers/replica/steps.h"
#include "core/api/condition.h"
#include "core/api/sql_server_replica.h"
#include "core/sql/snapshot.h"
#include "core/sql/version.h"

namespace milink::replica {

// An answer, and the change that would make it true, or keep it so.
struct Finding {
  api::ConditionStatus status = api::ConditionStatus::kUnknown;
  std::string reason;
  std::string message;
  std::optional<Step> step = std::nullopt;
  bool stalled = false;  // only a person can help
  // What is not as it should be, for when the step cannot be carried out now; empty: it is missing.
  std::string lacking;
};

Finding CheckReachable(const Observation& observed);
// Is it the instance that was pinned at first contact, and only ours?
Finding CheckIdentity(const Observation& observed);

// May the login do what links need? Unknown while the instance cannot be reached. A right that is
// denied to the observation itself is named as the server names it.
Finding CheckPermissions(const Observation& observed);

// These need a snapshot. REQUIRES: observed.sql != nullptr.
Finding CheckVersion(const Observation& observed);
Finding CheckAlwaysOn(const Observation& observed);
Finding CheckTraceFlags(const Observation& observed);
Finding CheckMasterKey(const Observation& observed);
Finding CheckCertificate(const Observation& observed);
Finding CheckEndpoint(const Observation& observed);

// How the login gets the rights that it lacks: "run ALTER SERVER ROLE ...".
std::string HowToGrant(const api::SqlServerReplica& replica);

// Is everything left as it is, and said what a person would have to do?
bool OnlyObserves(const api::SqlServerReplica& replica);

// As the table of versions wants it.
sql::InstanceBuild BuildOf(const sql::InstanceProperties& properties);

// "Cert_<server>_endpoint": of a server that has none. SQL Server refuses a backslash in the name
// of a certificate that a link uses, so that of a named instance becomes an underscore.
CertificateName DefaultCertificateName(const std::string& server_name);

// The certificate that the endpoint uses, or will use; null when there is none yet.
const sql::Certificate* EndpointCertificate(const Observation& observed);
// An instance has at most one mirroring endpoint; null when it has none.
const sql::MirroringEndpoint* Endpoint(const Observation& observed);

}  // namespace milink::replica
