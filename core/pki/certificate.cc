#include "core/pki/certificate.h"

#include <array>
#include <climits>
#include <ctime>
#include <memory>
#include <optional>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/base/text.h"

namespace milink::pki {
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
using BignumPtr = std::unique_ptr<BIGNUM, Freer<BN_free>>;

Error Unreadable(std::string what) {
  ERR_clear_error();
  return Error{ErrorKind::kInvalid, "CertificateUnreadable", std::move(what), ""};
}

// Trailing bytes are refused: SQL Server compares blobs, so a blob is exactly one certificate.
X509Ptr Decode(std::string_view der) {
  if (der.size() > static_cast<std::size_t>(LONG_MAX)) {
    return nullptr;
  }
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = cursor + der.size();
  X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  return cursor == end ? std::move(certificate) : nullptr;
}

BioPtr MemoryOf(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(INT_MAX)) {
    return nullptr;
  }
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string ContentOf(BIO* bio) {
  std::string out(BIO_ctrl_pending(bio), '\0');
  const int size = BIO_read(bio, out.data(), static_cast<int>(out.size()));
  out.resize(static_cast<std::size_t>(std::max(size, 0)));
  return out;
}

std::string NameText(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  constexpr unsigned long kUtf8 =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, kUtf8) < 0) {
    return "";
  }
  return ContentOf(bio.get());
}

std::string CommonName(const X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) {
    return "";
  }
  const ASN1_STRING* data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, data);
  if (length < 0) {
    return "";
  }
  const std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return text;
}

std::string SerialText(const X509& certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  if (number == nullptr) {
    return "";
  }
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return ToHex(bytes);
}

std::optional<TimePoint> TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace

std::string Thumbprint(std::string_view der) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(der.data(), der.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    return "";
  }
  return ToHex(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

Result<CertificateInfo> ParseCertificate(std::string_view der) {
  const X509Ptr certificate = Decode(der);
  if (certificate == nullptr) {
    return Unreadable("the data are not one X.509 certificate in DER form");
  }
  const auto not_before = TimeOf(X509_get0_notBefore(certificate.get()));
  const auto not_after = TimeOf(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) {
    return Unreadable("the certificate has no valid dates");
  }
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  CertificateInfo info;
  info.subject = NameText(subject);
  info.common_name = CommonName(subject);
  info.issuer = NameText(X509_get_issuer_name(certificate.get()));
  info.serial = SerialText(*certificate);
  info.not_before = *not_before;
  info.not_after = *not_after;
  info.thumbprint = Thumbprint(der);
  // 1: by its basic constraints. The other positive answers are guesses for old certificates.
  info.authority = X509_check_ca(certificate.get()) == 1;
  return info;
}

Result<std::string> PemToDer(std::string_view pem) {
  const BioPtr bio = MemoryOf(pem);
  const X509Ptr certificate(
      bio == nullptr ? nullptr : PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return Unreadable("the text holds no certificate in PEM form");
  }
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate.get(), &bytes);
  if (size <= 0) {
    return Unreadable("the certificate cannot be written in DER form");
  }
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

Result<bool> IssuedBy(std::string_view der, std::string_view issuer_der) {
  const X509Ptr certificate = Decode(der);
  const X509Ptr issuer = Decode(issuer_der);
  if (certificate == nullptr || issuer == nullptr) {
    return Unreadable("the data are not X.509 certificates in DER form");
  }
  if (X509_check_issued(issuer.get(), certificate.get()) != X509_V_OK) {
    return false;
  }
  const bool verified = X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
  ERR_clear_error();
  return verified;
}

}  // namespace milink::pki
