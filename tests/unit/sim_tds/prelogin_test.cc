#include "tests/sim/tds/prelogin.h"

#include <gtest/gtest.h>

#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

using enum EncryptionChoice::Scope;

// As FreeTDS 1.3 sends it.
constexpr const char* kFreeTds =
    "00 001A 0006  01 0020 0001  02 0021 000C  03 002D 0004  04 0031 0001  FF"
    "09 00 00 00 00 00 | 01 | 4D5353514C53657276657200 | 0A0B0C0D | 00";

TEST(ParsePrelogin, ReadsTheMessageOfFreeTds) {
  const auto request = ParsePrelogin(Bin(kFreeTds));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->encryption, Encryption::kOn);
  EXPECT_FALSE(request->asks_federated);
}

TEST(ParsePrelogin, NoticesThatTokenLoginsAreOffered) {
  const auto request = ParsePrelogin(Bin("06 0006 0001 FF 01"));
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->asks_federated);
  EXPECT_EQ(request->encryption, Encryption::kNotSupported);
}

TEST(ParsePrelogin, RefusesMalformedMessages) {
  struct Case {
    const char* name;
    const char* bytes;
  };
  for (const Case& c :
       {Case{"empty", ""}, Case{"no terminator", "00 0006 0000"},
        Case{"offset outside", "01 00FF 0001 FF 00"}, Case{"length outside", "01 0006 0009 FF 00"},
        Case{"unknown encryption", "01 0006 0001 FF 07"},
        Case{"empty encryption", "01 0006 0000 FF"}}) {
    EXPECT_FALSE(ParsePrelogin(Bin(c.bytes)).ok()) << c.name;
  }
}

TEST(ChooseEncryption, FollowsTheTableOfTheSpecification) {
  struct Case {
    Encryption client;
    ServerEncryption server;
    EncryptionChoice expected;
  };
  using enum Encryption;
  const Case cases[] = {{kOff, ServerEncryption::kOff, {kOff, kLoginOnly, false}},
                        {kOn, ServerEncryption::kOff, {kOn, kWhole, false}},
                        {kNotSupported, ServerEncryption::kOff, {kNotSupported, kNone, false}},
                        {kRequired, ServerEncryption::kOff, {kOn, kWhole, false}},
                        {kOff, ServerEncryption::kOn, {kRequired, kWhole, false}},
                        {kOn, ServerEncryption::kOn, {kOn, kWhole, false}},
                        {kNotSupported, ServerEncryption::kOn, {kRequired, kWhole, true}},
                        {kRequired, ServerEncryption::kOn, {kOn, kWhole, false}},
                        {kOff, ServerEncryption::kNoTls, {kNotSupported, kNone, false}},
                        {kOn, ServerEncryption::kNoTls, {kNotSupported, kNone, true}},
                        {kNotSupported, ServerEncryption::kNoTls, {kNotSupported, kNone, false}},
                        {kRequired, ServerEncryption::kNoTls, {kNotSupported, kNone, true}}};
  for (const Case& c : cases) {
    EXPECT_EQ(ChooseEncryption(c.client, c.server), c.expected)
        << "client " << static_cast<int>(c.client) << " server " << static_cast<int>(c.server);
  }
}

TEST(EncodePreloginReply, IsTheSufficientAnswer) {
  EXPECT_EQ(Hex(EncodePreloginReply("16.0.1000.6", Encryption::kOn, false)),
            Plain("00 001A 0006  01 0020 0001  02 0021 0001  03 0022 0000  04 0022 0001  FF"
                  "10 00 03E8 0000 | 01 | 00 | 00"));
}

TEST(EncodePreloginReply, AllowsTokenLoginsWhenAsked) {
  EXPECT_EQ(Hex(EncodePreloginReply("16", Encryption::kOff, true)),
            Plain("00 001F 0006  01 0025 0001  02 0026 0001  03 0027 0000  04 0027 0001"
                  "06 0028 0001  FF | 10 00 0000 0000 | 00 | 00 | 00 | 01"));
}

}  // namespace
}  // namespace milink::sim::tds
