// What TLS needs to know about a cluster: whom to trust, which name to expect, who we are.
//
// Immutable after Make; shared by all connections, thread-safe.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/kube/cluster_access.h"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Asio's name
}
struct ssl_st;  // NOLINT(readability-identifier-naming): OpenSSL's name

namespace milink::kube {

class TlsContext {
 public:
  // kInvalid "TlsConfigInvalid" when a certificate or key cannot be read. At least TLS 1.2.
  static Result<std::shared_ptr<TlsContext>> Make(const ClusterAccess& access,
                                                  const std::string& host);
  ~TlsContext();

  boost::asio::ssl::context& context() { return *context_; }
  // Makes a connection compare the server's certificate with the name that we expect: a DNS name,
  // or an address as IP SAN. False when the name is not usable.
  bool ExpectName(ssl_st* connection) const;
  const std::string& expected_name() const { return expected_name_; }
  // Whom a connection introduces itself as; empty: nobody.
  const std::string& client_certificate_pem() const { return client_certificate_pem_; }

 private:
  TlsContext();

  std::unique_ptr<boost::asio::ssl::context> context_;
  std::string expected_name_;
  std::string client_certificate_pem_;
  bool verifies_ = true;
};

}  // namespace milink::kube
