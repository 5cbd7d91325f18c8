// Files of a certificate and its private key (PKCS#12), as managed instances take them. Opened by
// OpenSSL. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>

namespace milink::sim {

struct OpenedPkcs12 {
  std::string der;               // the certificate; empty without one
  bool has_private_key = false;  // and it is that of the certificate
};

// Nothing: it is no such file, or the password is another one.
std::optional<OpenedPkcs12> OpenPkcs12(const std::string& file, const std::string& password);

}  // namespace milink::sim
