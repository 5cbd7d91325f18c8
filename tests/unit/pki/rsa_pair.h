// Certificates with RSA keys, made once for the program.
#pragma once

#include "core/base/time_format.h"
#include "tests/sim/world/x509.h"

namespace milink::pki::test {

inline sim::CertificateWithKey MakePair() {
  const TimePoint now = *ParseRfc3339("2026-11-21T10:00:00Z");
  return sim::MakeCertificate({.common_name = "TDE",
                               .dns_names = {},
                               .not_before = now,
                               .not_after = now + std::chrono::hours(24),
                               .authority = false,
                               .rsa = true});
}

inline const sim::CertificateWithKey& OurPair() {
  static const sim::CertificateWithKey kPair = MakePair();
  return kPair;
}

inline const sim::CertificateWithKey& OtherPair() {
  static const sim::CertificateWithKey kPair = MakePair();
  return kPair;
}

}  // namespace milink::pki::test
