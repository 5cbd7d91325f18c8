#include "core/sql/tls_probe.h"

#include <array>
#include <climits>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/sql/tcp_stream.h"

namespace milink::sql {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using ContextPtr = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Freer<SSL_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;

constexpr char kPrelogin = 0x12;
constexpr std::size_t kHeader = 8;
// PRELOGIN options: VERSION at 16, ENCRYPTION at 22.
constexpr std::string_view kPreloginPayload(
    "\x00\x00\x0B\x00\x06\x01\x00\x11\x00\x01\xFF\x09\x00\x00\x00\x00\x00\x01", 18);
constexpr char kEncryptionOption = 1;
constexpr char kNotSupported = 2;

std::string Packet(std::string_view payload) {
  const std::size_t size = payload.size() + kHeader;
  std::string out;
  out += kPrelogin;
  out += '\x01';  // the last packet of its message
  out += static_cast<char>(size / 256);
  out += static_cast<char>(size % 256);
  out += std::string(4, '\0');
  return out.append(payload);
}

std::size_t Big16(std::string_view bytes, std::size_t at) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])) * 256U +
         static_cast<unsigned char>(bytes[at + 1]);
}

// Takes TDS packets apart; what a packet carries is handed on.
class PacketReader {
 public:
  explicit PacketReader(TcpStream& stream) : stream_(stream) {}

  std::optional<std::string> NextPayload() {
    while (buffer_.size() < kHeader || buffer_.size() < Big16(buffer_, 2)) {
      auto more = stream_.Read();
      if (!more) {
        return std::nullopt;
      }
      buffer_ += *more;
    }
    const std::size_t size = Big16(buffer_, 2);
    if (size < kHeader) {
      return std::nullopt;
    }
    std::string payload = buffer_.substr(kHeader, size - kHeader);
    buffer_.erase(0, size);
    return payload;
  }

 private:
  TcpStream& stream_;
  std::string buffer_;
};

// The value of ENCRYPTION in a PRELOGIN answer.
std::optional<char> EncryptionOf(std::string_view payload) {
  constexpr std::size_t kEntry = 5;
  constexpr char kEnd = '\xFF';
  for (std::size_t at = 0; at + kEntry <= payload.size() && payload[at] != kEnd; at += kEntry) {
    const std::size_t offset = Big16(payload, at + 1);
    if (payload[at] == kEncryptionOption && offset < payload.size()) {
      return payload[offset];
    }
  }
  return std::nullopt;
}

// Adds every certificate of the text; false when there is none or one is broken.
bool ReadCertificates(std::string_view pem, X509_STORE* store) {
  if (pem.size() > static_cast<std::size_t>(INT_MAX)) {
    return false;
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  int count = 0;
  while (const X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    ++count;
    if (store != nullptr) {
      X509_STORE_add_cert(store, certificate.get());
    }
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return count > 0 && at_end;
}

SslPtr MakeSsl(SSL_CTX* context, const std::string& name) {
  SslPtr ssl(SSL_new(context));
  if (ssl == nullptr) {
    return nullptr;
  }
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) != 1) {
    ERR_clear_error();
    X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  }
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl.get());
  return ssl;
}

ContextPtr MakeContext(const TlsProbe& probe) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) {
    return nullptr;
  }
  if (probe.strict) {
    constexpr std::string_view kProtocol = "\x07tds/8.0";
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(kProtocol.data()),
                            kProtocol.size());
  } else {
    // TLS inside TDS 7.x ends at 1.2.
    SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  }
  // The handshake goes on in any case; the verdict is asked for afterwards.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  if (probe.ca_pem) {
    ReadCertificates(*probe.ca_pem, SSL_CTX_get_cert_store(context.get()));
  } else {
    SSL_CTX_set_default_verify_paths(context.get());
  }
  return context;
}

// How handshake bytes travel: inside TDS packets, or bare (TDS 8).
class Channel {
 public:
  Channel(TcpStream& stream, bool bare) : stream_(stream), packets_(stream), bare_(bare) {}

  bool Write(std::string_view bytes) {
    return stream_.Write(bare_ ? std::string(bytes) : Packet(bytes));
  }
  std::optional<std::string> Read() { return bare_ ? stream_.Read() : packets_.NextPayload(); }

 private:
  TcpStream& stream_;
  PacketReader packets_;
  bool bare_;
};

