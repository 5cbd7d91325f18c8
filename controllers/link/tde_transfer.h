// Carries the certificate of an encrypted database, with its private key, from SQL Server to the
// managed instance.
//
// Thread-safe for different links. The key is in no file, no log and no error; the passwords that
// protect it on its way are made for this one use, and every copy in this process is wiped.
#pragma once

#include <functional>

#include "controllers/link/steps.h"
#include "controllers/link/systems.h"
#include "core/base/result.h"

namespace milink::link {

// `guard` is asked before each of the two requests. Errors: those of the hub, of core/pki and of
// the instance; kUnauthorized PrivateKeyNotGiven when the login may not export the key; kConflict
// CertificateAlreadyExists when the instance has it.
Result<azure::OperationTicket> TransferTdeCertificate(const LinkSystems& systems,
                                                      const ObjectKey& replica,
                                                      const azure::ManagedInstanceRef& instance,
                                                      const UploadTdeCertificate& step,
                                                      const std::function<Status()>& guard);

}  // namespace milink::link
