#include "core/sql/freetds_profile.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

SqlTarget FreeTdsTarget() {
  SqlTarget target;
  target.host = "sql1.corp.example";
  target.user = "milink";
  target.password = Secret("p}w");
  return target;
}

TEST(FreeTdsProfileTest, TheVerifiedFormNamesTheSection) {
  EXPECT_EQ(FreeTdsProfile().ConnectionString("/d.so", FreeTdsTarget(), "milink7").Reveal(),
            "DRIVER={/d.so};Servername=milink7;TDS_Version=7.4;Database=master;"
            "APP=milink-operator;UID={milink};PWD={p}w};");
}

TEST(FreeTdsProfileTest, TheUnverifiedFormHasTheAddress) {
  SqlTarget target = FreeTdsTarget();
  target.trust_server_certificate = true;
  EXPECT_EQ(FreeTdsProfile().ConnectionString("/d.so", target, "").Reveal(),
            "DRIVER={/d.so};Server=sql1.corp.example,1433;Encryption=require;TDS_Version=7.4;"
            "Database=master;APP=milink-operator;UID={milink};PWD={p}w};");
}

TEST(FreeTdsProfileTest, TheSectionHoldsAddressAndAuthority) {
  SqlTarget target = FreeTdsTarget();
  target.host = "fd00::1";
  EXPECT_EQ(FreeTdsSection(target, "milink1", "/proc/self/fd/9"),
            "[milink1]\n\thost = fd00::1\n\tport = 1433\n\ttds version = 7.4\n"
            "\tencryption = require\n\tca file = /proc/self/fd/9\n"
            "\tcheck certificate hostname = yes\n");
}

TEST(FreeTdsProfileTest, AServerNameThatIsTheHostNeedsNothing) {
  SqlTarget target = FreeTdsTarget();
  target.server_name = "SQL1.corp.example";
  EXPECT_TRUE(FreeTdsProfile().Check(target).ok());
}

// It would take everything up to there, and the rest for keywords.
TEST(FreeTdsProfileTest, ABraceBeforeASemicolonIsRefusedAndNotShown) {
  SqlTarget target = FreeTdsTarget();
  target.user = "u};x";
  EXPECT_EQ(FreeTdsProfile().Check(target).error().reason, "UserNotAllowed");
  target = FreeTdsTarget();
  target.password = Secret("hush};x");
  const Status checked = FreeTdsProfile().Check(target);
  EXPECT_EQ(checked.error().reason, "PasswordNotAllowed");
  EXPECT_EQ(ToString(checked.error()).find("hush"), std::string::npos);
}

}  // namespace
}  // namespace milink::sql
