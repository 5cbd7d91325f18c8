// The profile of FreeTDS 1.3. Pure.
//
// TDS_Version=7.4 always: without it FreeTDS falls back to TDS 5.0, which sends the password in
// clear. It verifies a server only by a section of freetds.conf (freetds_config.h). It knows no
// strict encryption and no name in the certificate but the host (it has both from 1.5).
#pragma once

#include <string>

#include "core/sql/driver_profile.h"

namespace milink::sql {

const DriverProfile& FreeTdsProfile();

// The section itself, with the authority in the file `ca_file`.
std::string FreeTdsSection(const SqlTarget& target, const std::string& section,
                           const std::string& ca_file);

}  // namespace milink::sql
