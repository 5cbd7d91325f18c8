// The profile of Microsoft's ODBC driver 18 (msodbcsql18), from its documentation: the driver
// itself was never at hand. Pure.
//
// It verifies by the system's trust store alone (OpenSSL's, so SSL_CERT_FILE and SSL_CERT_DIR
// count). Only strict encryption (TDS 8) takes a certificate per connection, which is compared with
// the server's as a whole, since 18.1. With Encrypt=no it verifies, too, when the server encrypts.
#pragma once

#include "core/sql/driver_profile.h"

namespace milink::sql {

const DriverProfile& MicrosoftProfile();

}  // namespace milink::sql
