#include "core/sql/connect_errors.h"

#include <algorithm>
#include <string>

#include "core/base/text.h"
#include "core/sql/errors.h"

namespace milink::sql {
namespace {

constexpr int kLoginFailedNumber = 18456;

std::string AddressOf(const SqlTarget& target) {
  return target.host + ":" + std::to_string(target.port);
}

// Every refusal ends with 18456; another number before it tells more.
const OdbcDiagnostic* Telling(const std::vector<OdbcDiagnostic>& diagnostics) {
  const OdbcDiagnostic* login = nullptr;
  for (const auto& diagnostic : diagnostics) {
    const ErrorRule* rule = FindErrorRule(diagnostic.number);
    if (diagnostic.number == kLoginFailedNumber) {
      login = &diagnostic;
    } else if (rule != nullptr && rule->error_class != ErrorClass::kInfo) {
      return &diagnostic;
    }
  }
  return login;
}

// What the target does not ask for cannot be why it failed.
TlsFinding Relevant(const DriverProfile& driver, const SqlTarget& target, TlsFinding finding) {
  const bool about_certificate = finding == TlsFinding::kUntrusted ||
                                 finding == TlsFinding::kWrongName ||
                                 finding == TlsFinding::kExpired;
  const bool verifies = driver.Verifies(target);
  const bool about_encryption = finding == TlsFinding::kNoTls;
  const bool encrypts = target.tls != TlsMode::kOptional;
  const bool beside_the_point = (about_certificate && !verifies) || (about_encryption && !encrypts);
  return beside_the_point ? TlsFinding::kTrusted : finding;
}

}  // namespace

std::optional<Error> LoginError(const DriverProfile& driver, const SqlTarget& target,
                                const std::vector<OdbcDiagnostic>& diagnostics) {
  const bool driver_missing = std::ranges::any_of(diagnostics, [](const OdbcDiagnostic& d) {
    return d.text.find("Can't open lib") != std::string::npos;
  });
  if (driver_missing) {
    return Error{ErrorKind::kUnsupported, "DriverMissing",
                 "the ODBC driver " + std::string(driver.name()) +
                     " cannot be loaded; install it with the libraries it needs",
                 Describe(diagnostics)};
  }
  const OdbcDiagnostic* telling = Telling(diagnostics);
  if (telling == nullptr) {
    return std::nullopt;
  }
  if (telling->number == kLoginFailedNumber) {
    return Error{ErrorKind::kUnauthorized, std::string(kLoginFailed),
                 "SQL Server at " + AddressOf(target) + " refused the login '" +
                     Shorten(target.user, 128) +
                     "' (18456); correct user name or password in the credentials Secret",
                 Describe(diagnostics)};
  }
  return ErrorOf({{telling->number, telling->severity, telling->text}},
                 "the login at " + AddressOf(target));
}

TlsProbe ProbeOf(const DriverProfile& driver, const SqlTarget& target) {
  return TlsProbe{.host = target.host,
                  .port = target.port,
                  .name = target.server_name.empty() ? target.host : target.server_name,
                  .ca_pem = target.ca_pem,
                  .strict = target.tls == TlsMode::kStrict,
                  .pinned = driver.CompanionOf(target) == Companion::kCertificate};
}

Error ProbeError(const DriverProfile& driver, const SqlTarget& target, const TlsProbeResult& probe,
                 const std::vector<OdbcDiagnostic>& diagnostics) {
  const std::string where = "SQL Server at " + AddressOf(target);
  std::string detail = probe.detail + "; " + Describe(diagnostics);
  switch (Relevant(driver, target, probe.finding)) {
    case TlsFinding::kUnreachable:
      return Error{ErrorKind::kTransient, "ServerUnreachable",
                   where + " cannot be reached: " + probe.detail +
                       "; check host, port, firewall and that the server is running",
                   std::move(detail)};
    case TlsFinding::kNoTls:
      return Error{ErrorKind::kUnsupported, "TlsUnsupported",
                   where +
                       " does not encrypt; enable encryption there, or set tls.mode Optional "
                       "to connect in clear",
                   std::move(detail)};
    case TlsFinding::kUntrusted:
      return Error{ErrorKind::kInvalid, "TlsUntrusted",
                   where + " shows a certificate that is not trusted: " + probe.detail + "; " +
                       std::string(driver.TrustRemedy(target)),
                   std::move(detail)};
    case TlsFinding::kWrongName:
      return Error{ErrorKind::kInvalid, "TlsNameMismatch",
                   where + " shows a certificate for another name: " + probe.detail + "; " +
                       std::string(driver.NameRemedy()),
                   std::move(detail)};
    case TlsFinding::kExpired:
      return Error{
          ErrorKind::kInvalid, "TlsCertificateExpired",
          where + " shows a certificate outside its validity: " + probe.detail + "; renew it",
          std::move(detail)};
    case TlsFinding::kTrusted:
    case TlsFinding::kNoAnswer:
      break;
  }
  return Error{ErrorKind::kTransient, "ServerUnreachable",
               where + " accepted the connection but no login came about: " + probe.detail +
                   "; check that the port is a SQL Server's and look into its error log",
               std::move(detail)};
}

Error NotEncrypted(const SqlTarget& target) {
  return Error{ErrorKind::kUnsupported, "TlsUnsupported",
               "SQL Server at " + AddressOf(target) +
                   " says that the connection is not encrypted, although tls.mode demands it; the "
                   "connection was closed",
               ""};
}

}  // namespace milink::sql
