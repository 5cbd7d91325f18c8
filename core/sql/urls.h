// Addresses of mirroring endpoints as ENDPOINT_URL and LISTENER_URL take them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace milink::sql {

// What the managed instance always listens on; redirect ports 11000-11999 follow.
inline constexpr std::uint16_t kInstanceMirroringPort = 5022;

// "TCP://10.0.0.4:5022". IPv6 addresses get brackets. kInvalid AddressNotAllowed when the address
// holds anything but the characters of names and addresses.
Result<std::string> SqlServerListenerUrl(std::string_view address, std::uint16_t port);

// "tcp://<fqdn>:5022;Server=[<short name>]", for a link whose first primary is SQL Server. Without
// the Server part the instance cannot redirect (41976, 28047).
Result<std::string> InstanceListenerUrl(std::string_view fqdn, std::string_view short_name);

// Is the member behind this URL a managed instance? The rule of Microsoft's own management tools
// (SMO): the URL has a Server part.
bool IsInstanceUrl(std::string_view url);

// Same meaning: scheme and names without regard to case.
bool SameUrl(std::string_view a, std::string_view b);

}  // namespace milink::sql
