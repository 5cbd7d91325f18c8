#include "core/pki/root_authorities.h"

#include <gtest/gtest.h>

#include "core/base/time_format.h"
#include "core/pki/certificate.h"
#include "tests/sim/world/x509.h"

namespace milink::pki {
namespace {

struct RootCase {
  std::string sql_name;
  std::string common_name;
  std::string serial;
  std::string last_day;
  std::string thumbprint;
  std::size_t size;
};

TEST(RootAuthoritiesTest, AreTheTwoPublishedOnes) {
  const std::vector<RootCase> expected = {
      {"MicrosoftPKI", "Microsoft RSA Root Certificate Authority 2017",
       "1ED397095FD8B4B347701EAABE7F45B3", "20420718", "73A5E64A3BFF8316FF0EDCCC618A906E4EAE4D74",
       1452},
      {"DigiCertPKI", "DigiCert Global Root G2", "033AF1E6A711A9A0BB2864B11D09FAE5", "20380115",
       "DF3C24F9BFD666761B268073FE06D1CC8D4F82A4", 914}};
  const auto roots = RootAuthorities();
  ASSERT_EQ(roots.size(), expected.size());
  for (std::size_t i = 0; i < roots.size(); ++i) {
    EXPECT_EQ(roots[i].sql_name.str(), expected[i].sql_name);
    EXPECT_EQ(roots[i].common_name, expected[i].common_name);
    EXPECT_EQ(roots[i].thumbprint, expected[i].thumbprint);
    EXPECT_EQ(roots[i].der.size(), expected[i].size);
    const auto info = ParseCertificate(roots[i].der);
    ASSERT_TRUE(info.ok());
    EXPECT_EQ(info->serial, expected[i].serial);
    EXPECT_EQ(FormatSqlDate(info->not_after), expected[i].last_day);
    EXPECT_TRUE(info->authority);
    EXPECT_TRUE(*IssuedBy(roots[i].der, roots[i].der));
  }
}

std::string AuthorityPem(const std::string& common_name, bool authority = true) {
  const TimePoint now = *ParseRfc3339("2026-11-21T10:00:00Z");
  return sim::MakeCertificate({.common_name = common_name,
                               .dns_names = {},
                               .not_before = now,
                               .not_after = now + std::chrono::hours(24),
                               .authority = authority})
      .certificate_pem;
}

TEST(ReadRootAuthoritiesTest, ReadsEveryCertificateOnceAndNamesItByItsCommonName) {
  const std::string one = AuthorityPem("Corp Root ]G3'");
  const std::string text = "# of the corporation\n" + one + "\n" + AuthorityPem("Other") + one;
  const auto roots = ReadRootAuthorities(text, {});
  ASSERT_TRUE(roots.ok()) << ToString(roots.error());
  ASSERT_EQ(roots->size(), 2U);
  EXPECT_EQ(roots->at(0).common_name, "Corp Root ]G3'");
  EXPECT_EQ(roots->at(0).sql_name.str(), "Corp_Root__G3__" + roots->at(0).thumbprint.substr(0, 8));
  EXPECT_EQ(roots->at(0).thumbprint, Thumbprint(roots->at(0).der));
}

TEST(ReadRootAuthoritiesTest, LeavesOutWhatIsKnown) {
  const auto known = ReadRootAuthorities(AuthorityPem("Known"), {});
  ASSERT_TRUE(known.ok());
  const std::string one = AuthorityPem("New");
  EXPECT_EQ(ReadRootAuthorities(one, *known)->size(), 1U);
  EXPECT_TRUE(ReadRootAuthorities(one, *ReadRootAuthorities(one, {}))->empty());
}

TEST(ReadRootAuthoritiesTest, RefusesWhatIsNoListOfAuthorities) {
  const std::string good = AuthorityPem("Good");
  for (const std::string& text :
       {std::string(), std::string("hello"), AuthorityPem("Leaf", false),
        good + "-----BEGIN CERTIFICATE-----\nAAAA", good.substr(0, good.size() / 2),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
    const auto roots = ReadRootAuthorities(text, {});
    ASSERT_FALSE(roots.ok()) << text;
    EXPECT_EQ(roots.error().reason, "CertificateUnreadable");
  }
}

}  // namespace
}  // namespace milink::pki
