#include "core/sql/microsoft_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace milink::sql {
namespace {

using ::testing::HasSubstr;

constexpr char kOnePem[] = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

SqlTarget MicrosoftTarget() {
  SqlTarget target;
  target.host = "sql1.corp.example";
  target.port = 1434;
  target.user = "milink";
  target.password = Secret("pw");
  return target;
}

std::string StringOf(const SqlTarget& target) {
  return std::string(MicrosoftProfile().ConnectionString("/d.so", target, "").Reveal());
}

TEST(MicrosoftProfileTest, TheStringNamesProtocolAddressAndPort) {
  EXPECT_EQ(StringOf(MicrosoftTarget()),
            "DRIVER={/d.so};Server=tcp:sql1.corp.example,1434;Encrypt=yes;"
            "TrustServerCertificate=no;ConnectRetryCount=0;Database=master;APP=milink-operator;"
            "UID={milink};PWD={pw};");
}

// The port of a named instance is known by then: the driver's own browser is not asked.
TEST(MicrosoftProfileTest, TheInstanceIsNotPartOfTheString) {
  SqlTarget target = MicrosoftTarget();
  target.instance = "INST1";
  EXPECT_EQ(StringOf(target), StringOf(MicrosoftTarget()));
}

TEST(MicrosoftProfileTest, BracesInValuesAreWrittenTwice) {
  struct {
    const char* value;
    const char* written;
  } constexpr kValues[] = {{"p}w", "{p}}w}"},
                           {"};Encrypt=no", "{}};Encrypt=no}"},
                           {"{pw}", "{{pw}}}"},
                           {"}}", "{}}}}}"},
                           {"a;b=c 'd\"", "{a;b=c 'd\"}"}};
  for (const auto& [value, written] : kValues) {
    SqlTarget target = MicrosoftTarget();
    target.password = Secret(value);
    target.user = value;
    EXPECT_TRUE(MicrosoftProfile().Check(target).ok()) << value;
    EXPECT_THAT(StringOf(target),
                HasSubstr(";UID=" + std::string(written) + ";PWD=" + written + ";"))
        << value;
  }
}

// ServerCertificate is compared as a whole, so several cannot be meant.
TEST(MicrosoftProfileTest, SeveralCertificatesCannotBeCompared) {
  SqlTarget target = MicrosoftTarget();
  target.tls = TlsMode::kStrict;
  target.ca_pem = std::string(kOnePem) + kOnePem;
  const Status checked = MicrosoftProfile().Check(target);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().reason, "TlsUnsupported");
  EXPECT_THAT(checked.error().message, HasSubstr("several certificates"));
}

TEST(MicrosoftProfileTest, StrictIsNeverUnverified) {
  SqlTarget target = MicrosoftTarget();
  target.tls = TlsMode::kStrict;
  target.trust_server_certificate = true;
  EXPECT_EQ(MicrosoftProfile().Check(target).error().reason, "TlsUnsupported");
}

}  // namespace
}  // namespace milink::sql
