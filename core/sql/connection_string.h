// How a target becomes a connection string of a driver. Pure.
//
// Only FreeTDS is known (TDS_Version=7.4 always: without it FreeTDS falls back to TDS 5.0, which
// sends the password in clear). Keywords are chosen by driver, because every driver ignores
// silently what it does not know, encryption included.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/sql/session.h"

namespace milink::sql {

// How FreeTDS is told about encryption.
enum class TlsRecipe {
  kVerified,    // a section of freetds.conf with a CA; the only form in which it verifies
  kUnverified,  // encrypted, any certificate
  kIfOffered,   // encrypted when the server wants it
};

// Optional with a CA verifies whenever the server encrypts; Optional without one never verifies.
TlsRecipe RecipeOf(const SqlTarget& target);

// Refuses what cannot be written down safely: kInvalid AddressNotAllowed, UserNotAllowed,
// PasswordNotAllowed (naming the key of the Secret, never its value). Refuses also what FreeTDS
// cannot do: kUnsupported TlsUnsupported for strict encryption (it has that from 1.5) and for a
// name in the certificate that is not the host.
Status CheckTarget(const SqlTarget& target);

// `section` names the part of freetds.conf that holds address and CA; empty: address in the string.
// REQUIRES: CheckTarget(target) is ok.
Secret FreeTdsConnectionString(const std::string& driver, const SqlTarget& target,
                               const std::string& section);

// The section itself. `ca_file` empty: none.
std::string FreeTdsSection(const SqlTarget& target, const std::string& section,
                           const std::string& ca_file);

}  // namespace milink::sql
