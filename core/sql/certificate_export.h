// A certificate and its private key out of SQL Server, through the connection: no file on the
// server. Pure.
//
// Source: CERTENCODED and CERTPRIVATEKEY of the T-SQL reference. The key comes as a PVK file,
// encrypted with a password given for this one use; the server gives none (NULL) to a login that
// may not use it, and asks for the database master key to be open.
//
// There is no way through a file (BACKUP CERTIFICATE), since it would reach nothing more: both
// exist in every version from 2016 on, an encryption key takes only a certificate whose private key
// is under the master key, and one that was put under a password or lost its private key later is
// given by neither without that password. Source: "Transparent data encryption" and CERTPRIVATEKEY
// of the SQL Server documentation.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/sql/session.h"

namespace milink::sql {

struct ExportedCertificate {
  std::string der;
  Secret private_key;  // PVK; empty: the login may not use it, or there is none
};

// `thumbprint` in hexadecimal. Errors: kInvalid TextNotAllowed (quoting.h).
Result<SqlBatch> ExportCertificate(std::string_view thumbprint, const Secret& password);

// Takes the reply, whose copy of the key is wiped. Errors: kNotFound CertificateNotFound when no
// certificate has the thumbprint, kInternal ReplyMalformed.
Result<ExportedCertificate> ReadExportedCertificate(SqlReply reply);

}  // namespace milink::sql
