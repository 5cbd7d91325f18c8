// The public root authorities that sign the certificates of managed instances. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// For whom they are trusted: the managed instances of the public cloud.
inline constexpr std::string_view kInstanceDnsPattern = "*.database.windows.net";

}  // namespace milink::pki
