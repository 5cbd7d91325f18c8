// Real certificates for the simulated world: made, issued, read and verified by OpenSSL. The keys
// are new in each run and good for nothing else.
//
// Thread-safe. DER and PEM are plain bytes. Nothing is returned for input that is not valid.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"

namespace milink::sim {

struct CertificateWithKey {
  std::string der;
  std::string key_pem;
  std::string certificate_pem;
};

struct CertificateFacts {
  std::string subject;  // "C=US, O=.., CN=.."; the bare text when CN is all there is
  std::string issuer;
  std::string serial;  // hex pairs separated by blanks
  TimePoint not_before;
  TimePoint not_after;
  std::string thumbprint;
  bool may_sign_certificates = false;
  int key_bits = 0;
};

struct CertificateWish {
  std::string common_name;
  std::vector<std::string> dns_names;  // IPv4 addresses too
  TimePoint not_before;
  TimePoint not_after;
  bool authority = false;
  bool rsa = false;  // as SQL Server makes them; otherwise P-256, which is made at once
};

// Signed by `issuer`, or by itself without one.
CertificateWithKey MakeCertificate(const CertificateWish& wish,
                                   const CertificateWithKey* issuer = nullptr);
std::optional<CertificateFacts> ReadCertificate(std::string_view der);
// SHA-1 of the bytes, upper-case hexadecimal.
std::string ThumbprintOf(std::string_view der);
// Is `leaf` issued, through `intermediate`, by `root`, all valid at `now`?
bool ChainHolds(std::string_view leaf, std::string_view intermediate, std::string_view root,
                TimePoint now);
// Does the host match a DNS pattern such as "*.database.windows.net"? The star stands for any
// number of labels here, as the one pattern documented for the link covers "mi.zone.database..".
bool MatchesDnsPattern(std::string_view host, std::string_view pattern);

}  // namespace milink::sim
