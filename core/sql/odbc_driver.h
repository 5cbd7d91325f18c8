// Which ODBC driver is loaded, and by which profile it is talked to. Reads the file system.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/sql/driver_profile.h"

namespace milink::sql {

inline constexpr std::string_view kDefaultDriver = "FreeTDS";

struct OdbcDriver {
  std::string library;  // path
  const DriverProfile* profile = nullptr;
};

// The profile that belongs to a library, by its file's name; null for an unknown one.
const DriverProfile* ProfileOf(std::string_view library);

// `wanted`: FreeTDS or msodbcsql18, which are looked for where their packages put them, or the path
// of such a driver; links are followed. kUnsupported DriverMissing when there is no such file, and
// for a driver that no profile is written for: it would ignore silently what it does not know.
Result<OdbcDriver> FindOdbcDriver(std::string_view wanted);

}  // namespace milink::sql
