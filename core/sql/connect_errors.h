// Why a connection did not come up, in words for the user. Pure.
#pragma once

#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/sql/odbc_handle.h"
#include "core/sql/session.h"
#include "core/sql/tls_probe.h"

namespace milink::sql {

// What the diagnostics alone tell: a refused login, a missing driver. Nothing when they are
// FreeTDS's one message for all causes; then a probe decides.
std::optional<Error> LoginError(const SqlTarget& target,
                                const std::vector<OdbcDiagnostic>& diagnostics);

Error ProbeError(const SqlTarget& target, const TlsProbeResult& probe,
                 const std::vector<OdbcDiagnostic>& diagnostics);

// The server says that the connection is not encrypted although the target demands it.
Error NotEncrypted(const SqlTarget& target);

}  // namespace milink::sql
