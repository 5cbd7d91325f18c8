#include "tests/sim/tds/tls.h"

#include <array>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace milink::sim::tds {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Deleter<SSL_free>>;

constexpr int kChunk = 16 * 1024;
// The protocol name of TDS 8, with its length in front.
constexpr std::array<unsigned char, 8> kAlpn = {7, 't', 'd', 's', '/', '8', '.', '0'};

Error TlsError(std::string message) {
  std::array<char, 256> text = {};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return Error{.kind = ErrorKind::kInvalid,
               .reason = "TdsTls",
               .message = std::move(message),
               .detail = text.data()};
}

BioPtr MemoryBio(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Drain(BIO* bio) {
  std::string out;
  std::array<char, kChunk> buffer = {};
  int count = 0;
  while ((count = BIO_read(bio, buffer.data(), kChunk)) > 0) {
    out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return out;
}

// The first certificate of the PEM text is the leaf, the others its chain.
bool UseChain(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = MemoryBio(pem);
  const CertificatePtr leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (leaf == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return false;
  }
  while (true) {
    const CertificatePtr next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) {
      ERR_clear_error();  // the end of the text is reported as an error
      return true;
    }
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return false;
    }
  }
}

bool UseKey(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = MemoryBio(pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  return key != nullptr && SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
         SSL_CTX_check_private_key(context) == 1;
}

int SelectAlpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* length,
               const unsigned char* offered, unsigned int offered_length, void* /*unused*/) {
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, length, kAlpn.data(), kAlpn.size(), offered, offered_length);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

bool AddExtension(X509* certificate, int id, const std::string& value) {
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool FillCertificate(X509* certificate, EVP_PKEY* key, const std::string& host) {
  constexpr long kDay = 24L * 60 * 60;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 365 * kDay);
  X509_NAME* const name = X509_get_subject_name(certificate);
  const std::string common = host.substr(0, 64);
  std::basic_string<unsigned char> bytes(common.begin(), common.end());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes.data(),
                             static_cast<int>(bytes.size()), -1, 0);
  return X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         AddExtension(certificate, NID_subject_alt_name, "DNS:" + host + ",IP:127.0.0.1,IP:::1") &&
         X509_sign(certificate, key, EVP_sha256()) != 0;
}

}  // namespace

Result<TlsIdentity> MakeSelfSigned(const std::string& host) {
  const KeyPtr key(EVP_RSA_gen(2048));
  const CertificatePtr certificate(X509_new());
  if (key == nullptr || certificate == nullptr ||
      !FillCertificate(certificate.get(), key.get(), host)) {
    return TlsError("cannot make a certificate for '" + host + "'");
  }
  const BioPtr certificate_pem(BIO_new(BIO_s_mem()));
  const BioPtr key_pem(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return TlsError("cannot write the certificate");
  }
  return TlsIdentity{.certificate_pem = Drain(certificate_pem.get()),
                     .key_pem = Drain(key_pem.get())};
}

struct TlsContext::Impl {
  ContextPtr context;
  bool server = true;
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::ForServer(const TlsIdentity& identity) {
  ContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr || !UseChain(context.get(), identity.certificate_pem) ||
      !UseKey(context.get(), identity.key_pem)) {
    return TlsError("certificate and key cannot be used");
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_alpn_select_cb(context.get(), SelectAlpn, nullptr);
  auto impl = std::make_unique<Impl>();
  impl->context = std::move(context);
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(impl)));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::ForClient() {
  auto impl = std::make_unique<Impl>();
  impl->context.reset(SSL_CTX_new(TLS_client_method()));
  impl->server = false;
  if (impl->context == nullptr) {
    return TlsError("cannot make a TLS context");
  }
  SSL_CTX_set_verify(impl->context.get(), SSL_VERIFY_NONE, nullptr);
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(impl)));
}

struct TlsEndpoint::Impl {
  std::shared_ptr<const TlsContext> context;  // outlives ssl
  SslPtr ssl;
  BIO* in = nullptr;  // both owned by ssl
  BIO* out = nullptr;
};

TlsEndpoint::TlsEndpoint(std::shared_ptr<const TlsContext> context, Mode mode)
    : impl_(std::make_unique<Impl>()) {
  impl_->context = std::move(context);
  impl_->ssl.reset(SSL_new(impl_->context->impl_->context.get()));
  impl_->in = BIO_new(BIO_s_mem());
  impl_->out = BIO_new(BIO_s_mem());
  SSL_set_bio(impl_->ssl.get(), impl_->in, impl_->out);
  if (mode == Mode::kWrapped) {
    SSL_set_max_proto_version(impl_->ssl.get(), TLS1_2_VERSION);
  } else {
    SSL_set_alpn_protos(impl_->ssl.get(), kAlpn.data(), kAlpn.size());
  }
  if (impl_->context->impl_->server) {
    SSL_set_accept_state(impl_->ssl.get());
  } else {
    SSL_set_connect_state(impl_->ssl.get());
  }
}

TlsEndpoint::~TlsEndpoint() = default;

TlsEndpoint::Progress TlsEndpoint::Handshake(std::string_view received, std::string& to_send) {
  BIO_write(impl_->in, received.data(), static_cast<int>(received.size()));
  ERR_clear_error();
  const int result = SSL_do_handshake(impl_->ssl.get());
  const int reason = SSL_get_error(impl_->ssl.get(), result);
  to_send = Drain(impl_->out);
  if (result == 1) {
    return Progress::kDone;
  }
  ERR_clear_error();
  return reason == SSL_ERROR_WANT_READ ? Progress::kMore : Progress::kFailed;
}

bool TlsEndpoint::Decrypt(std::string_view received, std::string& plain) {
  BIO_write(impl_->in, received.data(), static_cast<int>(received.size()));
  std::array<char, kChunk> buffer = {};
  ERR_clear_error();
  while (true) {
    const int count = SSL_read(impl_->ssl.get(), buffer.data(), kChunk);
    if (count <= 0) {
      const bool waiting = SSL_get_error(impl_->ssl.get(), count) == SSL_ERROR_WANT_READ;
      ERR_clear_error();
      return waiting;
    }
    plain.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::string TlsEndpoint::Encrypt(std::string_view plain) {
  ERR_clear_error();
  if (!plain.empty()) {
    SSL_write(impl_->ssl.get(), plain.data(), static_cast<int>(plain.size()));
  }
  return Drain(impl_->out);
}

}  // namespace milink::sim::tds
