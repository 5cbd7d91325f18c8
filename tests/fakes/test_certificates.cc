#include "tests/fakes/test_certificates.h"

#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace milink::fakes {
namespace {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPointer = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

void Check(bool ok) {
  if (!ok) {
    throw std::runtime_error("OpenSSL failed to make a test certificate");
  }
}

struct Signed {
  KeyPointer key;
  CertificatePointer certificate;
};

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Without `issuer`: an authority that signs itself.
Signed Make(const std::string& common_name, long serial, const Signed* issuer,
            const std::string& subject_alt_names) {
  Signed made{KeyPointer(EVP_EC_gen("P-256")), CertificatePointer(X509_new())};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 3600);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME* name = X509_get_subject_name(certificate);
  const std::basic_string<unsigned char> text(common_name.begin(), common_name.end());
  Check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text.c_str(), -1, -1, 0) == 1);
  X509* issued_by = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(issued_by));
  AddExtension(certificate, issued_by, NID_basic_constraints,
               issuer != nullptr ? "critical,CA:FALSE" : "critical,CA:TRUE");
  if (!subject_alt_names.empty()) {
    AddExtension(certificate, issued_by, NID_subject_alt_name, subject_alt_names);
  }
  EVP_PKEY* signer = issuer != nullptr ? issuer->key.get() : made.key.get();
  Check(X509_sign(certificate, signer, EVP_sha256()) > 0);
  return made;
}

std::string TextOf(BIO* bio) {
  std::string text(static_cast<std::size_t>(BIO_pending(bio)), '\0');
  Check(BIO_read(bio, text.data(), static_cast<int>(text.size())) > 0);
  return text;
}

KeyPair ToPem(const Signed& made) {
  KeyPair pair;
  const BioPointer certificate(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_X509(certificate.get(), made.certificate.get()) == 1);
  pair.certificate_pem = TextOf(certificate.get());
  const BioPointer key(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PrivateKey(key.get(), made.key.get(), nullptr, nullptr, 0, nullptr,
                                 nullptr) == 1);
  pair.key_pem = TextOf(key.get());
  return pair;
}

}  // namespace

TestCertificates MakeTestCertificates(const std::string& subject_alt_names) {
  const Signed authority = Make("test-authority", 1, nullptr, "");
  return {ToPem(authority).certificate_pem,
          ToPem(Make("test-server", 2, &authority, subject_alt_names)),
          ToPem(Make("test-client", 3, &authority, ""))};
}

}  // namespace milink::fakes
