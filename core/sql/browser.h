// Asks the SQL Server Browser on which TCP port a named instance listens (UDP; published by
// Microsoft as MC-SQLR, sections 2.2.3 and 2.2.5).
//
// The answer is not authenticated: it only tells where to dial, and TLS tells who is there. Thread-
// safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::sql {

inline constexpr std::uint16_t kBrowserPort = 1434;

// Pure; `instance` has at most 32 bytes.
std::string BrowserRequest(std::string_view instance);
// Pure. Nothing: no answer about this instance, or it listens on no TCP port.
std::optional<std::uint16_t> PortInAnswer(std::string_view answer, std::string_view instance);

// Blocking, at most `timeout` and 3 s. kTransient InstanceNotLocated: the Browser does not know the
// instance, or does not answer; it tells the two apart from each other by silence alone.
Result<std::uint16_t> FindInstancePort(const std::string& host, const std::string& instance,
                                       std::uint16_t browser_port, Duration timeout);

}  // namespace milink::sql
