// The real ODBC driver against the stand-in's TDS server: how connections come up and why not.
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/sql/tls_probe.h"
#include "tests/integration/sql/tds_fixture.h"

namespace milink::sql {
namespace {

using sim::tds::ListenerOptions;
using sim::tds::ServerEncryption;

class ConnectTest : public TdsFixture {
 protected:
  Error ErrorFor(const SqlTarget& target) {
    auto session = Connector().Connect(target, kWait);
    if (session.ok()) {
      ADD_FAILURE() << "connected";
      return {};
    }
    return session.error();
  }
};

TEST_F(ConnectTest, ConnectsEncryptedAndVerified) {
  Start();
  ASSERT_NE(Connect(), nullptr);
  ASSERT_EQ(executor_.logins().size(), 1U);
  EXPECT_TRUE(executor_.logins().front().encrypted);
  EXPECT_EQ(executor_.logins().front().database, "master");
  EXPECT_EQ(executor_.logins().front().application, "milink-operator");
}

TEST_F(ConnectTest, ANamedInstanceIsFoundThroughTheBrowser) {
  Start();
  LocalBrowser().Announce("INST1", server_->port());
  LocalBrowser().Lose(1);
  SqlTarget target = Target();
  target.port = 1;
  target.instance = "Inst1";
  EXPECT_TRUE(Connector().Connect(target, kWait).ok());

  target.instance = "INST2";
  const Error error = ErrorFor(target);
  EXPECT_EQ(error.reason, "InstanceNotLocated");
  EXPECT_EQ(error.kind, ErrorKind::kTransient);
  EXPECT_NE(error.message.find("INST2"), std::string::npos);
  target.host = "absent.invalid";
  EXPECT_EQ(ErrorFor(target).reason, "InstanceNotLocated");
}

TEST_F(ConnectTest, ConnectsWhenTheServerForcesEncryption) {
  Start({.encryption = ServerEncryption::kOn});
  EXPECT_NE(Connect(), nullptr);
}

TEST_F(ConnectTest, AnotherAuthorityIsUntrusted) {
  Start();
  auto other = sim::tds::MakeSelfSigned("localhost");
  ASSERT_TRUE(other.ok());
  SqlTarget target = Target();
  target.ca_pem = other->certificate_pem;
  const Error error = ErrorFor(target);
  EXPECT_EQ(error.reason, "TlsUntrusted") << ToString(error);
  EXPECT_EQ(error.kind, ErrorKind::kInvalid);
  EXPECT_TRUE(executor_.logins().empty());
}

TEST_F(ConnectTest, WithoutAnAuthorityTheSystemDecides) {
  Start();
  SqlTarget target = Target();
  target.ca_pem = std::nullopt;
  EXPECT_EQ(ErrorFor(target).reason, "TlsUntrusted");
  EXPECT_TRUE(executor_.logins().empty());
}

TEST_F(ConnectTest, AnotherNameIsAMismatch) {
  Start({}, "other.example");
  const Error error = ErrorFor(Target());
  EXPECT_EQ(error.reason, "TlsNameMismatch") << ToString(error);
  EXPECT_TRUE(executor_.logins().empty());
}

TEST_F(ConnectTest, AServerWithoutTlsGetsNoPassword) {
  Start({.encryption = ServerEncryption::kNoTls});
  const Error error = ErrorFor(Target());
  EXPECT_EQ(error.reason, "TlsUnsupported") << ToString(error);
  EXPECT_TRUE(executor_.logins().empty());
}

TEST_F(ConnectTest, TrustOnPurposeTakesAnyCertificateButEncrypts) {
  Start({}, "other.example");
  SqlTarget target = Target();
  target.ca_pem = std::nullopt;
  target.trust_server_certificate = true;
  EXPECT_TRUE(Connector().Connect(target, kWait).ok());
  EXPECT_TRUE(executor_.logins().front().encrypted);
}

TEST_F(ConnectTest, TheServersOwnViewDecidesAboutEncryption) {
  executor_.On(EncryptionText(),
               sim::tds::Rows({TextColumn("encrypt_option")}, {{std::string("FALSE")}}));
  Start();
  EXPECT_EQ(ErrorFor(Target()).reason, "TlsUnsupported");
}

TEST_F(ConnectTest, OptionalConnectsToAServerWithoutTls) {
  Start({.encryption = ServerEncryption::kNoTls});
  SqlTarget target = Target();
  target.tls = TlsMode::kOptional;
  target.ca_pem = std::nullopt;
  EXPECT_TRUE(Connector().Connect(target, kWait).ok());
}

TEST_F(ConnectTest, AWrongPasswordIsALoginFailure) {
  Start();
  SqlTarget target = Target();
  target.password = Secret("wrong-and-secret");
  const Error error = ErrorFor(target);
  EXPECT_EQ(error.kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(error.reason, "LoginFailed") << ToString(error);
  EXPECT_EQ(ToString(error).find("wrong-and-secret"), std::string::npos);
  EXPECT_EQ(executor_.logins().size(), 1U);
}

TEST_F(ConnectTest, NobodyListening) {
  Start();
  const SqlTarget target = Target();
  server_->Stop();
  const Error error = ErrorFor(target);
  EXPECT_EQ(error.kind, ErrorKind::kTransient);
  EXPECT_EQ(error.reason, "ServerUnreachable") << ToString(error);
}

TEST_F(ConnectTest, ASilentServerEndsWithTheLoginTimeout) {
  ListenerOptions options;
  options.faults.stall = sim::tds::Stall::kPrelogin;
  Start(options);
  auto session = Connector().Connect(Target(), std::chrono::seconds(1));
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().reason, "ServerUnreachable") << ToString(session.error());
}

TEST_F(ConnectTest, AnUnreadableAuthorityIsNamed) {
  Start();
  SqlTarget target = Target();
  target.ca_pem = "not pem";
  EXPECT_EQ(ErrorFor(target).reason, "CertificateAuthorityUnreadable");
}

TEST_F(ConnectTest, ReachesIpv4ByAddress) {
  Start();
  SqlTarget target = Target();
  target.host = "127.0.0.1";
  const auto session = Connector().Connect(target, kWait);
  EXPECT_TRUE(session.ok()) << ToString(session.error());
}

TEST_F(ConnectTest, ManyAtOnceEachWithItsOwnAuthority) {
  Start();
  const SqlTarget good = Target();
  auto other = sim::tds::MakeSelfSigned("localhost");
  ASSERT_TRUE(other.ok());
  SqlTarget bad = good;
  bad.ca_pem = other->certificate_pem;
  constexpr int kThreads = 8;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  std::atomic<int> right = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const bool expected = i % 2 == 0;
      right += Connector().Connect(expected ? good : bad, kWait).ok() == expected ? 1 : 0;
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right, kThreads);
}

class PasswordTest : public testing::TestWithParam<std::string> {};

TEST_P(PasswordTest, ArrivesAsItIs) {
  sim::tds::ScriptedExecutor executor({"sa", GetParam(), "master"});
  sim::tds::TdsServerConfig config;
  config.identity = LocalIdentity();
  auto server = sim::tds::TdsServer::Start(executor, config);
  ASSERT_TRUE(server.ok());
  executor.On(EncryptionText(),
              sim::tds::Rows({TextColumn("encrypt_option")}, {{std::string("TRUE")}}));
  SqlTarget target;
  target.host = "localhost";
  target.port = (*server)->port();
  target.user = "sa";
  target.password = Secret(GetParam());
  target.ca_pem = (*server)->certificate_pem();
  EXPECT_TRUE(Connector().Connect(target, kWait).ok());
  ASSERT_EQ(executor.logins().size(), 1U);
  EXPECT_EQ(executor.logins().front().password, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Odd, PasswordTest,
                         testing::Values("p;w", "p{w", "p}w", "pw}", "{pw}", "a=b;UID=c", " p w ",
                                         "p'\"w", "\u00e4\u20ac\U0001F600", "p}}w", "DRIVER={x}"));

TEST_F(ConnectTest, TheProbeFindsTheCertificateInOrder) {
  Start();
  for (const bool strict : {false, true}) {
    const TlsProbe probe{.host = "localhost",
                         .port = server_->port(),
                         .name = "localhost",
                         .ca_pem = server_->certificate_pem(),
                         .strict = strict};
    const TlsProbeResult result = ProbeTls(probe, kWait);
    EXPECT_EQ(result.finding, TlsFinding::kTrusted) << result.detail;
  }
}

// As Microsoft's driver connects with tls.mode Strict (TDS 8).
TEST_F(ConnectTest, TheStrictProbeTellsNamesAndCertificatesApart) {
  Start();
  TlsProbe probe{.host = "localhost",
                 .port = server_->port(),
                 .name = "other.example",
                 .ca_pem = server_->certificate_pem(),
                 .strict = true};
  EXPECT_EQ(ProbeTls(probe, kWait).finding, TlsFinding::kWrongName);
  // Compared as a whole, the certificate may carry any name.
  probe.pinned = true;
  EXPECT_EQ(ProbeTls(probe, kWait).finding, TlsFinding::kTrusted);
  probe.ca_pem = sim::tds::MakeSelfSigned("localhost")->certificate_pem;
  EXPECT_EQ(ProbeTls(probe, kWait).finding, TlsFinding::kUntrusted);
  probe.pinned = false;
  EXPECT_EQ(ProbeTls(probe, kWait).finding, TlsFinding::kUntrusted);
}

}  // namespace
}  // namespace milink::sql
