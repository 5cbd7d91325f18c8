#include "core/pki/pvk.h"

#include <gtest/gtest.h>

#include "tests/sim/world/pvk.h"
#include "tests/unit/pki/rsa_pair.h"

namespace milink::pki {
namespace {

constexpr std::size_t kHeader = 24;
constexpr std::size_t kSalt = 16;

std::string Put(std::string text, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) {
    text[at + i] = static_cast<char>(number >> (8 * i) & 0xFF);
  }
  return text;
}

std::string ReasonOf(const std::string& pvk, const std::string& password) {
  const auto key = PrivateKeyFromPvk(Secret(pvk), Secret(password));
  return key.ok() ? "" : key.error().reason;
}

TEST(PvkTest, AKeyIsReadHoweverItIsEncrypted) {
  const auto& pair = test::OurPair();
  const auto clear = PrivateKeyFromPvk(Secret(sim::MakePvk(pair.key_pem, "")), Secret());
  ASSERT_TRUE(clear.ok()) << ToString(clear.error());
  for (const bool weak : {false, true}) {
    const auto key =
        PrivateKeyFromPvk(Secret(sim::MakePvk(pair.key_pem, "Pa$$", weak)), Secret("Pa$$"));
    ASSERT_TRUE(key.ok()) << ToString(key.error());
    EXPECT_TRUE(key->SameAs(*clear));
  }
}

TEST(PvkTest, ThePasswordMayHaveBeenTakenAsUtf16) {
  const std::string wide("P\0a\0", 4);
  EXPECT_EQ(ReasonOf(sim::MakePvk(test::OurPair().key_pem, wide), "Pa"), "");
  EXPECT_EQ(ReasonOf(sim::MakePvk(test::OurPair().key_pem, wide, true), "Pa"), "");
  EXPECT_EQ(ReasonOf(sim::MakePvk(test::OurPair().key_pem, wide), "pa"), "PrivateKeyUnreadable");
}

TEST(PvkTest, AnotherPasswordIsRefused) {
  const std::string pvk = sim::MakePvk(test::OurPair().key_pem, "right");
  for (const char* wrong : {"", "Right", "right "}) {
    EXPECT_EQ(ReasonOf(pvk, wrong), "PrivateKeyUnreadable") << wrong;
  }
}

TEST(PvkTest, AHeaderThatLiesIsRefused) {
  struct Case {
    const char* name;
    std::string pvk;
    const char* reason;
  };
  const std::string good = sim::MakePvk(test::OurPair().key_pem, "p");
  const std::string clear = sim::MakePvk(test::OurPair().key_pem, "");
  const auto size = static_cast<std::uint32_t>(good.size());
  const Case cases[] = {
      {"nothing", "", "PrivateKeyUnreadable"},
      {"a header alone", good.substr(0, kHeader), "PrivateKeyUnreadable"},
      {"another magic", Put(good, 0, 1), "PrivateKeyUnreadable"},
      {"encrypted without salt", Put(clear, 12, 1), "PrivateKeyUnreadable"},
      {"salt without encryption", Put(good, 12, 0), "PrivateKeyUnreadable"},
      {"a salt beyond the end", Put(good, 16, size), "PrivateKeyUnreadable"},
      {"a salt of 4 GiB", Put(good, 16, 0xFFFFFFFF), "PrivateKeyUnreadable"},
      {"a blob beyond the end", Put(good, 20, size), "PrivateKeyUnreadable"},
      {"a blob of 4 GiB", Put(good, 20, 0xFFFFFFFF), "PrivateKeyUnreadable"},
      {"an empty blob", Put(good.substr(0, kHeader + kSalt), 20, 0), "PrivateKeyUnreadable"},
      {"more behind it", good + "x", "PrivateKeyUnreadable"},
      {"a key of 512 bits", Put(clear, kHeader + 12, 512), "PrivateKeyUnsupported"},
      {"a key of 8192 bits", Put(clear, kHeader + 12, 8'192), "PrivateKeyUnsupported"},
      {"a key of an odd size", Put(clear, kHeader + 12, 1'025), "PrivateKeyUnsupported"},
      {"a longer key than there is", Put(clear, kHeader + 12, 4'096), "PrivateKeyUnreadable"},
      {"no RSA key", Put(clear, kHeader + 8, 0x32535344), "PrivateKeyUnsupported"},
      {"a public key", Put(clear, kHeader, 0x0206), "PrivateKeyUnreadable"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ReasonOf(c.pvk, "p"), c.reason) << c.name;
  }
}

// However it was cut or tipped, it is refused: never read beyond, never half taken.
TEST(PvkTest, ADamagedFileIsRefused) {
  const std::string good = sim::MakePvk(test::OurPair().key_pem, "p");
  for (std::size_t size = 0; size < good.size(); size += 7) {
    EXPECT_NE(ReasonOf(good.substr(0, size), "p"), "") << size;
  }
  // The blob: behind its own header of 8 bytes the cipher hides nothing of a tipped bit.
  for (std::size_t at = kHeader + kSalt + 8; at < good.size(); at += 5) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    EXPECT_NE(ReasonOf(bad, "p"), "") << at;
  }
}

TEST(PvkTest, ARefusalShowsNothingOfTheKey) {
  const std::string pvk = sim::MakePvk(test::OurPair().key_pem, "");
  std::string bad = pvk;
  bad[bad.size() - 1] = static_cast<char>(bad.back() ^ 1);
  const auto key = PrivateKeyFromPvk(Secret(bad), Secret("hush"));
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(ToString(key.error()).find("hush"), std::string::npos);
  EXPECT_LT(ToString(key.error()).size(), 200U);
}

}  // namespace
}  // namespace milink::pki
