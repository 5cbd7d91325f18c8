#include "core/kube/tls_context.h"

#include <boost/asio/ssl/context.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/fakes/test_certificates.h"

namespace milink::kube {
namespace {

std::shared_ptr<TlsContext> MakeContext(const ClusterAccess& access) {
  auto made = TlsContext::Make(access, "api.test");
  EXPECT_TRUE(made.ok());
  return *made;
}

TEST(TlsContext, OldVersionsOfTlsAreOff) {
  const auto options = SSL_CTX_get_options(MakeContext({})->context().native_handle());
  for (const auto old : {SSL_OP_NO_SSLv3, SSL_OP_NO_TLSv1, SSL_OP_NO_TLSv1_1}) {
    EXPECT_NE(options & old, 0U);
  }
  EXPECT_EQ(options & (SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3), 0U);
}

TEST(TlsContext, TheServerIsVerifiedUnlessToldOtherwise) {
  EXPECT_EQ(SSL_CTX_get_verify_mode(MakeContext({})->context().native_handle()), SSL_VERIFY_PEER);
  ClusterAccess access;
  access.insecure_skip_tls_verify = true;
  EXPECT_EQ(SSL_CTX_get_verify_mode(MakeContext(access)->context().native_handle()),
            SSL_VERIFY_NONE);
}

TEST(TlsContext, TheExpectedNameIsTheHostUnlessAnotherIsGiven) {
  EXPECT_EQ(MakeContext({})->expected_name(), "api.test");
  ClusterAccess access;
  access.tls_server_name = "other.test";
  EXPECT_EQ(MakeContext(access)->expected_name(), "other.test");
}

TEST(TlsContext, AKeyMustFitItsCertificate) {
  const auto one = fakes::MakeTestCertificates("DNS:a").client;
  const auto other = fakes::MakeTestCertificates("DNS:a").client;
  ClusterAccess access;
  access.client_certificate_pem = one.certificate_pem;
  access.client_key_pem = Secret(one.key_pem);
  EXPECT_EQ(MakeContext(access)->client_certificate_pem(), one.certificate_pem);
  access.client_key_pem = Secret(other.key_pem);
  EXPECT_EQ(TlsContext::Make(access, "api.test").error().reason, "TlsConfigInvalid");
}

}  // namespace
}  // namespace milink::kube
