// What an ODBC driver can do about TLS and how it is told, because every driver ignores silently
// what it does not know, encryption included. Pure, thread-safe.
//
// Two are known: FreeTDS 1.3, which the operator's image holds, and Microsoft's driver 18, which is
// written from its documentation. Facts: TDS.md 8 and 13. Whatever a profile promises, the server
// is asked after connecting whether the connection is encrypted (odbc_connector.h).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/sql/session.h"

namespace milink::sql {

// What a connection string refers to and somebody must have written beforehand.
enum class Companion {
  kNone,
  kSection,      // of freetds.conf; the string names it
  kCertificate,  // a file with the target's `ca_pem`; the string has its path
};

class DriverProfile {
 public:
  virtual ~DriverProfile() = default;

  // As users know it and --odbc-driver takes it.
  virtual std::string_view name() const = 0;

  // Refuses what this driver cannot do, or would do differently: kUnsupported TlsUnsupported names
  // the driver and the alternatives; kInvalid UserNotAllowed and PasswordNotAllowed name the key of
  // the Secret, never its value.
  virtual Status Check(const SqlTarget& target) const = 0;

  // REQUIRES, of all below: Check(target) is ok.
  virtual Companion CompanionOf(const SqlTarget& target) const = 0;
  // `library`: path of the driver. `companion`: the section's name or the file's path, or empty.
  virtual Secret ConnectionString(const std::string& library, const SqlTarget& target,
                                  const std::string& companion) const = 0;

  // Can the server's certificate be why a connection fails?
  virtual bool Verifies(const SqlTarget& target) const = 0;
  // What a user can do about a certificate that is not trusted, or carries another name.
  virtual std::string_view TrustRemedy(const SqlTarget& target) const = 0;
  virtual std::string_view NameRemedy() const = 0;
};

// What no driver takes: kInvalid AddressNotAllowed, UserNotAllowed, PasswordNotAllowed.
Status CheckTarget(const SqlTarget& target);

// The refusals of a profile.
Error TlsUnsupported(std::string message);
Error UserNotAllowed(std::string_view but);
Error PasswordNotAllowed(std::string_view but);

// One string of all parts, which leaves no other copy of the password.
Secret JoinSecret(std::initializer_list<std::string_view> parts);

}  // namespace milink::sql
