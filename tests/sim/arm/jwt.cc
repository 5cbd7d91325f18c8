#include "tests/sim/arm/jwt.h"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/base/text.h"

namespace milink::sim {
namespace {

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* BytesOf(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::optional<std::string> DecodeBase64Url(const std::string& text) {
  std::string padded = text;
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  const std::size_t missing = (4 - padded.size() % 4) % 4;
  padded.append(missing, '=');
  std::string decoded(padded.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   BytesOf(padded), static_cast<int>(padded.size()));
  if (size < 0 || missing == 3) {
    return std::nullopt;
  }
  decoded.resize(static_cast<std::size_t>(size) - missing);
  return decoded;
}

std::string EncodeBase64Url(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), BytesOf(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=')) {
    text.pop_back();
  }
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string MakeJwt(const nlohmann::json& payload, const CertificateWithKey& certificate) {
  const Owned<BIO> bio(
      BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size())));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const std::string thumbprint = *FromHex(ThumbprintOf(certificate.der));
  const nlohmann::json header{{"alg", "RS256"}, {"x5t", EncodeBase64Url(thumbprint)}};
  const std::string text = EncodeBase64Url(header.dump()) + "." + EncodeBase64Url(payload.dump());
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
  std::size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 BytesOf(text), text.size());
  signature.resize(size);
  return text + "." + EncodeBase64Url(signature);
}

std::optional<Jwt> ReadJwt(const std::string& text) {
  const auto parts = Split(text, '.');
  if (parts.size() != 3) {
    return std::nullopt;
  }
  const auto header = DecodeBase64Url(parts[0]);
  const auto payload = DecodeBase64Url(parts[1]);
  const auto signature = DecodeBase64Url(parts[2]);
  if (!header || !payload || !signature) {
    return std::nullopt;
  }
  Jwt jwt{.header = nlohmann::json::parse(*header, nullptr, false),
          .payload = nlohmann::json::parse(*payload, nullptr, false),
          .signed_text = parts[0] + "." + parts[1],
          .signature = *signature};
  return jwt.header.is_object() && jwt.payload.is_object() ? std::optional(std::move(jwt))
                                                           : std::nullopt;
}

bool VerifyJwt(const Jwt& jwt, const std::string& certificate_pem) {
  const Owned<BIO> bio(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (certificate == nullptr ||
      X509_digest(certificate.get(), EVP_sha1(), digest.data(), &size) != 1) {
    return false;
  }
  const std::string thumbprint(reinterpret_cast<const char*>(digest.data()), size);
  if (jwt.header.value("alg", "") != "RS256" ||
      DecodeBase64Url(jwt.header.value("x5t", "")) != thumbprint) {
    return false;
  }
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                              X509_get0_pubkey(certificate.get())) == 1 &&
         EVP_DigestVerify(context.get(), BytesOf(jwt.signature), jwt.signature.size(),
                          BytesOf(jwt.signed_text), jwt.signed_text.size()) == 1;
}

}  // namespace milink::sim
