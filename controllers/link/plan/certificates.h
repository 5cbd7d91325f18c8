// What the concerns about certificates share.
//
// Pure.
#pragma once

#include <string>

#include "controllers/link/plan/draft.h"

namespace milink::link {

// Does the other link have the same SQL Server?
bool SameReplica(const Draft& draft, const api::ManagedInstanceLink& other);

// Why what others may use stays though none is known that does: an object that cannot be read;
// empty: there is none.
std::string UnknownUser(const Draft& draft);

// Another link of ours that made this object on that side; null: none did.
const api::ManagedInstanceLink* OtherOwner(const Draft& draft, const ObjectRef& ref,
                                           const std::string& identity);

// What the instance holds under a name; null: nothing.
const azure::PublicCertificate* FindTrust(const azure::ManagedInstanceSnapshot& instance,
                                          const std::string& name);

// The certificate that SQL Server's endpoint shows; null when there is none that can be read.
const sql::Certificate* EndpointCertificate(const Draft& draft);

// Is a link of this object being built, or down? One that replicates proves that SQL Server trusts
// the authorities behind the instance's certificate.
bool AuthoritiesMatter(const Draft& draft);

// What to tell of a certificate whose chain SQL Server could not validate.
std::string ChainAdvice(const CertificateName& certificate);

// Proposes it when both sides are ready, else says what it waits for: trust is built only for a
// pair that is otherwise in order.
void AskWhenReady(Draft& draft, Topic& topic, Step step);

}  // namespace milink::link
