// X.509 certificates: reading them. Pure, thread-safe. Certificates travel as DER bytes everywhere
// in the project.
#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace milink::pki {

struct CertificateInfo {
  std::string subject;      // RFC 2253, UTF-8
  std::string common_name;  // of the subject; empty when it has none
  std::string issuer;       // RFC 2253, UTF-8
  std::string serial;       // upper-case hexadecimal, whole bytes
  TimePoint not_before;
  TimePoint not_after;
  std::string thumbprint;  // SHA-1 of the DER, upper-case hexadecimal, as sys.certificates has it
  bool authority = false;  // may sign certificates (basic constraints)

  bool operator==(const CertificateInfo&) const = default;
};

// Errors: kInvalid CertificateUnreadable.
Result<CertificateInfo> ParseCertificate(std::string_view der);
// The first certificate of a PEM text.
Result<std::string> PemToDer(std::string_view pem);

// Upper-case hexadecimal SHA-1.
std::string Thumbprint(std::string_view der);

// Was the certificate signed by this issuer? Names and signature count, validity does not. Errors:
// kInvalid CertificateUnreadable for either.
Result<bool> IssuedBy(std::string_view der, std::string_view issuer_der);

}  // namespace milink::pki
