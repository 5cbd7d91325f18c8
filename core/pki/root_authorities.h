// The public root authorities that sign the certificates of managed instances. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/strong.h"

namespace milink::pki {

struct RootAuthority {
  CertificateName sql_name;  // under which Microsoft's scripts import it; any name would do
  std::string common_name;
  std::string thumbprint;  // SHA-1, upper-case hexadecimal
  std::string der;
};

// The two that the link needs at least (Azure SQL documentation, "Configure link with scripts").
std::vector<RootAuthority> RootAuthorities();

// Those of a text of PEM certificates, named after their common names; ones that `known` holds
// already are left out. Errors: kInvalid CertificateUnreadable, also for a text without any and for
// a certificate that is no authority's.
Result<std::vector<RootAuthority>> ReadRootAuthorities(std::string_view pem,
                                                       const std::vector<RootAuthority>& known);

// For whom they are trusted: the managed instances of the public cloud.
inline constexpr std::string_view kInstanceDnsPattern = "*.database.windows.net";

}  // namespace milink::pki
