// The endpoint's certificate for life: in time a new one is made, the managed instances of all
// links come to trust it, the endpoint takes it, and the one before goes. Only certificates that we
// made; others are watched. Nothing is remembered: each look at the instance tells how far it is.
//
// Pure.
#pragma once

#include <optional>
#include <string>

#include "controllers/replica/observation.h"
#include "controllers/replica/steps.h"
#include "core/sql/snapshot.h"

namespace milink::replica {

// Of the certificates that stand for this resource. It carries the resource's UID, so that one is
// known as ours whose creation was interrupted before it could be written down.
std::string CertificateSubject(const api::SqlServerReplica& replica);

// Did we make it? REQUIRES: observed.sql != nullptr.
bool IsOurs(const Observation& observed, const sql::Certificate& certificate);
// The one of ours that is valid for the longest; null when none is valid now.
const sql::Certificate* NewestOfOurs(const Observation& observed);

// To be created now, under a name that is free.
CreateCertificate NewCertificate(const Observation& observed, const CertificateName& name);

struct Renewal {
  const sql::Certificate* next = nullptr;  // made, and not the endpoint's yet
  std::optional<TimePoint> time;  // when `next` is made; nothing: the endpoint's is not ours
  std::optional<Step> step;       // what can be done now
  std::string reason;             // of a valid certificate; empty: nothing is going on
  std::string note;               // what goes on, after the certificate's own words
};

// REQUIRES: observed.sql != nullptr.
Renewal PlanRenewal(const Observation& observed);

// Must it be known what the links' managed instances trust?
bool AwaitsLinks(const api::SqlServerReplicaStatus& status);

}  // namespace milink::replica
