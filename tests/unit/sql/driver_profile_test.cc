#include "core/sql/driver_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sql/freetds_profile.h"
#include "core/sql/microsoft_profile.h"

namespace milink::sql {
namespace {

using ::testing::HasSubstr;

constexpr char kPem[] = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

SqlTarget ProfiledTarget() {
  SqlTarget target;
  target.host = "sql1.corp.example";
  target.user = "milink";
  target.password = Secret("pw");
  return target;
}

TEST(CheckTargetTest, RefusesWhatCannotBeWrittenDown) {
  EXPECT_TRUE(CheckTarget(ProfiledTarget()).ok());
  for (const std::string& host : {std::string(), std::string("a b"), std::string("h;PWD=x"),
                                  std::string("[::1]"), std::string(241, 'a')}) {
    SqlTarget target = ProfiledTarget();
    target.host = host;
    EXPECT_EQ(CheckTarget(target).error().reason, "AddressNotAllowed") << host;
  }
  for (const char* const user : {"", "CORP\\user"}) {
    SqlTarget target = ProfiledTarget();
    target.user = user;
    EXPECT_EQ(CheckTarget(target).error().reason, "UserNotAllowed") << user;
  }
}

TEST(CheckTargetTest, ANameForTheCertificateCannotAddKeywords) {
  SqlTarget target = ProfiledTarget();
  target.server_name = "sql1;TrustServerCertificate=yes";
  EXPECT_EQ(CheckTarget(target).error().reason, "AddressNotAllowed");
  EXPECT_THAT(CheckTarget(target).error().message, HasSubstr("spec.tls.serverName"));
}

TEST(CheckTargetTest, NamesTheKeyOfAPasswordThatCannotBeGivenAndNotItsValue) {
  for (const std::string& password : {std::string("hush\0x", 6), std::string("hush\xFF")}) {
    SqlTarget target = ProfiledTarget();
    target.password = Secret(password);
    const Status checked = CheckTarget(target);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(checked.error().reason, "PasswordNotAllowed");
    EXPECT_THAT(checked.error().message, HasSubstr("'password'"));
    EXPECT_EQ(ToString(checked.error()).find("hush"), std::string::npos);
  }
}

// What a driver does with an encryption that a spec asks for.
struct TlsAnswer {
  const char* refused = "";  // words of the refusal; empty: it does it
  Companion companion = Companion::kNone;
  const char* keywords = "";  // those about encryption, in the connection string
  bool verifies = false;
};

struct TlsCase {
  const char* name;
  TlsMode mode;
  bool ca;
  bool server_name;
  bool trust;
  TlsAnswer freetds;
  TlsAnswer microsoft;
};
void PrintTo(const TlsCase& row, std::ostream* out) { *out << row.name; }

constexpr TlsAnswer kSection{.companion = Companion::kSection, .verifies = true};
constexpr TlsAnswer kNoStrict{.refused = "FreeTDS of this operator cannot do"};
constexpr TlsAnswer kNoName{.refused = "FreeTDS of this operator compares the certificate"};
constexpr TlsAnswer kNoAuthority{.refused =
                                     "msodbcsql18 of this operator trusts the authorities of"};

// Every combination that the API server lets through (DESIGN 1.1); the drivers' part is TDS.md 8
// and 13.
constexpr TlsCase kCases[] = {
    {"Mandatory",
     TlsMode::kMandatory,
     false,
     false,
     false,
     kSection,
     {.keywords = ";Encrypt=yes;TrustServerCertificate=no;", .verifies = true}},
    {"MandatoryWithAuthority", TlsMode::kMandatory, true, false, false, kSection, kNoAuthority},
    {"MandatoryWithName",
     TlsMode::kMandatory,
     false,
     true,
     false,
     kNoName,
     {.keywords = ";Encrypt=yes;TrustServerCertificate=no;HostnameInCertificate=other.example;",
      .verifies = true}},
    {"MandatoryWithBoth", TlsMode::kMandatory, true, true, false, kNoName, kNoAuthority},
    {"MandatoryUnverified",
     TlsMode::kMandatory,
     false,
     false,
     true,
     {.keywords = ";Encryption=require;"},
     {.keywords = ";Encrypt=yes;TrustServerCertificate=yes;"}},
    {"Optional",
     TlsMode::kOptional,
     false,
     false,
     false,
     {.keywords = ";Encryption=request;"},
     {.keywords = ";Encrypt=no;TrustServerCertificate=no;", .verifies = true}},
    {"OptionalWithAuthority", TlsMode::kOptional, true, false, false, kSection, kNoAuthority},
    {"OptionalWithName",
     TlsMode::kOptional,
     false,
     true,
     false,
     kNoName,
     {.keywords = ";Encrypt=no;TrustServerCertificate=no;HostnameInCertificate=other.example;",
      .verifies = true}},
    {"OptionalWithBoth", TlsMode::kOptional, true, true, false, kNoName, kNoAuthority},
    {"OptionalUnverified",
     TlsMode::kOptional,
     false,
     false,
     true,
     {.keywords = ";Encryption=request;"},
     {.keywords = ";Encrypt=no;TrustServerCertificate=yes;"}},
    {"Strict",
     TlsMode::kStrict,
     false,
     false,
     false,
     kNoStrict,
     {.keywords = ";Encrypt=strict;TrustServerCertificate=no;", .verifies = true}},
    {"StrictWithAuthority",
     TlsMode::kStrict,
     true,
     false,
     false,
     kNoStrict,
     {.companion = Companion::kCertificate,
      .keywords = ";Encrypt=strict;TrustServerCertificate=no;ServerCertificate=beside;",
      .verifies = true}},
    {"StrictWithName",
     TlsMode::kStrict,
     false,
     true,
     false,
     kNoStrict,
     {.keywords = ";Encrypt=strict;TrustServerCertificate=no;HostnameInCertificate=other.example;",
      .verifies = true}},
    {"StrictWithBoth",
     TlsMode::kStrict,
     true,
     true,
     false,
     kNoStrict,
     {.companion = Companion::kCertificate,
      .keywords = ";Encrypt=strict;TrustServerCertificate=no;HostnameInCertificate=other.example;"
                  "ServerCertificate=beside;",
      .verifies = true}},
};

class DriverTls : public ::testing::TestWithParam<TlsCase> {
 protected:
  static SqlTarget Target() {
    SqlTarget target = ProfiledTarget();
    target.tls = GetParam().mode;
    target.ca_pem = GetParam().ca ? std::optional<std::string>(kPem) : std::nullopt;
    target.server_name = GetParam().server_name ? "other.example" : "";
    target.trust_server_certificate = GetParam().trust;
    return target;
  }
  static void Expect(const DriverProfile& driver, const TlsAnswer& answer) {
    const SqlTarget target = Target();
    const Status checked = driver.Check(target);
    ASSERT_EQ(checked.ok(), std::string_view(answer.refused).empty());
    if (!checked.ok()) {
      EXPECT_EQ(checked.error().kind, ErrorKind::kUnsupported);
      EXPECT_EQ(checked.error().reason, "TlsUnsupported");
      EXPECT_THAT(checked.error().message, HasSubstr(answer.refused));
      EXPECT_THAT(checked.error().message, HasSubstr("--odbc-driver ")) << "the alternative";
      return;
    }
    EXPECT_EQ(driver.CompanionOf(target), answer.companion);
    EXPECT_EQ(driver.Verifies(target), answer.verifies);
    const std::string companion = answer.companion == Companion::kNone ? "" : "beside";
    EXPECT_THAT(std::string(driver.ConnectionString("/d.so", target, companion).Reveal()),
                HasSubstr(answer.keywords));
  }
};

TEST_P(DriverTls, WithFreeTdsIsDoneOrRefused) { Expect(FreeTdsProfile(), GetParam().freetds); }
TEST_P(DriverTls, WithMicrosoftsDriverIsDoneOrRefused) {
  Expect(MicrosoftProfile(), GetParam().microsoft);
}

INSTANTIATE_TEST_SUITE_P(Combinations, DriverTls, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace milink::sql
