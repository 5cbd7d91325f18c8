#include "tests/sim/world/x509.h"

#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "core/base/text.h"

namespace milink::sim {
namespace {

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(X509_STORE* p) const { X509_STORE_free(p); }
  void operator()(X509_STORE_CTX* p) const { X509_STORE_CTX_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(char* p) const { OPENSSL_free(p); }
  void operator()(STACK_OF(X509) * p) const { sk_X509_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Owned<X509> Parse(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = bytes + der.size();
  Owned<X509> certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  return bytes == end ? std::move(certificate) : nullptr;
}

Owned<EVP_PKEY> ParseKey(const std::string& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  X509_add_ext(certificate, extension.get(), -1);
}

void SetTime(ASN1_TIME* field, TimePoint time) {
  ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(time));
}

TimePoint ReadTime(const ASN1_TIME* field) {
  std::tm parts{};
  ASN1_TIME_to_tm(field, &parts);
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string AlternativeNames(const std::vector<std::string>& names) {
  std::vector<std::string> parts;
  for (const std::string& name : names) {
    const bool address = name.find_first_not_of("0123456789.") == std::string::npos;
    parts.push_back((address ? "IP:" : "DNS:") + name);
  }
  return Join(parts, ",");
}

std::string NameText(const X509_NAME* name) {
  if (X509_NAME_entry_count(name) == 1) {
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, 0);
    if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) == NID_commonName) {
      unsigned char* text = nullptr;
      const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
      const Owned<char> owner(reinterpret_cast<char*>(text));
      return size < 0 ? std::string{} : std::string(owner.get(), static_cast<std::size_t>(size));
    }
  }
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0,
                     XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN | ASN1_STRFLGS_UTF8_CONVERT);
  return TextOf(bio.get());
}

std::string SerialText(const X509* certificate) {
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate);
  std::string text;
  for (int i = 0; i < serial->length; ++i) {
    text += (text.empty() ? "" : " ") +
            ToLowerAscii(ToHex(std::string(1, static_cast<char>(serial->data[i]))));
  }
  return text;
}

std::string ToDer(X509* certificate) {
  std::string der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &out);
  return der;
}

}  // namespace

CertificateWithKey MakeCertificate(const CertificateWish& wish, const CertificateWithKey* issuer) {
  const Owned<EVP_PKEY> key(wish.rsa ? EVP_RSA_gen(2048U) : EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  const Owned<BIGNUM> serial(BN_new());
  BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get()));
  SetTime(X509_getm_notBefore(certificate.get()), wish.not_before);
  SetTime(X509_getm_notAfter(certificate.get()), wish.not_after);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.data()),
                             static_cast<int>(wish.common_name.size()), -1, 0);
  const Owned<X509> parent = issuer == nullptr ? nullptr : Parse(issuer->der);
  const Owned<EVP_PKEY> parent_key = issuer == nullptr ? nullptr : ParseKey(issuer->key_pem);
  X509* const signer = parent ? parent.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  if (wish.authority) {
    AddExtension(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
    AddExtension(certificate.get(), signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  if (!wish.dns_names.empty()) {
    AddExtension(certificate.get(), signer, NID_subject_alt_name, AlternativeNames(wish.dns_names));
  }
  X509_sign(certificate.get(), parent_key ? parent_key.get() : key.get(), EVP_sha256());

  const Owned<BIO> key_bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  const Owned<BIO> pem_bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem_bio.get(), certificate.get());
  return {.der = ToDer(certificate.get()),
          .key_pem = TextOf(key_bio.get()),
          .certificate_pem = TextOf(pem_bio.get())};
}

std::optional<CertificateFacts> ReadCertificate(std::string_view der) {
  const Owned<X509> certificate = Parse(der);
  if (!certificate) {
    return std::nullopt;
  }
  CertificateFacts facts;
  facts.subject = NameText(X509_get_subject_name(certificate.get()));
  facts.issuer = NameText(X509_get_issuer_name(certificate.get()));
  facts.serial = SerialText(certificate.get());
  facts.not_before = ReadTime(X509_get0_notBefore(certificate.get()));
  facts.not_after = ReadTime(X509_get0_notAfter(certificate.get()));
  facts.thumbprint = ThumbprintOf(der);
  facts.may_sign_certificates = X509_check_ca(certificate.get()) == 1;
  facts.key_bits = EVP_PKEY_get_bits(X509_get0_pubkey(certificate.get()));
  return facts;
}

std::string ThumbprintOf(std::string_view der) {
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const unsigned char*>(der.data()), der.size(),
       reinterpret_cast<unsigned char*>(digest.data()));
  return ToHex(digest);
}

bool ChainHolds(std::string_view leaf, std::string_view intermediate, std::string_view root,
                TimePoint now) {
  const Owned<X509> leaf_certificate = Parse(leaf);
  const Owned<X509> issuing = Parse(intermediate);
  const Owned<X509> anchor = Parse(root);
  if (!leaf_certificate || !issuing || !anchor) {
    return false;
  }
  const Owned<X509_STORE> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), anchor.get());
  const Owned<STACK_OF(X509)> untrusted(sk_X509_new_null());
  sk_X509_push(untrusted.get(), issuing.get());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf_certificate.get(), untrusted.get());
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  return X509_verify_cert(context.get()) == 1;
}

bool MatchesDnsPattern(std::string_view host, std::string_view pattern) {
  if (!pattern.starts_with("*.")) {
    return EqualsIgnoreCaseAscii(host, pattern);
  }
  const std::string_view tail = pattern.substr(1);
  return host.size() > tail.size() &&
         EqualsIgnoreCaseAscii(host.substr(host.size() - tail.size()), tail);
}

}  // namespace milink::sim
