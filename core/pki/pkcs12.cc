#include "core/pki/pkcs12.h"

#include <climits>
#include <string>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/pki/openssl_types.h"
#include "core/pki/pvk.h"

namespace milink::pki {
namespace {

using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO_free>>;
using RsaPtr = std::unique_ptr<RSA, Freer<RSA_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, Freer<PKCS12_free>>;

constexpr int kIterations = 10'000;

Error Refuse(Error error) {
  ERR_clear_error();
  return error;
}

Error Failed(const char* message) {
  return Refuse({ErrorKind::kInternal, "Pkcs12Failed", message, ""});
}

X509Ptr ParseCertificateDer(std::string_view der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = cursor + der.size();
  X509Ptr certificate(
      der.size() > INT_MAX ? nullptr : d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  return cursor == end ? std::move(certificate) : nullptr;
}

// By the old functions: the decoders of OpenSSL 3 leave copies of the key in freed memory.
KeyPtr ParseKey(const Secret& der) {
  const std::string_view bytes = der.Reveal();
  const auto* cursor = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = cursor + bytes.size();
  const Pkcs8Ptr info(
      bytes.size() > INT_MAX
          ? nullptr
          : d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(bytes.size())));
  const ASN1_OBJECT* algorithm = nullptr;
  const unsigned char* numbers = nullptr;
  int size = 0;
  if (info == nullptr || cursor != end ||
      PKCS8_pkey_get0(&algorithm, &numbers, &size, nullptr, info.get()) != 1 ||
      OBJ_obj2nid(algorithm) != NID_rsaEncryption) {
    return nullptr;
  }
  const RsaPtr rsa(d2i_RSAPrivateKey(nullptr, &numbers, size));
  KeyPtr key(EVP_PKEY_new());
  const bool made =
      rsa != nullptr && key != nullptr && EVP_PKEY_set1_RSA(key.get(), rsa.get()) == 1;
  return made ? std::move(key) : nullptr;
}

// The file without its seal (the MAC over it).
Pkcs12Ptr Encrypt(X509* certificate, EVP_PKEY* key, const std::string& password,
                  Pkcs12Cipher cipher) {
  const int algorithm =
      cipher == Pkcs12Cipher::kTripleDes ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : NID_aes_256_cbc;
  constexpr int kNoMac = -1;
  return Pkcs12Ptr(PKCS12_create(password.c_str(), nullptr, key, certificate, nullptr, algorithm,
                                 algorithm, kIterations, kNoMac, 0));
}

bool Seal(PKCS12* file, const std::string& password, Pkcs12Cipher cipher) {
  const EVP_MD* digest = cipher == Pkcs12Cipher::kTripleDes ? EVP_sha1() : EVP_sha256();
  return PKCS12_set_mac(file, password.c_str(), -1, nullptr, 0, kIterations, digest) == 1;
}

}  // namespace

Result<Secret> MakePkcs12(std::string_view certificate_der, const Secret& private_key_der,
                          const Secret& password, Pkcs12Cipher cipher) {
  const X509Ptr certificate = ParseCertificateDer(certificate_der);
  if (certificate == nullptr) {
    return Refuse({ErrorKind::kInvalid, "CertificateUnreadable",
                   "the data are not one X.509 certificate in DER form", ""});
  }
  const KeyPtr key = ParseKey(private_key_der);
  if (key == nullptr) {
    return Refuse({ErrorKind::kInvalid, "PrivateKeyUnreadable",
                   "the private key cannot be read: it is no RSA key as PKCS#8", ""});
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Refuse({ErrorKind::kInvalid, "PrivateKeyDiffers",
                   "the private key belongs to another certificate", ""});
  }
  std::string text(password.Reveal());
  const Wiper text_wiper(text);
  if (text.empty() || text.find('\0') != std::string::npos) {
    return Failed("a PKCS#12 file needs a password without zeros");
  }
  const Pkcs12Ptr file = Encrypt(certificate.get(), key.get(), text, cipher);
  if (file == nullptr || !Seal(file.get(), text, cipher)) {
    return Failed("the PKCS#12 file could not be made");
  }
  const int size = i2d_PKCS12(file.get(), nullptr);
  if (size <= 0) {
    return Failed("the PKCS#12 file could not be written");
  }
  std::string der(static_cast<std::size_t>(size), '\0');
  const Wiper der_wiper(der);
  auto* cursor = reinterpret_cast<unsigned char*>(der.data());
  i2d_PKCS12(file.get(), &cursor);
  return Secret(der);
}

Result<Secret> Pkcs12FromPvk(std::string_view certificate_der, const Secret& pvk,
                             const Secret& pvk_password, const Secret& password,
                             Pkcs12Cipher cipher) {
  const auto key = PrivateKeyFromPvk(pvk, pvk_password);
  return key ? MakePkcs12(certificate_der, *key, password, cipher) : key.error();
}

}  // namespace milink::pki
