#include "core/sql/connection_string.h"

#include <gtest/gtest.h>

namespace milink::sql {
namespace {

SqlTarget StringTarget() {
  SqlTarget target;
  target.host = "sql1.corp.example";
  target.port = 1433;
  target.user = "milink";
  target.password = Secret("p}w");
  return target;
}

TEST(ConnectionStringTest, VerifiedFormNamesTheSection) {
  EXPECT_EQ(FreeTdsConnectionString("/d.so", StringTarget(), "milink7").Reveal(),
            "DRIVER={/d.so};Servername=milink7;TDS_Version=7.4;Database=master;"
            "APP=milink-operator;UID={milink};PWD={p}w};");
}

TEST(ConnectionStringTest, UnverifiedFormStillEncrypts) {
  SqlTarget target = StringTarget();
  target.trust_server_certificate = true;
  EXPECT_EQ(RecipeOf(target), TlsRecipe::kUnverified);
  const Secret text = FreeTdsConnectionString("/d.so", target, "");
  EXPECT_NE(text.Reveal().find("Server=sql1.corp.example,1433;Encryption=require;"),
            std::string_view::npos);
}

TEST(ConnectionStringTest, OptionalAsksForEncryption) {
  SqlTarget target = StringTarget();
  target.tls = TlsMode::kOptional;
  EXPECT_EQ(RecipeOf(target), TlsRecipe::kIfOffered);
  EXPECT_NE(FreeTdsConnectionString("/d.so", target, "").Reveal().find("Encryption=request;"),
            std::string_view::npos);
}

TEST(ConnectionStringTest, RecipeFollowsModeAndTrust) {
  SqlTarget target = StringTarget();
  EXPECT_EQ(RecipeOf(target), TlsRecipe::kVerified);
  target.tls = TlsMode::kOptional;
  target.ca_pem = "pem";
  EXPECT_EQ(RecipeOf(target), TlsRecipe::kVerified);
  target.trust_server_certificate = true;
  EXPECT_EQ(RecipeOf(target), TlsRecipe::kIfOffered);
}

TEST(FreeTdsSectionTest, HoldsAddressAndCa) {
  SqlTarget target = StringTarget();
  target.host = "fd00::1";
  EXPECT_EQ(FreeTdsSection(target, "milink1", "/proc/self/fd/9"),
            "[milink1]\n\thost = fd00::1\n\tport = 1433\n\ttds version = 7.4\n"
            "\tencryption = require\n\tca file = /proc/self/fd/9\n"
            "\tcheck certificate hostname = yes\n");
}

TEST(CheckTargetTest, RefusesWhatCannotBeWrittenDown) {
  EXPECT_TRUE(CheckTarget(StringTarget()).ok());
  for (const std::string& host : {std::string(), std::string("a b"), std::string("h;PWD=x"),
                                  std::string("[::1]"), std::string(241, 'a')}) {
    SqlTarget target = StringTarget();
    target.host = host;
    EXPECT_EQ(CheckTarget(target).error().reason, "AddressNotAllowed") << host;
  }
  for (const char* const user : {"", "CORP\\user", "u};x"}) {
    SqlTarget target = StringTarget();
    target.user = user;
    EXPECT_EQ(CheckTarget(target).error().reason, "UserNotAllowed") << user;
  }
}

TEST(CheckTargetTest, RefusesWhatTheDriverWouldDoDifferently) {
  SqlTarget strict = StringTarget();
  strict.tls = TlsMode::kStrict;
  EXPECT_EQ(CheckTarget(strict).error().reason, "TlsUnsupported");
  EXPECT_EQ(CheckTarget(strict).error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(CheckTarget(strict).error().message.find("Mandatory"), std::string::npos);
  SqlTarget named = StringTarget();
  named.server_name = "sql.other.example";
  EXPECT_EQ(CheckTarget(named).error().reason, "TlsUnsupported");
  EXPECT_NE(CheckTarget(named).error().message.find("sql.other.example"), std::string::npos);
  named.host = "SQL.other.example";
  EXPECT_TRUE(CheckTarget(named).ok());
}

TEST(CheckTargetTest, NamesTheKeyOfAPasswordThatCannotBeGivenAndNotItsValue) {
  for (const std::string& password :
       {std::string("hush};x"), std::string("hush\0x", 6), std::string("hush\xFF")}) {
    SqlTarget target = StringTarget();
    target.password = Secret(password);
    const Status checked = CheckTarget(target);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(checked.error().reason, "PasswordNotAllowed");
    EXPECT_NE(checked.error().message.find("'password'"), std::string::npos);
    EXPECT_EQ(ToString(checked.error()).find("hush"), std::string::npos);
  }
}

}  // namespace
}  // namespace milink::sql
