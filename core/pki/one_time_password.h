// Passwords that protect a private key on its way and are then forgotten.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::pki {

// Plain ASCII with letters of both cases, digits and a sign, as Windows' password policy asks; more
// than 128 bits from OpenSSL's generator for keys. Thread-safe. Errors: kInternal Pkcs12Failed.
Result<Secret> MakeOneTimePassword();

}  // namespace milink::pki