bool Flush(SSL* ssl, Channel& channel) {
  BIO* const out = SSL_get_wbio(ssl);
  constexpr std::size_t kMost = 4096 - kHeader;
  std::array<char, kMost> piece{};
  while (BIO_ctrl_pending(out) > 0) {
    const int size = BIO_read(out, piece.data(), static_cast<int>(piece.size()));
    if (size <= 0 ||
        !channel.Write(std::string_view(piece.data(), static_cast<std::size_t>(size)))) {
      return false;
    }
  }
  return true;
}

// True once the handshake is done.
bool Handshake(SSL* ssl, Channel& channel) {
  constexpr int kMostRounds = 50;
  for (int round = 0; round < kMostRounds; ++round) {
    const int code = SSL_do_handshake(ssl);
    if (!Flush(ssl, channel)) {
      return false;
    }
    if (code == 1) {
      return true;
    }
    if (SSL_get_error(ssl, code) != SSL_ERROR_WANT_READ) {
      return false;
    }
    const auto bytes = channel.Read();
    if (!bytes) {
      return false;
    }
    BIO_write(SSL_get_rbio(ssl), bytes->data(), static_cast<int>(bytes->size()));
  }
  return false;
}

std::string NameText(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  std::string text(BIO_ctrl_pending(bio.get()), '\0');
  BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  return text;
}

std::string Describe(const SSL* ssl, long verdict) {
  const X509Ptr certificate(SSL_get1_peer_certificate(ssl));
  std::string text = X509_verify_cert_error_string(verdict);
  if (certificate != nullptr) {
    text += "; certificate of " + NameText(X509_get_subject_name(certificate.get())) +
            " issued by " + NameText(X509_get_issuer_name(certificate.get()));
  }
  return text;
}

TlsFinding FindingOf(long verdict) {
  switch (verdict) {
    case X509_V_OK:
      return TlsFinding::kTrusted;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TlsFinding::kWrongName;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return TlsFinding::kExpired;
    default:
      return TlsFinding::kUntrusted;
  }
}

// Does the server show the very certificate that stands in the text?
bool ShowsCertificate(const SSL* ssl, std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr wanted(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  const X509Ptr shown(SSL_get1_peer_certificate(ssl));
  return wanted != nullptr && shown != nullptr && X509_cmp(wanted.get(), shown.get()) == 0;
}

// What stands in the way before TLS; nothing when it can begin.
std::optional<TlsProbeResult> BeforeTls(Channel& channel) {
  if (!channel.Write(kPreloginPayload)) {
    return TlsProbeResult{TlsFinding::kNoAnswer, "the connection was closed"};
  }
  const auto answer = channel.Read();
  const auto encryption = answer ? EncryptionOf(*answer) : std::nullopt;
  if (!encryption) {
    return TlsProbeResult{TlsFinding::kNoAnswer, "no answer of a SQL Server came"};
  }
  if (*encryption == kNotSupported) {
    return TlsProbeResult{TlsFinding::kNoTls,
                          "the server says that it does not support encryption"};
  }
  return std::nullopt;
}

TlsProbeResult Examine(TcpStream& stream, const TlsProbe& probe) {
  Channel channel(stream, probe.strict);
  if (!probe.strict) {
    if (auto result = BeforeTls(channel)) {
      return *std::move(result);
    }
  }
  const ContextPtr context = MakeContext(probe);
  const SslPtr ssl = context == nullptr ? nullptr : MakeSsl(context.get(), probe.name);
  if (ssl == nullptr || !Handshake(ssl.get(), channel)) {
    ERR_clear_error();
    return {TlsFinding::kNoAnswer,
            probe.strict ? "the TLS handshake that begins TDS 8 failed; an older server, or one "
                           "without a certificate, does not know it"
                         : "the TLS handshake (1.2) failed"};
  }
  const long verdict = SSL_get_verify_result(ssl.get());
  ERR_clear_error();
  if (probe.pinned) {
    const bool same = ShowsCertificate(ssl.get(), probe.ca_pem.value_or(""));
    return {same ? TlsFinding::kTrusted : TlsFinding::kUntrusted, Describe(ssl.get(), verdict)};
  }
  return {FindingOf(verdict), Describe(ssl.get(), verdict)};
}

}  // namespace

TlsProbeResult ProbeTls(const TlsProbe& probe, Duration timeout) {
  std::string problem;
  auto stream = TcpStream::Connect(probe.host, probe.port, timeout, problem);
  if (!stream) {
    return {TlsFinding::kUnreachable, std::move(problem)};
  }
  return Examine(*stream, probe);
}

bool IsReadableCa(std::string_view pem) { return ReadCertificates(pem, nullptr); }

}  // namespace milink::sql
