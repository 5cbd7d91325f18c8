// Why a connection did not come up, in words for the user. Pure.
#pragma once

#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/sql/driver_profile.h"
#include "core/sql/odbc_handle.h"
#include "core/sql/session.h"
#include "core/sql/tls_probe.h"

namespace milink::sql {

// What the diagnostics alone tell: a refused login, a missing driver. Only the server's own numbers
// count, which are the same with every driver (TDS.md 10); nothing when there is none of them, as
// with FreeTDS's one message for all causes, or the native codes of Microsoft's driver (-1 for TLS,
// 0 for a time-out, the system's own otherwise): then a probe decides.
std::optional<Error> LoginError(const DriverProfile& driver, const SqlTarget& target,
                                const std::vector<OdbcDiagnostic>& diagnostics);

// The look that tells why, as the driver would have connected.
TlsProbe ProbeOf(const DriverProfile& driver, const SqlTarget& target);

Error ProbeError(const DriverProfile& driver, const SqlTarget& target, const TlsProbeResult& probe,
                 const std::vector<OdbcDiagnostic>& diagnostics);

// The server says that the connection is not encrypted although the target demands it.
Error NotEncrypted(const SqlTarget& target);

}  // namespace milink::sql
