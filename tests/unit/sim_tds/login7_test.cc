#include "tests/sim/tds/login7.h"

#include <gtest/gtest.h>

#include "tests/sim/tds/testing/raw_client.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

TEST(Password, IsSwappedAndXored) {
  EXPECT_EQ(Hex(ObfuscatePassword("a")), Plain("B3 A5"));
  EXPECT_EQ(RevealPassword(Bin("B3 A5")), "a");
  EXPECT_EQ(RevealPassword(ObfuscatePassword("Pä$$ wörd{}; 😀")), "Pä$$ wörd{}; 😀");
}

TEST(ParseLogin7, ReadsEveryField) {
  const auto login = ParseLogin7(
      EncodeLogin7({.user = "säm", .password = "p;w}", .database = "db", .packet_size = 8000}));
  ASSERT_TRUE(login.ok());
  EXPECT_EQ(login->user, "säm");
  EXPECT_EQ(login->password, "p;w}");
  EXPECT_EQ(login->database, "db");
  EXPECT_EQ(login->host, "testhost");
  EXPECT_EQ(login->application, "raw client");
  EXPECT_EQ(login->server, "server");
  EXPECT_EQ(login->packet_size, 8000U);
  EXPECT_EQ(login->tds_version, 0x74000004U);
  EXPECT_FALSE(login->integrated_security);
  EXPECT_TRUE(login->has_features);
  EXPECT_FALSE(login->access_token);
}

TEST(ParseLogin7, ReadsATokenLogin) {
  const auto login =
      ParseLogin7(EncodeLogin7({.user = "", .password = "", .access_token = "eyJ.x.y"}));
  ASSERT_TRUE(login.ok());
  EXPECT_EQ(login->access_token, "eyJ.x.y");
}

TEST(ParseLogin7, SeesIntegratedSecurity) {
  const auto login = ParseLogin7(EncodeLogin7({.integrated_security = true}));
  ASSERT_TRUE(login.ok());
  EXPECT_TRUE(login->integrated_security);
}

TEST(ParseLogin7, AcceptsAnyOffsetOfAnEmptyField) {
  std::string message = EncodeLogin7({});
  message.replace(68, 4, Bin("FFFF 0000"));  // database
  const auto login = ParseLogin7(message);
  ASSERT_TRUE(login.ok());
  EXPECT_EQ(login->database, "");
}

TEST(ParseLogin7, RefusesFieldsOutsideTheMessage) {
  struct Case {
    const char* name;
    std::size_t at;
    const char* bytes;
  };
  const Case cases[] = {
      {"total length too long", 0, "FFFFFFFF"}, {"total length too short", 0, "10000000"},
      {"host offset", 36, "FFFF 0100"},         {"user length", 42, "FFFF"},
      {"password length", 46, "FF7F"},          {"extension offset", 56, "FFFF 0400"},
      {"extension too short", 58, "0300"},      {"database length", 68, "5E00 FFFF"}};
  for (const Case& c : cases) {
    std::string message = EncodeLogin7({});
    const std::string bytes = Bin(c.bytes);
    message.replace(c.at, bytes.size(), bytes);
    EXPECT_FALSE(ParseLogin7(message).ok()) << c.name;
  }
  EXPECT_FALSE(ParseLogin7("").ok());
  EXPECT_FALSE(ParseLogin7(EncodeLogin7({}).substr(0, 93)).ok());
}

TEST(ChoosePacketSize, StaysInTheLegalRange) {
  EXPECT_EQ(ChoosePacketSize(0), 4096U);
  EXPECT_EQ(ChoosePacketSize(1), 512U);
  EXPECT_EQ(ChoosePacketSize(8000), 8000U);
  EXPECT_EQ(ChoosePacketSize(65535), 32767U);
}

}  // namespace
}  // namespace milink::sim::tds
