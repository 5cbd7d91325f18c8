#include "core/sql/connect_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sql/freetds_profile.h"
#include "core/sql/microsoft_profile.h"

namespace milink::sql {
namespace {

using ::testing::HasSubstr;

SqlTarget FailingTarget() {
  SqlTarget target;
  target.host = "sql1";
  target.user = "milink";
  target.password = Secret("hush");
  return target;
}

const std::vector<OdbcDiagnostic> kSilent = {{"08001", 0, 0, "Unable to connect"}};

struct ProbeCase {
  std::string name;
  TlsFinding finding;
  ErrorKind kind;
  std::string reason;
};

class ProbeErrorTest : public testing::TestWithParam<ProbeCase> {};

TEST_P(ProbeErrorTest, TellsTheCause) {
  const Error error =
      ProbeError(FreeTdsProfile(), FailingTarget(), {GetParam().finding, "detail"}, kSilent);
  EXPECT_EQ(error.kind, GetParam().kind);
  EXPECT_EQ(error.reason, GetParam().reason);
  EXPECT_NE(error.message.find("sql1:1433"), std::string::npos);
  EXPECT_NE(error.message.find("; "), std::string::npos);
  EXPECT_NE(error.detail.find("08001"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ProbeErrorTest,
    testing::Values(
        ProbeCase{"NobodyListens", TlsFinding::kUnreachable, ErrorKind::kTransient,
                  "ServerUnreachable"},
        ProbeCase{"NoAnswer", TlsFinding::kNoAnswer, ErrorKind::kTransient, "ServerUnreachable"},
        ProbeCase{"NoTls", TlsFinding::kNoTls, ErrorKind::kUnsupported, "TlsUnsupported"},
        ProbeCase{"OtherCa", TlsFinding::kUntrusted, ErrorKind::kInvalid, "TlsUntrusted"},
        ProbeCase{"OtherName", TlsFinding::kWrongName, ErrorKind::kInvalid, "TlsNameMismatch"},
        ProbeCase{"Expired", TlsFinding::kExpired, ErrorKind::kInvalid, "TlsCertificateExpired"}),
    [](const auto& row) { return row.param.name; });

TEST(ProbeErrorTest, WhatTheTargetDoesNotAskForIsNoCause) {
  SqlTarget target = FailingTarget();
  target.trust_server_certificate = true;
  const auto reason = [&](TlsFinding finding) {
    return ProbeError(FreeTdsProfile(), target, {finding, ""}, kSilent).reason;
  };
  EXPECT_EQ(reason(TlsFinding::kUntrusted), "ServerUnreachable");
  target.tls = TlsMode::kOptional;
  EXPECT_EQ(reason(TlsFinding::kNoTls), "ServerUnreachable");
}

// Without encryption asked for, Microsoft's driver verifies where the server encrypts all the same.
TEST(ProbeErrorTest, TheDriverDecidesWhatItVerifiesAndWhatHelps) {
  SqlTarget target = FailingTarget();
  target.tls = TlsMode::kOptional;
  const TlsProbeResult untrusted{TlsFinding::kUntrusted, ""};
  EXPECT_EQ(ProbeError(FreeTdsProfile(), target, untrusted, kSilent).reason, "ServerUnreachable");
  const Error error = ProbeError(MicrosoftProfile(), target, untrusted, kSilent);
  EXPECT_EQ(error.reason, "TlsUntrusted");
  EXPECT_THAT(error.message, HasSubstr("SSL_CERT_FILE"));
  target.tls = TlsMode::kStrict;
  target.ca_pem = "pem";
  EXPECT_THAT(ProbeError(MicrosoftProfile(), target, untrusted, kSilent).message,
              HasSubstr("must be the server's own"));
  const TlsProbeResult named{TlsFinding::kWrongName, ""};
  EXPECT_THAT(ProbeError(MicrosoftProfile(), target, named, kSilent).message,
              HasSubstr("tls.serverName"));
}

TEST(ProbeOfTest, LooksAsTheDriverWouldConnect) {
  SqlTarget target = FailingTarget();
  TlsProbe probe = ProbeOf(FreeTdsProfile(), target);
  EXPECT_EQ(probe.name, "sql1");
  EXPECT_FALSE(probe.strict || probe.pinned);
  target.tls = TlsMode::kStrict;
  target.server_name = "other.example";
  target.ca_pem = "pem";
  probe = ProbeOf(MicrosoftProfile(), target);
  EXPECT_EQ(probe.name, "other.example");
  EXPECT_TRUE(probe.strict && probe.pinned);
}

TEST(LoginErrorTest, ARefusedLoginNamesTheUser) {
  const auto error =
      LoginError(FreeTdsProfile(), FailingTarget(),
                 {{"42000", 18456, 14, "Login failed for user 'milink'."}, kSilent.front()});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(error->reason, "LoginFailed");
  EXPECT_EQ(ToString(*error).find("hush"), std::string::npos);
}

TEST(LoginErrorTest, ANumberBesideTheRefusalTellsMore) {
  const auto error =
      LoginError(FreeTdsProfile(), FailingTarget(),
                 {{"42000", 18456, 14, "Login failed"}, {"42000", 18487, 14, "expired"}});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->reason, "PasswordExpired");
}

TEST(LoginErrorTest, AMissingDriverIsNamed) {
  for (const auto* driver : {&FreeTdsProfile(), &MicrosoftProfile()}) {
    const auto error = LoginError(*driver, FailingTarget(),
                                  {{"01000", 0, 0, "Can't open lib 'x' : file not found"}});
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->reason, "DriverMissing");
    EXPECT_THAT(error->message, HasSubstr(std::string(driver->name())));
  }
}

// A server's number counts, whatever SQLSTATE the driver gives it; a driver's own tells nothing.
struct ConnectCase {
  const char* name;
  std::vector<OdbcDiagnostic> diagnostics;
  const char* reason;  // empty: the probe decides
};
void PrintTo(const ConnectCase& row, std::ostream* out) { *out << row.name; }

class ConnectErrorTest : public testing::TestWithParam<ConnectCase> {};

TEST_P(ConnectErrorTest, MapsByTheServersNumberAlone) {
  for (const auto* driver : {&FreeTdsProfile(), &MicrosoftProfile()}) {
    const auto error = LoginError(*driver, FailingTarget(), GetParam().diagnostics);
    EXPECT_EQ(error ? error->reason : "", GetParam().reason) << driver->name();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConnectErrorTest,
    testing::Values(
        ConnectCase{"FreeTdsRefusedLogin", {{"42000", 18456, 14, "x"}}, "LoginFailed"},
        ConnectCase{"MicrosoftRefusedLogin", {{"28000", 18456, 0, "x"}}, "LoginFailed"},
        ConnectCase{"FreeTdsUnknownDatabase",
                    {{"42000", 18456, 14, "x"}, {"08004", 4060, 11, "y"}},
                    "DatabaseNotOpened"},
        ConnectCase{"MicrosoftUnknownDatabase",
                    {{"42000", 4060, 0, "y"}, {"28000", 18456, 0, "x"}},
                    "DatabaseNotOpened"},
        ConnectCase{"FreeTdsAnyFailure", {{"08001", 0, 0, "x"}, {"01000", 20002, 9, "y"}}, ""},
        ConnectCase{"FreeTdsTimeout", {{"HYT00", 0, 0, "x"}, {"01000", 20003, 6, "y"}}, ""},
        ConnectCase{"MicrosoftTls",
                    {{"08001", -1, 0, "SSL Provider: certificate verify failed"},
                     {"08001", -1, 0, "Client unable to establish connection"}},
                    ""},
        ConnectCase{"MicrosoftNobodyListens",
                    {{"08001", 10061, 0, "TCP Provider: Error code 0x274D"},
                     {"HYT00", 0, 0, "Login timeout expired"}},
                    ""}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(DriverPrefixTest, IsCutOff) {
  EXPECT_EQ(WithoutDriverPrefix("[FreeTDS][SQL Server]Login failed"), "Login failed");
  EXPECT_EQ(WithoutDriverPrefix("plain [x]"), "plain [x]");
  EXPECT_EQ(WithoutDriverPrefix("[open"), "[open");
}

}  // namespace
}  // namespace milink::sql
