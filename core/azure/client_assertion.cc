#include "core/azure/client_assertion.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/base/text.h"

namespace milink::azure {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

Error Unusable(const std::string& what) {
  ERR_clear_error();
  return {ErrorKind::kInvalid, "CredentialUnusable",
          "the client certificate cannot be used: " + what, ""};
}

// RFC 4648 5, without padding.
std::string Base64Url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=')) {
    text.pop_back();
  }
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

BioPtr Reading(const Secret& pem) {
  const std::string_view text = pem.Reveal();
  const int size = static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX));
  return BioPtr(BIO_new_mem_buf(text.data(), size));
}

// Called by OpenSSL for an encrypted key. Without it, it would ask at the terminal.
int GivePassword(char* buffer, int size, int /*writing*/, void* context) {
  const std::string_view password = static_cast<const Secret*>(context)->Reveal();
  if (password.size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  std::memcpy(buffer, password.data(), password.size());
  return static_cast<int>(password.size());
}

std::string Sha1Of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha1(), digest.data(), &size) != 1) {
    return "";
  }
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string Sign(EVP_PKEY* key, const std::string& text) {
  const DigestPtr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return "";
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, text.size()) != 1) {
    return "";
  }
  signature.resize(size);
  return signature;
}

std::int64_t Seconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Result<Secret> SignAssertion(const Secret& pem, const Secret& password,
                             const AssertionClaims& claims) {
  const X509Ptr certificate(PEM_read_bio_X509(Reading(pem).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return Unusable("there is none in PEM form");
  }
  const KeyPtr key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, GivePassword,
                                           const_cast<Secret*>(&password)));
  if (key == nullptr) {
    return Unusable("there is no key in PEM form beside it, or its password is another one");
  }
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return Unusable("its key is no RSA key, and Azure takes no other");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return Unusable("the key beside it belongs to another certificate");
  }
  const std::string thumbprint = Sha1Of(*certificate);
  const nlohmann::json header{
      {"alg", "RS256"}, {"typ", "JWT"}, {"x5t", Base64Url(thumbprint)}, {"kid", ToHex(thumbprint)}};
  constexpr auto kLifetime = std::chrono::minutes(10);
  const nlohmann::json payload{
      {"aud", claims.audience},     {"iss", claims.client_id},
      {"sub", claims.client_id},    {"jti", claims.id},
      {"nbf", Seconds(claims.now)}, {"exp", Seconds(claims.now + kLifetime)}};
  std::string text = Base64Url(header.dump()) + "." + Base64Url(payload.dump());
  const std::string signature = Sign(key.get(), text);
  if (signature.empty()) {
    return Unusable("its key does not sign");
  }
  return Secret(std::move(text) + "." + Base64Url(signature));
}

}  // namespace milink::azure
