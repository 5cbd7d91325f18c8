#include "core/sql/connect_errors.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

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
  const Error error = ProbeError(FailingTarget(), {GetParam().finding, "detail"}, kSilent);
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
  EXPECT_EQ(ProbeError(target, {TlsFinding::kUntrusted, ""}, kSilent).reason, "ServerUnreachable");
  target.tls = TlsMode::kOptional;
  EXPECT_EQ(ProbeError(target, {TlsFinding::kNoTls, ""}, kSilent).reason, "ServerUnreachable");
}

TEST(LoginErrorTest, ARefusedLoginNamesTheUser) {
  const auto error = LoginError(
      FailingTarget(), {{"42000", 18456, 14, "Login failed for user 'milink'."}, kSilent.front()});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(error->reason, "LoginFailed");
  EXPECT_EQ(ToString(*error).find("hush"), std::string::npos);
}

TEST(LoginErrorTest, ANumberBesideTheRefusalTellsMore) {
  const auto error = LoginError(
      FailingTarget(), {{"42000", 18456, 14, "Login failed"}, {"42000", 18487, 14, "expired"}});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->reason, "PasswordExpired");
}

TEST(LoginErrorTest, AMissingDriverIsNamed) {
  const auto error =
      LoginError(FailingTarget(), {{"01000", 0, 0, "Can't open lib 'x' : file not found"}});
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->reason, "DriverMissing");
}

TEST(LoginErrorTest, TheDriversOwnMessageTellsNothing) {
  EXPECT_FALSE(
      LoginError(FailingTarget(), {{"08001", 0, 0, "x"}, {"01000", 20002, 9, "y"}}).has_value());
}

TEST(DriverPrefixTest, IsCutOff) {
  EXPECT_EQ(WithoutDriverPrefix("[FreeTDS][SQL Server]Login failed"), "Login failed");
  EXPECT_EQ(WithoutDriverPrefix("plain [x]"), "plain [x]");
  EXPECT_EQ(WithoutDriverPrefix("[open"), "[open");
}

}  // namespace
}  // namespace milink::sql
