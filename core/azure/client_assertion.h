// The signed statement by which a client proves that it has the key of its certificate
// (RFC 7521, 7523): a JSON Web Token with the fields that Microsoft's sign-in wants.
//
// Pure, thread-safe. kInvalid "CredentialUnusable" says what is wrong with certificate or key.
// Source: Azure/azure-sdk-for-cpp client_certificate_credential.cpp.
#pragma once

#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::azure {

struct AssertionClaims {
  std::string audience;   // the whole URL of the token endpoint
  std::string client_id;  // issuer and subject
  std::string id;         // new for each
  TimePoint now;          // it holds from here, for ten minutes
};

// `pem`: certificate and RSA key, in any order; the first certificate counts.
Result<Secret> SignAssertion(const Secret& pem, const Secret& password,
                             const AssertionClaims& claims);

}  // namespace milink::azure
