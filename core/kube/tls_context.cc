#include "core/kube/tls_context.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace milink::kube {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Error NotUsable(const std::string& what, const error_code& error) {
  return {ErrorKind::kInvalid, "TlsConfigInvalid", what, error.message()};
}

boost::asio::const_buffer Bytes(std::string_view text) { return {text.data(), text.size()}; }

// Each call returns the code that it also stores.
Status Trust(ssl::context& context, const ClusterAccess& access) {
  error_code error;
  if (access.ca_pem.empty()) {
    return context.set_default_verify_paths(error)
               ? Status(NotUsable("the system's trust store cannot be read", error))
               : OkStatus();
  }
  return context.add_certificate_authority(Bytes(access.ca_pem), error)
             ? Status(NotUsable("the cluster's certificate authority is not PEM", error))
             : OkStatus();
}

Status Identify(ssl::context& context, const ClusterAccess& access) {
  if (access.client_certificate_pem.empty()) {
    return OkStatus();
  }
  error_code error;
  if (context.use_certificate_chain(Bytes(access.client_certificate_pem), error)) {
    return NotUsable("the client certificate is not PEM", error);
  }
  return context.use_private_key(Bytes(access.client_key_pem.Reveal()), ssl::context::pem, error)
             ? Status(NotUsable("the client key is not PEM or does not fit its certificate", error))
             : OkStatus();
}

bool IsAddress(const std::string& host) {
  error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

TlsContext::TlsContext() : context_(std::make_unique<ssl::context>(ssl::context::tls_client)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::Make(const ClusterAccess& access,
                                                     const std::string& host) {
  std::shared_ptr<TlsContext> made(new TlsContext());  // NOLINT: the constructor is private
  ssl::context& context = *made->context_;
  error_code error;
  const auto options = ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1;
  if (context.set_options(options, error)) {
    return Error{ErrorKind::kInvalid, "cannot set the TLS options: " + error.message()};
  }
  made->verifies_ = !access.insecure_skip_tls_verify;
  const auto mode = made->verifies_ ? ssl::verify_peer : ssl::verify_none;
  if (context.set_verify_mode(mode, error)) {
    return Error{ErrorKind::kInvalid, "cannot set the TLS verification: " + error.message()};
  }
  made->client_certificate_pem_ = access.client_certificate_pem;
  made->expected_name_ = access.tls_server_name.empty() ? host : access.tls_server_name;
  if (Status trust = Trust(context, access); !trust.ok()) {
    return std::move(trust).error();
  }
  if (Status identity = Identify(context, access); !identity.ok()) {
    return std::move(identity).error();
  }
  return made;
}

bool TlsContext::ExpectName(ssl_st* connection) const {
  if (!verifies_) {
    return true;
  }
  X509_VERIFY_PARAM* param = SSL_get0_param(connection);
  if (IsAddress(expected_name_)) {
    return X509_VERIFY_PARAM_set1_ip_asc(param, expected_name_.c_str()) == 1;
  }
  std::string server_name = expected_name_;  // SSL_ctrl takes it as mutable
  return SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  server_name.data()) == 1 &&
         X509_VERIFY_PARAM_set1_host(param, expected_name_.c_str(), expected_name_.size()) == 1;
}

}  // namespace milink::kube
