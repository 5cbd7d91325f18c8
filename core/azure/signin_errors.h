// What a refusal of the sign-in service means, and what a person does about it.
//
// Pure, thread-safe. By the numbers that the service gives (AADSTS..); its text changes with every
// answer (trace ids, times), which is left out, so that the same refusal is the same error.
//   kUnauthorized CredentialRejected, CredentialExpired, ClockSkew: a person must change something
//   kTransient    CredentialPending: the authority may not know it yet
//   kTransient    TokenServiceFailed, kThrottled TokenServiceBusy: nothing is wrong with the
//                 identity
#pragma once

#include <string>

#include "core/azure/http.h"
#include "core/base/error.h"

namespace milink::azure {

// `who`: "client .. of tenant ..".
Error SignInError(const HttpResponse& response, const std::string& who);

}  // namespace milink::azure
