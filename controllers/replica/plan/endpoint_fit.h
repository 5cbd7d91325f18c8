// What an existing mirroring endpoint lacks for a link, and how it would be altered so that those
// who use it go on working. Pure.
//
// Facts: LINK-LIFECYCLE P6. Names, ports, roles and what already works stay as they are; Windows
// authentication gets a certificate beside it, RC4 gets AES beside it. An encryption that is not
// required stays, because a partner without any would be shut out.
#pragma once

#include <string>
#include <vector>

#include "core/base/strong.h"
#include "core/sql/snapshot.h"
#include "core/sql/statements.h"

namespace milink::replica {

struct EndpointFit {
  std::vector<std::string> differences;  // in words
  bool alterable = true;                 // all of them, without harm to others
  bool only_stopped = false;             // the state is the one difference

  bool fits() const { return differences.empty(); }
};

EndpointFit FitOf(const sql::MirroringEndpoint& endpoint);

// REQUIRES: FitOf(endpoint) is alterable. `own` is the certificate to add where there is none.
sql::EndpointChange ChangeOf(const sql::MirroringEndpoint& endpoint, const CertificateName& own);

bool UsesCertificate(const sql::MirroringEndpoint& endpoint);

}  // namespace milink::replica
