#include "tests/sim/world/pkcs12.h"

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

namespace milink::sim {
namespace {

struct FreePkcs12Part {
  void operator()(PKCS12* p) const { PKCS12_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
};
template <typename T>
using Pkcs12Part = std::unique_ptr<T, FreePkcs12Part>;

}  // namespace

std::optional<OpenedPkcs12> OpenPkcs12(const std::string& file, const std::string& password) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(file.data());
  const auto* const end = cursor + file.size();
  const Pkcs12Part<PKCS12> parsed(d2i_PKCS12(nullptr, &cursor, static_cast<long>(file.size())));
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  if (parsed == nullptr || cursor != end ||
      PKCS12_parse(parsed.get(), password.c_str(), &key, &certificate, nullptr) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  const Pkcs12Part<EVP_PKEY> key_owner(key);
  const Pkcs12Part<X509> owner(certificate);
  OpenedPkcs12 opened;
  if (certificate != nullptr) {
    opened.der.resize(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
    auto* out = reinterpret_cast<unsigned char*>(opened.der.data());
    i2d_X509(certificate, &out);
    opened.has_private_key = key != nullptr && X509_check_private_key(certificate, key) == 1;
  }
  return opened;
}

}  // namespace milink::sim
