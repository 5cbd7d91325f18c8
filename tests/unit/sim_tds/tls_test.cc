#include "tests/sim/tds/tls.h"

#include <gtest/gtest.h>

namespace milink::sim::tds {
namespace {

using Progress = TlsEndpoint::Progress;

// Lets both ends talk until both are done or one failed.
bool Shake(TlsEndpoint& client, TlsEndpoint& server) {
  std::string to_server;
  std::string to_client;
  Progress client_progress = client.Handshake("", to_server);
  Progress server_progress = Progress::kMore;
  for (int round = 0; round < 10; ++round) {
    server_progress = server.Handshake(to_server, to_client);
    client_progress = client.Handshake(to_client, to_server);
    if (client_progress == Progress::kFailed || server_progress == Progress::kFailed) {
      return false;
    }
    if (client_progress == Progress::kDone && server_progress == Progress::kDone &&
        to_server.empty()) {
      return true;
    }
  }
  return false;
}

class TlsTest : public testing::TestWithParam<TlsEndpoint::Mode> {
 protected:
  // Made once: a key takes a tenth of a second.
  static const TlsIdentity& Identity() {
    static const TlsIdentity kIdentity = MakeSelfSigned("sql01.example").value();
    return kIdentity;
  }
};

TEST_P(TlsTest, CarriesBytesBothWays) {
  TlsEndpoint server(*TlsContext::ForServer(Identity()), GetParam());
  TlsEndpoint client(*TlsContext::ForClient(), GetParam());
  ASSERT_TRUE(Shake(client, server));
  std::string plain;
  EXPECT_TRUE(server.Decrypt(client.Encrypt("question"), plain));
  EXPECT_EQ(plain, "question");
  plain.clear();
  const std::string long_text(100'000, 'x');
  const std::string cipher = server.Encrypt(long_text);
  EXPECT_EQ(cipher.find("xxxx"), std::string::npos);
  for (std::size_t at = 0; at < cipher.size(); at += 777) {
    EXPECT_TRUE(client.Decrypt(std::string_view(cipher).substr(at, 777), plain));
  }
  EXPECT_EQ(plain, long_text);
}

TEST_P(TlsTest, FailsOnNonsense) {
  TlsEndpoint server(*TlsContext::ForServer(Identity()), GetParam());
  std::string answer;
  EXPECT_EQ(server.Handshake("GET / HTTP/1.1\r\n\r\n", answer), Progress::kFailed);
}

TEST_P(TlsTest, NoticesAChangedRecord) {
  TlsEndpoint server(*TlsContext::ForServer(Identity()), GetParam());
  TlsEndpoint client(*TlsContext::ForClient(), GetParam());
  ASSERT_TRUE(Shake(client, server));
  std::string cipher = client.Encrypt("question");
  cipher.back() = static_cast<char>(cipher.back() ^ 1);
  std::string plain;
  EXPECT_FALSE(server.Decrypt(cipher, plain));
}

INSTANTIATE_TEST_SUITE_P(Modes, TlsTest,
                         testing::Values(TlsEndpoint::Mode::kWrapped, TlsEndpoint::Mode::kStrict),
                         [](const auto& mode) {
                           return mode.param == TlsEndpoint::Mode::kWrapped ? "Wrapped" : "Strict";
                         });

TEST(TlsContext, RefusesAKeyOfAnotherCertificate) {
  const auto one = MakeSelfSigned("a");
  const auto other = MakeSelfSigned("b");
  EXPECT_FALSE(TlsContext::ForServer({one->certificate_pem, other->key_pem}).ok());
  EXPECT_FALSE(TlsContext::ForServer({"", ""}).ok());
}

}  // namespace
}  // namespace milink::sim::tds
