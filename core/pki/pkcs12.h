// A certificate and its private key in one encrypted file (PKCS#12, .pfx), made in memory.
//
// Pure, thread-safe. Every copy of a key that is made here is wiped. Errors: kInvalid
// CertificateUnreadable, PrivateKeyUnreadable, PrivateKeyDiffers (the key of another certificate);
// those of pvk.h; kInternal Pkcs12Failed.
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace milink::pki {

// What the file is encrypted with. Which of them Azure reads is written nowhere; pvk2pfx and every
// Windows write the first.
enum class Pkcs12Cipher {
  kTripleDes,  // PBE-SHA1-3DES, SHA-1
  kAes256,     // PBES2 with AES-256-CBC, SHA-256
};

// `private_key_der`: RSA, as PKCS#8. `password` protects the file; it must not be empty.
Result<Secret> MakePkcs12(std::string_view certificate_der, const Secret& private_key_der,
                          const Secret& password, Pkcs12Cipher cipher = Pkcs12Cipher::kTripleDes);

// What CERTENCODED and CERTPRIVATEKEY gave, as Azure takes it. `pvk_password` is that of the
// export, `password` the one of the file.
Result<Secret> Pkcs12FromPvk(std::string_view certificate_der, const Secret& pvk,
                             const Secret& pvk_password, const Secret& password,
                             Pkcs12Cipher cipher = Pkcs12Cipher::kTripleDes);

}  // namespace milink::pki
