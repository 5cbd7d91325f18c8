// Private keys as SQL Server exports them (CERTPRIVATEKEY, BACKUP CERTIFICATE .. WITH PRIVATE KEY):
// PVK files, read in memory.
//
// Pure, thread-safe. Every copy of a key that is made here is wiped. Errors: kInvalid
// PrivateKeyUnreadable (damaged, or another password: the format cannot tell the two apart) and
// PrivateKeyUnsupported (no RSA key, or of an odd size). Layout: PRIVATEKEYBLOB of
// learn.microsoft.com "RSA/Schannel Key BLOBs", wrapped as in OpenSSL crypto/pem/pvkfmt.c.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::pki {

// The RSA key (1024 to 4096 bits) as PKCS#8 in DER form, checked to be one. `password` is that of
// the export; an unencrypted file needs none. Its bytes are tried as they are, which is what
// programs do that write such files, and as UTF-16, since nothing tells what CERTPRIVATEKEY does.
Result<Secret> PrivateKeyFromPvk(const Secret& pvk, const Secret& password);

}  // namespace milink::pki
