// Digests of bytes. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace milink {

// SHA-1 as 40 upper-case hexadecimal digits: the thumbprint by which SQL Server and Azure name a
// certificate. An identifier, not a protection.
std::string Sha1Thumbprint(std::string_view bytes);

// SHA-256 in lower-case hexadecimal.
std::string Sha256Hex(std::string_view bytes);

}  // namespace milink
